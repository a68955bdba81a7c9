//! Between a local file and a sealed blob, in one pass and a few MiB of memory whatever the size:
//! sealing into a store, and opening into a file that appears only when all of it is authentic.

mod chunks;
mod digest;
pub(crate) mod draft;
mod error;
mod input;
mod intake;
mod open;
mod pipeline;
mod progress;
mod seal;

pub use digest::sha256;
pub use draft::discard_drafts;
pub use error::FileError;
pub use input::Input;
pub use open::{Opened, Output, open, open_file, open_range};
pub use progress::{Progress, Silent};
pub use seal::{Hashes, Note, SealedContent, seal, seal_noted, seal_to_file, seal_to_writer};
