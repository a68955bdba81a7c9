//! The proof tree over the stored bytes of a lease: what a storage peer proves that it still holds (SPEC §13).
//!
//! From the stored length alone follow all counts and offsets ([`ProofShape`]). [`ProofBuilder`] makes the root of a
//! stream; a holder keeps the nodes that it gives, level 7 and up ([`UpperTree`], in memory or as a file), and proves a leaf
//! from the 64 KiB around it and one hash a level. [`verify`] is what the program does.

use alloc::vec::Vec;
use core::ops::Range;

use crate::address::MAX_BLOB_LEN;
use crate::error::{Error, Result};
use crate::proof_hash;

pub use crate::proof_builder::{BlockTreeBuilder, ProofBuilder, ProofNode, block_hash};
pub use crate::proof_upper::UpperTree;

/// A node of the tree, or its root.
pub type Hash = [u8; 32];

/// Length of a hash, bytes.
pub const HASH_LEN: usize = 32;
/// Length of a leaf, bytes: every leaf but the last one.
pub const LEAF_LEN: usize = 512;
/// The lowest level that a holder keeps.
pub const UPPER_LEVEL: u32 = 7;
/// Bytes below a node of [`UPPER_LEVEL`]: what a holder reads for a proof.
pub const BLOCK_LEN: usize = LEAF_LEN << UPPER_LEVEL;

/// Every count and offset of one tree, from the length of the stored bytes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofShape {
    len: u64,
    leaves: u64,
}

/// One leaf, and the way from it to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// Its siblings, from the bottom up.
    pub path: Vec<Hash>,
}

impl ProofShape {
    /// The tree over `len` bytes.
    ///
    /// # Errors
    /// [`Error::ProofShape`] for no bytes; [`Error::TooLong`] above [`MAX_BLOB_LEN`].
    pub fn of(len: u64) -> Result<Self> {
        if len == 0 {
            return Err(Error::ProofShape { field: "stored length" });
        }
        if len > MAX_BLOB_LEN {
            return Err(Error::TooLong { what: "blob", len, max: MAX_BLOB_LEN });
        }
        Ok(ProofShape { len, leaves: len.div_ceil(LEAF_LEN as u64) })
    }

