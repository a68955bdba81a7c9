//! Where ciphertext is kept. A blob is named by digest and length; every store is asked for its
//! blocks, and no byte of an answer is used before its block was checked against that name.

mod block;
pub(crate) mod buffer;
mod copy;
mod copy_address;
mod copy_store;
mod directory;
mod error;
mod failover;
mod gateway;
mod http;
mod kubo;
mod leaf;
mod nodes;
mod peer;
mod reader;
mod store;

pub use aceso_format::BlobAddress;
pub use block::Block;
pub use copy::{CopyPart, CopyReader, CopyRecipe};
pub use copy_address::CopyHasher;
pub use copy_store::{CopyPiece, CopyStore};
pub use directory::DirectoryStore;
pub use error::BlobError;
pub(crate) use error::out_of_space;
pub use failover::{FailoverStore, ReadOrder};
pub use gateway::GatewayStore;
pub use kubo::KuboStore;
pub use leaf::{BytesSource, LEAF_LEN, Leaf, LeafSource, ReadSource, SourceError};
pub use peer::{PeerCaller, PeerStore};
pub use reader::BlobReader;
pub use store::BlobStore;
