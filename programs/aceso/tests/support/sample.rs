//! Digests, lengths and terms that differ by name.

use aceso::{
    constants::*,
    state::{Blob, Content, Purpose, Swap, Terms},
};

use super::address::Address;

pub const DAY_SECS: i64 = 24 * 60 * 60;

pub fn digest(name: &str) -> [u8; 32] {
    solana_sha256_hasher::hashv(&[b"aceso/test/blob", name.as_bytes()]).to_bytes()
}

pub fn id(name: &str) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&digest(name)[..16]);
    id
}

/// An id whose addresses all have the highest bump: their search on chain succeeds at once. So does a client that cares
/// for compute units choose its ids.
pub fn cheap_id(name: &str, addresses: impl Fn(&[u8; 16]) -> Vec<Address>) -> [u8; 16] {
    (0..)
        .map(|n| id(&format!("{name} {n}")))
        .find(|id| addresses(id).iter().all(|(_, bump)| *bump == 255))
        .expect("half of all ids will do")
}

pub fn blob(name: &str) -> Blob {
    Blob { digest: digest(name), len: 4_096 + name.len() as u32 }
}

pub fn content(name: &str) -> Content {
    Content { digest: digest(name), len: 1_000_000 + name.len() as u64 }
}

/// `new` in place of `old`.
pub fn swap(old: &str, new: &str) -> Swap {
    Swap { expected: digest(old), blob: blob(new) }
}

/// Treatment, everything permitted, from now for `secs`.
pub fn terms(now_secs: i64, secs: i64) -> Terms {
    Terms {
        purpose: Purpose::Treatment as u8,
        permissions: PERMIT_ALL,
        from_secs: now_secs,
        until_secs: now_secs + secs,
    }
}

/// The same without an end.
pub fn endless(now_secs: i64) -> Terms {
    Terms { until_secs: NO_END, ..terms(now_secs, 1) }
}
