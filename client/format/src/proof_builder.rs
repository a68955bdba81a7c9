//! The proof tree of a stream, in memory that grows by one hash a level (SPEC §13).

use alloc::vec::Vec;

use crate::error::Result;
use crate::proof_hash;
use crate::proof_tree::{Hash, LEAF_LEN, ProofShape, UPPER_LEVEL};

const BLOCK_LEAVES: usize = 1 << UPPER_LEVEL;

/// A node of the upper tree, for a holder to keep at its [`ProofShape::upper_offset`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofNode {
    /// Its level, from [`UPPER_LEVEL`] up.
    pub level: u32,
    /// Its place in the level, from the left.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Makes the root of a stream of bytes.
#[derive(Default)]
pub struct ProofBuilder {
    len: u64,
    /// Bytes of a leaf that is not full yet.
    leaf: Vec<u8>,
    /// Hashes of the leaves below the node of the upper tree in work.
    block: Vec<Hash>,
    /// Nodes of the lowest upper level that are done.
    blocks: u64,
    /// The finished left siblings on the way up, one for each bit of `blocks`.
    left: Vec<Hash>,
}

impl ProofBuilder {
    /// A builder that has seen nothing.
    pub fn new() -> Self {
        ProofBuilder::default()
    }

    /// Adds bytes. Nodes of the upper tree that became complete go to `sink`, each once.
    pub fn push(&mut self, mut bytes: &[u8], mut sink: impl FnMut(ProofNode)) {
        self.len = self.len.saturating_add(bytes.len() as u64);
        if !self.leaf.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(LEAF_LEN - self.leaf.len()));
            self.leaf.extend_from_slice(taken);
            bytes = rest;
            if self.leaf.len() < LEAF_LEN {
                return;
            }
            self.close_leaf(&mut sink);
        }
        let (mut leaves, rest) = bytes.as_chunks::<LEAF_LEN>();
        while !leaves.is_empty() {
            let (taken, later) = leaves.split_at(leaves.len().min(BLOCK_LEAVES - self.block.len()));
            proof_hash::leaves(taken, &mut self.block);
            leaves = later;
            if self.block.len() == BLOCK_LEAVES {
                self.close_block(&mut sink);
            }
        }
        self.leaf.extend_from_slice(rest);
    }

    /// Closes the tree and gives the root; the nodes that were open go to `sink`.
    ///
    /// # Errors
    /// [`crate::Error::ProofShape`] when nothing came; [`crate::Error::TooLong`].
    pub fn finish(mut self, mut sink: impl FnMut(ProofNode)) -> Result<Hash> {
        let shape = ProofShape::of(self.len)?;
        if !self.leaf.is_empty() {
            self.close_leaf(&mut sink);
        }
        self.close_block(&mut sink);
        // From the bottom up: the last node of a level joins what is open below it, or is carried up.
        let mut open: Option<Hash> = None;
        for level in UPPER_LEVEL..shape.height() {
            let done = self.blocks >> (level - UPPER_LEVEL);
            if done & 1 == 1 {
                open = match (self.left.pop(), open) {
                    (Some(left), Some(right)) => Some(proof_hash::node(&left, &right)),
                    (left, right) => left.or(right),
                };
            }
            if let Some(hash) = open {
                sink(ProofNode { level: level + 1, index: done >> 1, hash });
            }
        }
        // A full tree leaves nothing open, only the one node that closed it.
        let top = open.or_else(|| self.left.pop()).unwrap_or_default();
        Ok(proof_hash::root(self.len, &top))
    }

    fn close_leaf(&mut self, sink: &mut impl FnMut(ProofNode)) {
        self.block.push(proof_hash::leaf(&self.leaf));
        self.leaf.clear();
        if self.block.len() == BLOCK_LEAVES {
            self.close_block(sink);
        }
    }

    fn close_block(&mut self, sink: &mut impl FnMut(ProofNode)) {
        while self.block.len() > 1 {
            proof_hash::level_up(&mut self.block);
        }
        let Some(mut hash) = self.block.pop() else { return };
        let (mut level, mut index) = (UPPER_LEVEL, self.blocks);
        self.blocks += 1;
        sink(ProofNode { level, index, hash });
        while index & 1 == 1 {
            let Some(left) = self.left.pop() else { break };
            hash = proof_hash::node(&left, &hash);
            (level, index) = (level + 1, index >> 1);
            sink(ProofNode { level, index, hash });
        }
        self.left.push(hash);
    }
}
