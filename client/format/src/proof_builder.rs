//! The proof tree of a stream, in memory that grows by one hash a level (SPEC §13).
//!
//! As for addresses, hashing and tree are apart: a caller may hash blocks of 64 KiB on several threads ([`block_hash`]) and
//! hand the hashes over in order ([`BlockTreeBuilder`]); [`ProofBuilder`] does both for a stream of bytes.

use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::proof_hash;
use crate::proof_tree::{BLOCK_LEN, Hash, LEAF_LEN, ProofShape, UPPER_LEVEL};

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

/// The node of [`UPPER_LEVEL`] over a block: what [`BlockTreeBuilder::push_block`] takes.
///
/// # Errors
/// [`Error::BufferLength`] for an empty block or one over [`BLOCK_LEN`].
pub fn block_hash(block: &[u8]) -> Result<Hash> {
    check_block(block.len())?;
    let (full, last) = block.as_chunks::<LEAF_LEN>();
    let mut level = Vec::with_capacity(BLOCK_LEAVES);
    proof_hash::leaves(full, &mut level);
    if !last.is_empty() {
        level.push(proof_hash::leaf(last));
    }
    Ok(proof_hash::top(&mut level))
}

/// Makes the root from the nodes over blocks, in order.
#[derive(Default)]
pub struct BlockTreeBuilder {
    len: u64,
    blocks: u64,
    /// The finished left siblings on the way up, one for each bit of `blocks`.
    left: Vec<Hash>,
}

impl BlockTreeBuilder {
    /// A builder without blocks.
    pub fn new() -> Self {
        BlockTreeBuilder::default()
    }

    /// Adds the next block: its node and its length (all of [`BLOCK_LEN`] but the last). Nodes of the upper tree that became
    /// complete go to `sink`, each once.
    ///
    /// # Errors
    /// [`Error::BufferLength`] for a block of a wrong length, or one after a short block.
    pub fn push_block(
        &mut self,
        hash: Hash,
        len: usize,
        mut sink: impl FnMut(ProofNode),
    ) -> Result<()> {
        check_block(len)?;
        if !self.len.is_multiple_of(BLOCK_LEN as u64) {
            return Err(wrong_block(len));
        }
        self.push(hash, len as u64, &mut sink);
        Ok(())
    }

    /// Closes the tree and gives the root; the nodes that were open go to `sink`.
    ///
    /// # Errors
    /// [`Error::ProofShape`] when nothing came; [`Error::TooLong`].
    pub fn finish(mut self, mut sink: impl FnMut(ProofNode)) -> Result<Hash> {
        let shape = ProofShape::of(self.len)?;
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

    fn push(&mut self, mut hash: Hash, len: u64, sink: &mut impl FnMut(ProofNode)) {
        let (mut level, mut index) = (UPPER_LEVEL, self.blocks);
        self.len = self.len.saturating_add(len);
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

/// Makes the root of a stream of bytes.
#[derive(Default)]
pub struct ProofBuilder {
    tree: BlockTreeBuilder,
    /// Bytes of a leaf that is not full yet.
    leaf: Vec<u8>,
    /// Hashes of the leaves in the block in work, all full.
    block: Vec<Hash>,
}

impl ProofBuilder {
    /// A builder that has seen nothing.
    pub fn new() -> Self {
        ProofBuilder::default()
    }

    /// Adds bytes. Nodes of the upper tree that became complete go to `sink`, each once.
    pub fn push(&mut self, mut bytes: &[u8], mut sink: impl FnMut(ProofNode)) {
        if !self.leaf.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(LEAF_LEN - self.leaf.len()));
            self.leaf.extend_from_slice(taken);
            bytes = rest;
            if self.leaf.len() < LEAF_LEN {
                return;
            }
            self.block.push(proof_hash::leaf(&self.leaf));
            self.leaf.clear();
            self.close_full_block(&mut sink);
        }
        let (mut leaves, rest) = bytes.as_chunks::<LEAF_LEN>();
        while !leaves.is_empty() {
            let (taken, later) = leaves.split_at(leaves.len().min(BLOCK_LEAVES - self.block.len()));
            proof_hash::leaves(taken, &mut self.block);
            leaves = later;
            self.close_full_block(&mut sink);
        }
        self.leaf.extend_from_slice(rest);
    }

    /// Closes the tree and gives the root; the nodes that were open go to `sink`.
    ///
    /// # Errors
    /// As [`BlockTreeBuilder::finish`].
    pub fn finish(mut self, mut sink: impl FnMut(ProofNode)) -> Result<Hash> {
        let len = self.block.len() * LEAF_LEN + self.leaf.len();
        if !self.leaf.is_empty() {
            self.block.push(proof_hash::leaf(&self.leaf));
        }
        if len > 0 {
            self.close_block(len, &mut sink);
        }
        self.tree.finish(sink)
    }

    fn close_full_block(&mut self, sink: &mut impl FnMut(ProofNode)) {
        if self.block.len() == BLOCK_LEAVES {
            self.close_block(BLOCK_LEN, sink);
        }
    }

    fn close_block(&mut self, len: usize, sink: &mut impl FnMut(ProofNode)) {
        self.tree.push(proof_hash::top(&mut self.block), len as u64, sink);
        self.block.clear();
    }
}

fn check_block(len: usize) -> Result<()> {
    if (1..=BLOCK_LEN).contains(&len) { Ok(()) } else { Err(wrong_block(len)) }
}

fn wrong_block(len: usize) -> Error {
    Error::BufferLength { what: "a block of the proof tree", len, expected: BLOCK_LEN }
}
