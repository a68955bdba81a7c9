use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::LEAF_LEN;

/// Buffers of one leaf each that nobody uses at the moment. Fresh ones cost page faults, and on
/// many threads the allocator would keep some for each: memory that grows with the machine.
static SPARE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
/// As many as one transfer has in use at once.
const MOST_SPARE: usize = 8;
/// So little is not worth a whole leaf.
const SMALL: usize = 64 << 10;

/// An empty buffer that holds `len` bytes without growing, `len` being at most a leaf.
pub(crate) fn take(len: usize) -> Vec<u8> {
    if len <= SMALL {
        return Vec::with_capacity(len);
    }
    let mut buffer = spare();
    buffer.clear();
    buffer
}

/// A buffer as long as a leaf, to be written over: what is in it has no meaning.
pub(crate) fn take_leaf() -> Vec<u8> {
    let mut buffer = spare();
    buffer.resize(LEAF_LEN, 0);
    buffer
}

fn spare() -> Vec<u8> {
    let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    spare.unwrap_or_else(|| Vec::with_capacity(LEAF_LEN))
}

/// Shares a buffer of ciphertext; it is spare again when the last one who reads it is done.
pub(crate) fn lend(buffer: Vec<u8>) -> Bytes {
    if buffer.capacity() < LEAF_LEN { buffer.into() } else { Bytes::from_owner(Lent(buffer)) }
}

struct Lent(Vec<u8>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MOST_SPARE {
            spare.push(buffer);
        }
    }
}
