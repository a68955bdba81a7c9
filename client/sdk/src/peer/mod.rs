//! Talking to storage peers: requests that a wallet signs (HTTP Message Signatures, RFC 9421).
//!
//! [`message`] is what is signed, on both sides; [`sign`] is the client's; the daemon (client/peer) verifies.

mod endpoint;
mod error;
pub mod message;
mod sign;

pub use endpoint::{endpoint, host};
pub use error::PeerError;
pub use message::{Claims, Message, tag};
pub use sign::{PeerRequest, SignedHeaders, sign};
