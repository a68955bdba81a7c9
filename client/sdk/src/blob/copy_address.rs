//! CID and proof tree of bytes that stream by, on as many threads as there are: each leaf of a MiB is hashed for both on its
//! own, and only the few hashes above the leaves are put together in order.

use std::{collections::VecDeque, thread};

use aceso_format::{
    address::{TreeBuilder, leaf_digest},
    copy::CopyAddress,
    proof_tree::{self, BlockTreeBuilder, block_hash},
};
use bytes::Bytes;
use tokio::task::JoinHandle;

use super::{BlobError, LEAF_LEN, buffer, copy::worker};

/// More leaves than this in work wait for whoever reads them.
const MOST_THREADS: usize = 4;

/// A leaf's part in both trees.
struct Hashed {
    len: usize,
    leaf: [u8; 32],
    /// Of its blocks of 64 KiB.
    blocks: Vec<proof_tree::Hash>,
}

/// Address and root of a lease's bytes. Memory does not grow with them.
pub struct CopyHasher {
    blob: TreeBuilder,
    proof: BlockTreeBuilder,
    /// What has come of the next leaf.
    leaf: Vec<u8>,
    working: VecDeque<JoinHandle<aceso_format::Result<Hashed>>>,
    threads: usize,
}

impl Default for CopyHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl CopyHasher {
    pub fn new() -> Self {
        let threads = thread::available_parallelism().map_or(2, |n| n.get().clamp(2, MOST_THREADS));
        Self {
            blob: TreeBuilder::new(),
            proof: BlockTreeBuilder::new(),
            leaf: Vec::new(),
            working: VecDeque::new(),
            threads,
        }
    }

    /// Adds bytes. Whole leaves are not copied.
    pub async fn push(&mut self, mut bytes: Bytes) -> Result<(), BlobError> {
        while !bytes.is_empty() {
            if self.leaf.is_empty() && bytes.len() >= LEAF_LEN {
                let leaf = bytes.split_to(LEAF_LEN);
                self.hash(leaf).await?;
                continue;
            }
            if self.leaf.is_empty() {
                self.leaf = buffer::take_leaf();
                self.leaf.clear();
            }
            let part = bytes.split_to(bytes.len().min(LEAF_LEN - self.leaf.len()));
            self.leaf.extend_from_slice(&part);
            if self.leaf.len() == LEAF_LEN {
                let leaf = std::mem::take(&mut self.leaf);
                self.hash(buffer::lend(leaf)).await?;
            }
        }
        Ok(())
    }

    /// # Errors
    /// [`BlobError::BadAddress`] when nothing came.
    pub async fn finish(mut self) -> Result<CopyAddress, BlobError> {
        if !self.leaf.is_empty() {
            let leaf = std::mem::take(&mut self.leaf);
            self.hash(leaf.into()).await?;
        }
        while let Some(hashed) = self.working.pop_front() {
            self.take(hashed).await?;
        }
        let root = self.proof.finish(|_| ()).map_err(bad)?;
        Ok(CopyAddress { blob: self.blob.finish(|_| ()), root })
    }

    async fn hash(&mut self, leaf: Bytes) -> Result<(), BlobError> {
        if self.working.len() >= self.threads
            && let Some(first) = self.working.pop_front()
        {
            self.take(first).await?;
        }
        self.working.push_back(tokio::task::spawn_blocking(move || hashed(&leaf)));
        Ok(())
    }

    async fn take(
        &mut self,
        hashed: JoinHandle<aceso_format::Result<Hashed>>,
    ) -> Result<(), BlobError> {
        let hashed = hashed.await.map_err(worker)?.map_err(bad)?;
        self.blob.push_leaf(hashed.leaf, hashed.len, |_| ()).map_err(bad)?;
        let mut left = hashed.len;
        for block in hashed.blocks {
            let len = left.min(proof_tree::BLOCK_LEN);
            left -= len;
            self.proof.push_block(block, len, |_| ()).map_err(bad)?;
        }
        Ok(())
    }
}

fn hashed(leaf: &[u8]) -> aceso_format::Result<Hashed> {
    let blocks = leaf.chunks(proof_tree::BLOCK_LEN).map(block_hash);
    Ok(Hashed {
        len: leaf.len(),
        blocks: blocks.collect::<Result<_, _>>()?,
        leaf: leaf_digest(leaf),
    })
}

fn bad(error: aceso_format::Error) -> BlobError {
    BlobError::BadAddress { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use aceso_format::{BlobAddress, proof_tree};

    use super::*;

    #[tokio::test]
    async fn pieces_of_any_length_give_address_and_root_of_the_whole() {
        for (len, piece) in [(1, 1), (511, 7), (LEAF_LEN, LEAF_LEN), (LEAF_LEN + 1, 65_537)]
            .into_iter()
            .chain([(3 * LEAF_LEN + 70_000, 1_000_003), (9 * LEAF_LEN, 3 * LEAF_LEN)])
        {
            let whole = Bytes::from((0..len).map(|at| (at * 31 % 251) as u8).collect::<Vec<_>>());
            let mut hasher = CopyHasher::new();
            for start in (0..len).step_by(piece) {
                hasher.push(whole.slice(start..len.min(start + piece))).await.unwrap();
            }
            let found = hasher.finish().await.unwrap();
            assert_eq!(found.blob, BlobAddress::of(&whole), "{len} by {piece}");
            assert_eq!(found.root, proof_tree::root(&whole).unwrap(), "{len} by {piece}");
        }
        assert!(CopyHasher::new().finish().await.is_err());
    }
}
