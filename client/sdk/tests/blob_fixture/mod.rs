//! What several of the blob tests need: bytes, sources, a private Kubo node, a server that can be
//! told to misbehave.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod kubo;
pub mod server;

use std::sync::Arc;

use aceso_sdk::blob::{BlobStore, Leaf, LeafSource, SourceError};
use async_trait::async_trait;
use bytes::Bytes;

pub const MIB: usize = 1 << 20;

/// Bytes that repeat nowhere, so that a block in a wrong place is noticed.
pub fn sample(len: usize, seed: u64) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        // xorshift64*
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    bytes.truncate(len);
    bytes.into()
}

/// Gives some leaves and then fails, like a network or a disk that goes away.
pub struct BreakingSource {
    pub leaves: usize,
    pub seed: u64,
}

#[async_trait]
impl LeafSource for BreakingSource {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        if self.leaves == 0 {
            return Err("the source broke".into());
        }
        self.leaves -= 1;
        self.seed += 1;
        Ok(Some(Leaf::new(sample(MIB, self.seed))))
    }
}

/// The same leaf again and again: a big blob that costs no time to make.
pub struct RepeatingSource {
    pub leaf: Leaf,
    pub times: usize,
    pub last: Option<Leaf>,
}

#[async_trait]
impl LeafSource for RepeatingSource {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        if self.times == 0 {
            return Ok(self.last.take());
        }
        self.times -= 1;
        Ok(Some(self.leaf.clone()))
    }
}

pub async fn read_all(store: &Arc<dyn BlobStore>, blob: aceso_sdk::blob::BlobAddress) -> Bytes {
    store.get(blob).unwrap().collect().await.unwrap()
}
