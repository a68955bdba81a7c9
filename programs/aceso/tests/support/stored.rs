//! Bytes that leases are about, with their proof trees as client/format builds them: the program is checked against it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aceso::instructions::Proof;
use aceso_format::proof_tree::{ProofBuilder, ProofShape, UpperTree};

use super::sample::digest;

pub struct Stored {
    pub bytes: Vec<u8>,
    pub digest: [u8; 32],
    tree: UpperTree,
}

/// By root: what any holder would have on its disk.
static SHELF: Mutex<BTreeMap<[u8; 32], Arc<Stored>>> = Mutex::new(BTreeMap::new());
static NAMED: Mutex<BTreeMap<(String, usize), Arc<Stored>>> = Mutex::new(BTreeMap::new());

impl Stored {
    /// The bytes of that name: the same in every run.
    pub fn named(name: &str, len: usize) -> Arc<Self> {
        if let Some(known) = NAMED.lock().unwrap().get(&(name.to_owned(), len)) {
            return known.clone();
        }
        let digest = digest(&format!("stored {name} {len}"));
        let mut state = u64::from_le_bytes(digest[..8].try_into().unwrap()) | 1;
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.extend(state.to_le_bytes());
        }
        bytes.truncate(len);
        let (mut builder, mut nodes) = (ProofBuilder::new(), Vec::new());
        builder.push(&bytes, |node| nodes.push(node));
        let root = builder.finish(|node| nodes.push(node)).unwrap();
        let tree = UpperTree::from_nodes(ProofShape::of(len as u64).unwrap(), &nodes).unwrap();
        assert_eq!(tree.root(), root);
        let stored = Arc::new(Self { bytes, digest, tree });
        SHELF.lock().unwrap().insert(root, stored.clone());
        NAMED.lock().unwrap().insert((name.to_owned(), len), stored.clone());
        stored
    }

    pub fn of(root: &[u8; 32]) -> Arc<Self> {
        SHELF.lock().unwrap().get(root).expect("bytes of that root").clone()
    }

    pub fn root(&self) -> [u8; 32] {
        self.tree.root()
    }

    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Proves a leaf, as a holder does: from the block around it and the upper tree.
    pub fn prove(&self, k: u8, leaf: u64) -> Proof {
        let block = self.tree.shape().block(leaf).unwrap();
        let block = &self.bytes[block.start as usize..block.end as usize];
        let proof = self.tree.prove(leaf, block).unwrap();
        Proof { k, leaf: proof.leaf, path: proof.path }
    }
}
