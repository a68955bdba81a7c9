//! The accounts and their rules. Handlers check relations, call a method here, and move accounts.
//!
//! All accounts are zero-copy: one field, one fixed offset (so that one `memcmp` filter lists an account
//! by it), and a tenth of the code that Borsh accounts would need on chain.

pub mod audit;
pub mod blob;
pub mod config;
pub mod delegate;
pub mod folder;
pub mod grant;
pub mod meta;
pub mod profile;
pub mod purpose;
pub mod record;
pub mod request;

pub use audit::{Action, Audited, Entry, Link};
pub use blob::{Blob, SealedTo, Swap};
pub use config::{Config, Settings};
pub use delegate::Delegate;
pub use folder::{Folder, Writer};
pub use grant::{Grant, ScopeKind, Terms};
pub use meta::{Layout, Meta, Shape};
pub use profile::Profile;
pub use purpose::Purpose;
pub use record::{Content, HeadSwap, Record};
pub use request::{Ask, Request};

/// The newest shapes of all types.
pub const SHAPES: [Shape; 7] = [
    Shape::of::<Config>(),
    Shape::of::<Profile>(),
    Shape::of::<Delegate>(),
    Shape::of::<Folder>(),
    Shape::of::<Record>(),
    Shape::of::<Grant>(),
    Shape::of::<Request>(),
];
