//! Values that are typed: each is read once, here, into something that cannot be wrong.

mod address;
mod bytes;
mod code;
mod sol;
mod terms;
mod when;

pub use address::Address;
pub use bytes::{ByteRange, Size};
pub use code::{CodeArg, FhirType};
pub use sol::Sol;
pub use terms::{CapabilityArg, Permission, PurposeArg, purpose_word};
pub use when::{Span, When};
