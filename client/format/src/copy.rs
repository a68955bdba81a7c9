//! A copy in one pass: bytes are masked where they are, and give the blob's address and the root of the proof tree
//! (SPEC §11).
//!
//! Who makes a copy calls [`CopyBuilder::push_masked`] for content and [`CopyBuilder::push`] for heads and a pack's table;
//! who was sent one only pushes. All of it can be spread over threads instead: masks seek, and leaves and blocks are hashed
//! apart from their trees ([`crate::address::TreeBuilder`], [`crate::proof_tree::BlockTreeBuilder`]).

use crate::address::{AddressBuilder, BlobAddress, Node};
use crate::error::Result;
use crate::mask::Mask;
use crate::proof_tree::{Hash, ProofBuilder, ProofNode};

/// What is masked and hashed at once, bytes: whole leaves, small enough to stay in the nearest cache.
const PIECE_LEN: usize = 16 * 1024;

/// What the chain has of the bytes that a lease stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CopyAddress {
    /// Where they are found.
    pub blob: BlobAddress,
    /// Root of their proof tree.
    pub root: Hash,
}

/// What becomes complete on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyPart {
    /// A node of the blob, to be stored beside its leaves.
    Node(Node),
    /// A node of the upper tree, to be kept by the holder.
    Proof(ProofNode),
}

/// Makes a copy from a stream of bytes.
#[derive(Default)]
pub struct CopyBuilder {
    address: AddressBuilder,
    proof: ProofBuilder,
}

impl CopyBuilder {
    /// A builder for an empty copy.
    pub fn new() -> Self {
        CopyBuilder::default()
    }

    /// Adds bytes as they are; what became complete goes to `sink`.
    pub fn push(&mut self, bytes: &[u8], mut sink: impl FnMut(CopyPart)) {
        for piece in bytes.chunks(PIECE_LEN) {
            self.add(piece, &mut sink);
        }
    }

    /// Masks bytes of content in place and adds them; `offset` is where they are in the content.
    pub fn push_masked(
        &mut self,
        mask: &Mask,
        offset: u64,
        bytes: &mut [u8],
        mut sink: impl FnMut(CopyPart),
    ) {
        for (at, piece) in (offset..).step_by(PIECE_LEN).zip(bytes.chunks_mut(PIECE_LEN)) {
            mask.apply(at, piece);
            self.add(piece, &mut sink);
        }
    }

    /// Closes the copy.
    ///
    /// # Errors
    /// [`crate::Error::ProofShape`] when nothing came.
    pub fn finish(self, mut sink: impl FnMut(CopyPart)) -> Result<CopyAddress> {
        let root = self.proof.finish(|node| sink(CopyPart::Proof(node)))?;
        Ok(CopyAddress { blob: self.address.finish(|node| sink(CopyPart::Node(node))), root })
    }

    /// A piece at a time, so that mask and both hashes find it in the cache.
    fn add(&mut self, piece: &[u8], sink: &mut impl FnMut(CopyPart)) {
        self.address.push(piece, |node| sink(CopyPart::Node(node)));
        self.proof.push(piece, |node| sink(CopyPart::Proof(node)));
    }
}