    /// Length of the stored bytes.
    pub fn stored_len(&self) -> u64 {
        self.len
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The top level: 0 for one leaf.
    pub fn height(&self) -> u32 {
        u64::BITS - (self.leaves - 1).leading_zeros()
    }

    /// How many nodes a level has, those carried up included.
    pub fn nodes(&self, level: u32) -> u64 {
        if level > self.height() { 0 } else { self.leaves.div_ceil(1 << level) }
    }

    /// The stored bytes of a leaf.
    ///
    /// # Errors
    /// [`Error::ProofShape`] when there is none.
    pub fn leaf(&self, index: u64) -> Result<Range<u64>> {
        self.check_index(index)?;
        let start = index * LEAF_LEN as u64;
        Ok(start..self.len.min(start + LEAF_LEN as u64))
    }

    /// The stored bytes to read for a proof of leaf `index`: at most [`BLOCK_LEN`].
    ///
    /// # Errors
    /// As [`ProofShape::leaf`].
    pub fn block(&self, index: u64) -> Result<Range<u64>> {
        self.check_index(index)?;
        let start = (index >> UPPER_LEVEL) * BLOCK_LEN as u64;
        Ok(start..self.len.min(start + BLOCK_LEN as u64))
    }

    /// Length of the upper tree as it is stored, bytes.
    pub fn upper_len(&self) -> u64 {
        self.upper_start(self.height().max(UPPER_LEVEL) + 1)
    }

    /// Where in the upper tree a node is.
    ///
    /// # Errors
    /// [`Error::ProofShape`] for a node that is not in it.
    pub fn upper_offset(&self, level: u32, index: u64) -> Result<u64> {
        if level < UPPER_LEVEL || index >= self.upper_nodes(level) {
            return Err(Error::ProofShape { field: "node" });
        }
        Ok(self.upper_start(level) + index * HASH_LEN as u64)
    }

    /// Where in the upper tree the hashes are that a proof of leaf `index` takes, in the order of its path.
    ///
    /// # Errors
    /// As [`ProofShape::leaf`].
    pub fn upper_path(&self, index: u64) -> Result<Vec<u64>> {
        self.check_index(index)?;
        let siblings = (UPPER_LEVEL..self.height()).map(|level| (level, (index >> level) ^ 1));
        siblings
            .filter(|(level, sibling)| *sibling < self.nodes(*level))
            .map(|(level, sibling)| self.upper_offset(level, sibling))
            .collect()
    }

    /// Proves leaf `index`, from the bytes of its [`ProofShape::block`] and the hashes at its [`ProofShape::upper_path`].
    ///
    /// It is checked against `root`, so a holder learns here that its disk has lost something, not on the chain.
    ///
    /// # Errors
    /// [`Error::ProofShape`], [`Error::BufferLength`] for a block of another length, and [`Error::ProofForged`].
    pub fn prove(&self, root: &Hash, index: u64, block: &[u8], upper: &[Hash]) -> Result<Proof> {
        let range = self.block(index)?;
        let expected = (range.end - range.start) as usize;
        if block.len() != expected {
            return Err(Error::BufferLength {
                what: "the block of a proof",
                len: block.len(),
                expected,
            });
        }
        let (full, last) = block.as_chunks::<LEAF_LEN>();
        let mut level = Vec::with_capacity(1 << UPPER_LEVEL);
        proof_hash::leaves(full, &mut level);
        if !last.is_empty() {
            level.push(proof_hash::leaf(last));
        }
        let mut path = Vec::with_capacity(self.height() as usize);
        let mut at = (index % (1 << UPPER_LEVEL)) as usize;
        while level.len() > 1 {
            path.extend(level.get(at ^ 1));
            at >>= 1;
            proof_hash::level_up(&mut level);
        }
        path.extend_from_slice(upper);
        let leaf = self.leaf(index)?;
        let leaf = &block[(leaf.start - range.start) as usize..(leaf.end - range.start) as usize];
        verify(root, self.len, index, leaf, &path)?;
        Ok(Proof { leaf: leaf.to_vec(), path })
    }

    /// How many nodes the upper tree has in a level; its lowest one has one even where the tree is lower.
    pub(crate) fn upper_nodes(&self, level: u32) -> u64 {
        if level == UPPER_LEVEL { self.leaves.div_ceil(1 << level) } else { self.nodes(level) }
    }

    fn upper_start(&self, level: u32) -> u64 {
        (UPPER_LEVEL..level).map(|below| self.upper_nodes(below)).sum::<u64>() * HASH_LEN as u64
    }

    fn check_index(&self, index: u64) -> Result<()> {
        if index < self.leaves { Ok(()) } else { Err(Error::ProofShape { field: "index" }) }
    }
}

/// Root of the tree over `stored`, held in memory.
///
/// # Errors
/// [`Error::ProofShape`] for no bytes.
pub fn root(stored: &[u8]) -> Result<Hash> {
    let mut builder = ProofBuilder::new();
    builder.push(stored, |_| ());
    builder.finish(|_| ())
}

/// Checks that `root` stands for `stored`, held in memory, and for its length.
///
/// # Errors
/// [`Error::ProofShape`] for no bytes; [`Error::ProofForged`] for other bytes.
pub fn verify_stored(expected: &Hash, stored: &[u8]) -> Result<()> {
    if root(stored)? == *expected { Ok(()) } else { Err(Error::ProofForged) }
}

/// Checks that `leaf` is leaf `index` of the `len` stored bytes that `root` stands for.
///
/// # Errors
/// [`Error::ProofShape`] for an index past the end, a leaf of another length than that index has, and a path too short or
/// too long; [`Error::ProofForged`] for what leads to another root.
pub fn verify(root: &Hash, len: u64, index: u64, leaf: &[u8], path: &[Hash]) -> Result<()> {
    let shape = ProofShape::of(len)?;
    let range = shape.leaf(index)?;
    if leaf.len() as u64 != range.end - range.start {
        return Err(Error::ProofShape { field: "length of the leaf" });
    }
    let top = from_path(proof_hash::leaf(leaf), index, shape.leaves, path)
        .ok_or(Error::ProofShape { field: "length of the path" })?;
    if proof_hash::root(len, &top) == *root { Ok(()) } else { Err(Error::ProofForged) }
}

/// RFC 9162 §2.1.3.2, steps 2 to 5; `None` for a path too short or too long.
pub(crate) fn from_path(leaf: Hash, index: u64, leaves: u64, path: &[Hash]) -> Option<Hash> {
    let (mut node, mut last) = (index, leaves.checked_sub(1)?);
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = proof_hash::node(sibling, &hash);
            // Carried up to here: past the levels where it had no right neighbour.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = proof_hash::node(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}
