use std::fmt;

use aceso_format::{BlobAddress, address::Branch};
use bytes::Bytes;

use super::BlobError;

/// More than any node of 1024 links takes, far less than a hostile server would like to send.
const NODE_LEN: u64 = 128 << 10;
/// Hashing more than this is too long for a thread that drives sockets.
const INLINE_LEN: usize = 64 << 10;

/// One block of a blob whose bytes are those of its address: it cannot be made otherwise, so what a
/// [`super::BlobStore`] hands over has been checked, whichever store it came from.
#[derive(Clone)]
pub struct Block {
    branch: Branch,
    bytes: Bytes,
    children: Vec<Branch>,
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({}, {} bytes)", self.branch.cid, self.bytes.len())
    }
}

impl Block {
    /// The most bytes that a store may send for this block.
    pub fn cap(branch: &Branch) -> u64 {
        if branch.is_leaf() { branch.len } else { NODE_LEN }
    }

    /// Checks what a store answered: digest, length and, of a node, the shape that the blob's
    /// length prescribes.
    pub async fn verify(
        store: &str,
        blob: &BlobAddress,
        branch: &Branch,
        bytes: impl Into<Bytes>,
    ) -> Result<Self, BlobError> {
        let (branch, bytes) = (*branch, bytes.into());
        let children = if bytes.len() <= INLINE_LEN {
            check(&branch, &bytes)
        } else {
            let bytes = bytes.clone();
            let hashing = tokio::task::spawn_blocking(move || check(&branch, &bytes));
            hashing.await.map_err(|e| BlobError::Worker(e.to_string()))?
        };
        let mismatch =
            |_| BlobError::Mismatch { store: store.to_owned(), expected: blob.cid_string() };
        Ok(Self { branch, bytes, children: children.map_err(mismatch)? })
    }

    pub fn branch(&self) -> &Branch {
        &self.branch
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The blocks below a node, in order; none below a leaf.
    pub fn children(&self) -> &[Branch] {
        &self.children
    }
}

fn check(branch: &Branch, bytes: &[u8]) -> aceso_format::Result<Vec<Branch>> {
    if branch.is_leaf() {
        branch.verify_leaf(bytes).map(|()| Vec::new())
    } else {
        branch.children(bytes)
    }
}
