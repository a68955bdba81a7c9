//! The upper levels of a proof tree, which a holder keeps (SPEC §13.2).

use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::proof_hash;
use crate::proof_tree::{HASH_LEN, Hash, Proof, ProofNode, ProofShape, UPPER_LEVEL};

/// The upper tree in memory: its levels, one after the other, 1/1024 of the stored bytes.
///
/// A holder of much keeps it as a file instead: it writes each node of the builder at its [`ProofShape::upper_offset`], and
/// reads for a proof what [`ProofShape::upper_path`] names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpperTree {
    shape: ProofShape,
    bytes: Vec<u8>,
}

impl UpperTree {
    /// The tree over the nodes of level 7, in order.
    ///
    /// # Errors
    /// [`Error::ProofShape`] for another number of them than the length has.
    pub fn from_level(shape: ProofShape, mut level: Vec<Hash>) -> Result<Self> {
        if level.len() as u64 != shape.upper_nodes(UPPER_LEVEL) {
            return Err(Error::ProofShape { field: "nodes of level 7" });
        }
        let mut bytes = Vec::with_capacity(level.len() * 2 * HASH_LEN);
        loop {
            bytes.extend_from_slice(level.as_flattened());
            if level.len() == 1 {
                return Ok(UpperTree { shape, bytes });
            }
            proof_hash::level_up(&mut level);
        }
    }

    /// The tree from the nodes that a [`crate::proof_tree::ProofBuilder`] gave.
    ///
    /// # Errors
    /// As [`UpperTree::from_level`].
    pub fn from_nodes(shape: ProofShape, nodes: &[ProofNode]) -> Result<Self> {
        let level = nodes.iter().filter(|node| node.level == UPPER_LEVEL).map(|node| node.hash);
        UpperTree::from_level(shape, level.collect())
    }

    /// Reads it as it is stored, and checks each level against the one below.
    ///
    /// # Errors
    /// [`Error::ProofShape`] for another length or nodes that do not fit.
    pub fn decode(shape: ProofShape, bytes: &[u8]) -> Result<Self> {
        if bytes.len() as u64 != shape.upper_len() {
            return Err(Error::ProofShape { field: "length of the upper tree" });
        }
        let count = shape.upper_nodes(UPPER_LEVEL) as usize;
        let level = bytes.as_chunks::<HASH_LEN>().0[..count].to_vec();
        let tree = UpperTree::from_level(shape, level)?;
        if tree.bytes == bytes { Ok(tree) } else { Err(Error::ProofShape { field: "node" }) }
    }

    /// As it is stored: the levels, one after the other.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Counts and offsets.
    pub fn shape(&self) -> &ProofShape {
        &self.shape
    }

    /// What stands on the chain.
    pub fn root(&self) -> Hash {
        let top = self.bytes.last_chunk().unwrap_or(&[0; HASH_LEN]);
        proof_hash::root(self.shape.stored_len(), top)
    }

    /// [`ProofShape::prove`], with the hashes from here.
    ///
    /// # Errors
    /// As there.
    pub fn prove(&self, index: u64, block: &[u8]) -> Result<Proof> {
        let nodes = self.bytes.as_chunks::<HASH_LEN>().0;
        let offsets = self.shape.upper_path(index)?;
        let upper: Vec<Hash> =
            offsets.iter().map(|offset| nodes[*offset as usize / HASH_LEN]).collect();
        self.shape.prove(&self.root(), index, block, &upper)
    }
}
