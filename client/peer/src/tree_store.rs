//! What is kept beside the bytes, always on this machine: of each object the upper levels of its proof tree, so that a proof
//! reads at most 64 KiB of content, and the digests of its blocks, so that its CIDs are known without reading it.
//!
//! A file of an object is the upper tree (client/format/SPEC.md §13.2), then 32 bytes for each MiB. All of it can be rebuilt.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::Arc,
};

use aceso_format::{
    BlobAddress,
    address::{BLOCK_LEN, Cid, Codec, Node, TreeBuilder},
    proof_tree::{HASH_LEN, Hash, Proof, ProofNode, ProofShape},
};

use crate::{
    measure::{Leaves, Measure, Measured},
    storage::{FileDraft, Storage, StorageError, Watch, hex, sweep},
};

#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    #[error("{0}")]
    Storage(#[from] StorageError),

    #[error("cannot {action} the proof trees in {} ({source}); check the disk and who owns that path", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error(
        "the stored bytes of {object} are not the leased ones any more; fetch them again from another copy, or end the lease"
    )]
    Rotten { object: String },

    #[error("{0}")]
    Format(#[from] aceso_format::Error),
}

/// The trees of all objects, in a directory.
#[derive(Clone)]
pub struct TreeStore {
    root: PathBuf,
}

