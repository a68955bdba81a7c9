//! What bytes are: their address (CID and length), their proof root, and what a holder keeps beside them. One pass, whoever
//! the bytes come from: an upload, a rebuilt tree, the scrub.

use aceso_format::{
    BlobAddress,
    address::{BLOCK_LEN, TreeBuilder},
    proof_tree::{Hash, ProofBuilder, ProofNode},
};
use aceso_sdk::blob::Leaf;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use crate::storage::StorageError;

/// Length of a leaf of an address.
const LEAF_LEN: usize = BLOCK_LEN as usize;

/// What came out for all bytes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub address: BlobAddress,
    /// `None` of nothing, which has no tree and no lease.
    pub root: Option<Hash>,
    /// Digests of the address's leaves: 32 bytes for each MiB.
    pub leaves: Vec<[u8; 32]>,
}

/// Computes both trees over a stream. Memory grows by 32 bytes for each MiB.
#[derive(Default)]
pub struct Measure {
    address: TreeBuilder,
    proof: ProofBuilder,
    leaves: Vec<[u8; 32]>,
    len: u64,
}

impl Measure {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next leaf (1 MiB; the last one is shorter), on a thread that may compute. The nodes of the proof tree that
    /// became complete come back with it.
    pub async fn push(
        mut self,
        bytes: Bytes,
    ) -> Result<(Self, Leaf, Vec<ProofNode>), StorageError> {
        let computing = tokio::task::spawn_blocking(move || {
            let leaf = Leaf::new(bytes);
            let mut nodes = Vec::new();
            self.proof.push(leaf.bytes(), |node| nodes.push(node));
            let len = leaf.bytes().len();
            self.address
                .push_leaf(leaf.digest(), len, |_| ())
                .map_err(|e| StorageError::Worker(e.to_string()))?;
            self.leaves.push(leaf.digest());
            self.len += len as u64;
            Ok((self, leaf, nodes))
        });
        computing.await.map_err(|e| StorageError::Worker(e.to_string()))?
    }

    pub fn finish(self) -> (Measured, Vec<ProofNode>) {
        let mut nodes = Vec::new();
        let root = self.proof.finish(|node| nodes.push(node)).ok();
        let address = self.address.finish(|_| ());
        (Measured { address, root, leaves: self.leaves }, nodes)
    }
}

/// Cuts a stream of pieces of any length into leaves.
pub struct Leaves<S> {
    pieces: S,
    buffer: BytesMut,
    ended: bool,
}

impl<S, E> Leaves<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    pub fn of(pieces: S) -> Self {
        Self { pieces, buffer: BytesMut::new(), ended: false }
    }

    pub async fn next(&mut self) -> Result<Option<Bytes>, E> {
        while self.buffer.len() < LEAF_LEN && !self.ended {
            match self.pieces.next().await.transpose()? {
                Some(piece) => {
                    self.buffer.reserve(LEAF_LEN.max(piece.len()));
                    self.buffer.extend_from_slice(&piece);
                }
                None => self.ended = true,
            }
        }
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let len = self.buffer.len().min(LEAF_LEN);
        Ok(Some(self.buffer.split_to(len).freeze()))
    }
}
