//! What several of the tests need.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod chain;
pub mod daemon;
pub mod market;
pub mod s3;

use aceso_format::{BlobAddress, proof_tree};
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

pub fn address(bytes: &[u8]) -> BlobAddress {
    BlobAddress::of(bytes)
}

pub fn root(bytes: &[u8]) -> [u8; 32] {
    proof_tree::root(bytes).unwrap()
}

/// Resident memory of this process, bytes.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

pub const S3_SECRET: &str = "a-secret-that-nobody-may-see";

pub fn s3_store(s3: &s3::S3) -> aceso_peer::storage::BucketStorage {
    let config = aceso_peer::config::S3 {
        bucket: "b".to_owned(),
        prefix: "objects".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(s3.url.clone()),
    };
    let keys = aceso_peer::storage::BucketKeys {
        id: "id".to_owned(),
        secret: S3_SECRET.to_owned().into(),
        token: None,
    };
    aceso_peer::storage::BucketStorage::connect(&config, &keys).unwrap()
}
