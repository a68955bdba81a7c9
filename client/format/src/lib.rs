//! The bytes of Aceso: what is stored, what is signed and what is sealed to whom. [`SPEC.md`] gives every layout.
//!
//! No I/O, no clock, no async, no Solana types, no global state: randomness is an argument, addresses are 32 bytes. So
//! one implementation serves the native clients and the browser, and the vectors in `testdata/` bind both.
//!
//! Goals: what is stored tells nothing but a padded length; nothing opens under a key, record or version it was not made
//! for; one who lies about accounts, keys or bytes is caught here. Non-goals: hiding who shares with whom (the chain shows
//! it), recalling what was read, protecting an unlocked device.
//!
//! [`SPEC.md`]: https://github.com/aceso-health/aceso/blob/main/client/format/SPEC.md

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod address;
pub mod bundle;
mod cid;
pub mod cobblestone;
mod codec;
pub mod content;
pub mod copy;
pub mod engine;
pub mod error;
mod hash;
pub mod head;
mod head_draft;
pub mod header;
mod history;
pub mod key;
pub mod keyring;
pub mod label;
pub mod manifest;
pub mod mask;
mod node;
pub mod pack;
pub mod packet;
pub mod padding;
mod proof_builder;
mod proof_hash;
pub mod proof_tree;
mod proof_upper;
pub mod reason;
pub mod recipient;
mod signature;
pub mod stream;
mod stream_content;

pub use address::BlobAddress;
pub use error::{Error, Result};
pub use rand_core;

/// An address on the chain (of a profile, a folder, a record, a program): 32 bytes, opaque here.
pub type Address32 = [u8; 32];