impl TreeStore {
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, TreeError> {
        let store = Self { root: root.into() };
        for folder in [store.incoming(), store.trees()] {
            fs::create_dir_all(&folder).map_err(|e| store.io("make room for", e))?;
        }
        sweep(&store.incoming()).map_err(|e| store.io("sweep", e))?;
        Ok(store)
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn trees(&self) -> PathBuf {
        self.root.join("trees")
    }

    fn path(&self, object: &BlobAddress) -> PathBuf {
        let name = hex(&object.digest);
        self.trees().join(&name[..2]).join(name)
    }

    fn io(&self, action: &'static str, source: io::Error) -> TreeError {
        TreeError::Io { action, path: self.root.clone(), source }
    }

    /// Begins the file of an object of that length.
    pub fn begin(&self, len: u64) -> Result<TreeDraft, TreeError> {
        let shape = ProofShape::of(len)?;
        let watch: Watch = Arc::new(|_| Ok(()));
        let file = FileDraft::create(&self.incoming(), watch).map_err(|e| self.io("write", e))?;
        Ok(TreeDraft { file, shape, store: self.clone() })
    }

    pub fn has(&self, object: &BlobAddress) -> bool {
        let len = ProofShape::of(object.len).map(|shape| file_len(&shape));
        fs::metadata(self.path(object)).is_ok_and(|found| Ok(found.len()) == len)
    }

    pub fn delete(&self, object: &BlobAddress) -> Result<(), TreeError> {
        match fs::remove_file(self.path(object)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(self.io("delete from", e)),
            _ => Ok(()),
        }
    }

    /// Digests of the object's blocks of 1 MiB, in order.
    pub fn leaves(&self, object: &BlobAddress) -> Result<Vec<[u8; 32]>, TreeError> {
        let shape = ProofShape::of(object.len)?;
        let read = || -> io::Result<Vec<[u8; 32]>> {
            let mut bytes = vec![0; object.len.div_ceil(BLOCK_LEN) as usize * HASH_LEN];
            File::open(self.path(object))?.read_exact_at(&mut bytes, shape.upper_len())?;
            Ok(bytes.as_chunks().0.to_vec())
        };
        read().map_err(|e| self.io("read", e))
    }

    /// The nodes above the blocks of an object; none where it is one block.
    pub fn nodes(&self, object: &BlobAddress) -> Result<Vec<Node>, TreeError> {
        let mut nodes = Vec::new();
        let mut tree = TreeBuilder::new();
        let mut rest = object.len;
        for digest in self.leaves(object)? {
            let len = rest.min(BLOCK_LEN);
            tree.push_leaf(digest, len as usize, |node| nodes.push(node))?;
            rest -= len;
        }
        if tree.finish(|node| nodes.push(node)) != *object {
            return Err(TreeError::Rotten { object: hex(&object.digest) });
        }
        Ok(nodes)
    }

    /// CIDs of all blocks and nodes of an object, as they are asked for.
    pub fn cids(&self, object: &BlobAddress) -> Result<Vec<Cid>, TreeError> {
        let leaves = self.leaves(object)?;
        let mut cids: Vec<Cid> =
            leaves.into_iter().map(|digest| Cid { codec: Codec::Raw, digest }).collect();
        if !object.is_raw() {
            cids.extend(self.nodes(object)?.into_iter().map(|node| node.cid));
        }
        Ok(cids)
    }

    /// Proves a leaf: 64 KiB of content at most, and one hash a level from here. A file that is missing or damaged is made
    /// anew from the bytes; only bytes that are not the leased ones any more fail.
    pub async fn prove(
        &self,
        storage: &dyn Storage,
        object: &BlobAddress,
        root: &Hash,
        leaf: u64,
    ) -> Result<Proof, TreeError> {
        let shape = ProofShape::of(object.len)?;
        let block = storage.read_all(object, shape.block(leaf)?).await?;
        if let Ok(upper) = self.upper(object, &shape, leaf)
            && let Ok(proof) = shape.prove(root, leaf, &block, &upper)
        {
            return Ok(proof);
        }
        tracing::warn!(object = hex(&object.digest), "proof tree missing or damaged; made anew");
        self.rebuild(storage, object).await?;
        let upper = self.upper(object, &shape, leaf)?;
        let proof = shape.prove(root, leaf, &block, &upper);
        proof.map_err(|_| TreeError::Rotten { object: hex(&object.digest) })
    }

    fn upper(
        &self,
        object: &BlobAddress,
        shape: &ProofShape,
        leaf: u64,
    ) -> Result<Vec<Hash>, TreeError> {
        let offsets = shape.upper_path(leaf)?;
        let read = || -> io::Result<Vec<Hash>> {
            let file = File::open(self.path(object))?;
            let hash = |offset: &u64| {
                let mut hash = [0; HASH_LEN];
                file.read_exact_at(&mut hash, *offset).map(|()| hash)
            };
            offsets.iter().map(hash).collect()
        };
        read().map_err(|e| self.io("read", e))
    }

    /// Reads the whole object and writes its file anew. Says what the bytes are now.
    pub async fn rebuild(
        &self,
        storage: &dyn Storage,
        object: &BlobAddress,
    ) -> Result<Measured, TreeError> {
        let mut pieces = Leaves::of(storage.read(object, 0..object.len).await?);
        let (mut measure, mut draft) = (Measure::new(), self.begin(object.len)?);
        while let Some(bytes) = pieces.next().await? {
            let (next, _, nodes) = measure.push(bytes).await?;
            measure = next;
            draft.write(&nodes)?;
        }
        let (measured, nodes) = measure.finish();
        if measured.address != *object {
            return Err(TreeError::Rotten { object: hex(&object.digest) });
        }
        draft.write(&nodes)?;
        draft.name(&measured)?;
        Ok(measured)
    }
}

fn file_len(shape: &ProofShape) -> u64 {
    shape.upper_len() + shape.stored_len().div_ceil(BLOCK_LEN) * HASH_LEN as u64
}

/// A file of an object in work.
pub struct TreeDraft {
    file: FileDraft,
    shape: ProofShape,
    store: TreeStore,
}

impl TreeDraft {
    /// Puts nodes in their places. Those of one call mostly lie beside each other, and are written together.
    pub fn write(&mut self, nodes: &[ProofNode]) -> Result<(), TreeError> {
        let mut run: (u64, Vec<u8>) = (0, Vec::new());
        let mut placed = Vec::with_capacity(nodes.len());
        for node in nodes {
            placed.push((self.shape.upper_offset(node.level, node.index)?, node.hash));
        }
        placed.sort_unstable_by_key(|(offset, _)| *offset);
        for (offset, hash) in placed {
            if run.0 + run.1.len() as u64 != offset {
                self.flush(&mut run)?;
                run.0 = offset;
            }
            run.1.extend_from_slice(&hash);
        }
        self.flush(&mut run)
    }

    fn flush(&mut self, run: &mut (u64, Vec<u8>)) -> Result<(), TreeError> {
        let written = self.file.write_at(&run.1, run.0);
        run.1.clear();
        written.map_err(|e| self.store.io("write", e))
    }

    /// The file appears, whole and on disk.
    pub fn name(mut self, measured: &Measured) -> Result<(), TreeError> {
        let leaves = measured.leaves.as_flattened();
        self.file
            .write_at(leaves, self.shape.upper_len())
            .map_err(|e| self.store.io("write", e))?;
        let path = self.store.path(&measured.address);
        self.file.appear(&path).map_err(|e| self.store.io("write", e))
    }
}
