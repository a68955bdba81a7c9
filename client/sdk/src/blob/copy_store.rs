use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    sync::{Arc, PoisonError, RwLock},
};

use aceso_format::{
    BlobAddress,
    address::{Branch, TreeBuilder, leaf_digest},
    mask::Mask,
};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Mutex;

use super::{
    BlobError, BlobStore, Block, LEAF_LEN, LeafSource, buffer,
    copy::{masked, worker},
};

/// A blob that lies in a lease's bytes.
#[derive(Clone)]
pub struct CopyPiece {
    pub blob: BlobAddress,
    /// Where it begins in the lease's bytes.
    pub offset: u64,
    /// Of content; heads are stored as they are.
    pub mask: Option<Arc<Mask>>,
}

/// Heads and contents out of what a lease stores, as a store of their own blobs: each byte is verified twice, by the
/// address on the lease and, unmasked, by the record's own.
///
/// A lease has the leaves of content, but not the nodes above them, which take all leaves to make. So content above 1 MiB
/// is fetched whole into a temporary file (of sealed bytes), whatever range of it is asked for.
pub struct CopyStore {
    store: Arc<dyn BlobStore>,
    copy: BlobAddress,
    pieces: RwLock<Vec<CopyPiece>>,
    spools: Mutex<HashMap<[u8; 32], Spool>>,
}

/// Content of many blocks, unmasked, and the nodes above its leaves.
struct Spool {
    file: File,
    nodes: HashMap<[u8; 32], Bytes>,
}

impl CopyStore {
    /// `store` serves the bytes of the lease by their address, `copy`.
    pub fn new(store: Arc<dyn BlobStore>, copy: BlobAddress, pieces: Vec<CopyPiece>) -> Self {
        Self { store, copy, pieces: RwLock::new(pieces), spools: Mutex::default() }
    }

    /// One more blob that is in there: content, once its mask is known.
    pub fn learn(&self, piece: CopyPiece) {
        let mut pieces = self.pieces.write().unwrap_or_else(PoisonError::into_inner);
        if pieces.iter().all(|known| known.blob != piece.blob) {
            pieces.push(piece);
        }
    }

    fn piece(&self, blob: &BlobAddress) -> Result<CopyPiece, BlobError> {
        let pieces = self.pieces.read().unwrap_or_else(PoisonError::into_inner);
        let found = pieces.iter().find(|piece| piece.blob == *blob).cloned();
        found.ok_or_else(|| BlobError::NotFound { store: self.describe(), blob: blob.cid_string() })
    }

    async fn leaf(&self, piece: &CopyPiece, branch: &Branch) -> Result<Bytes, BlobError> {
        let start = piece.offset + branch.offset;
        let range = start..start + branch.len;
        let bytes = self.store.get_range(self.copy, range)?.collect().await?;
        match &piece.mask {
            Some(mask) => masked(mask.clone(), branch.offset, bytes).await,
            None => Ok(bytes),
        }
    }

    /// Fetches all of a blob, and makes its nodes.
    async fn spool(&self, piece: &CopyPiece) -> Result<Spool, BlobError> {
        let folder = std::env::temp_dir();
        let failed = move |e| BlobError::io("write", folder.clone(), e);
        let mut file = tempfile::tempfile().map_err(&failed)?;
        let (mut tree, mut nodes) = (TreeBuilder::new(), HashMap::new());
        let mut reader =
            self.store.get_range(self.copy, piece.offset..piece.offset + piece.blob.len)?;
        // The lease's leaves are those of the content only where that comes first, which it does not in a pack.
        let (mut leaf, mut offset) = (buffer::take(LEAF_LEN), 0u64);
        loop {
            let more = reader.next().await?;
            let mut rest = more.clone().unwrap_or_default();
            loop {
                let taken = rest.split_to(rest.len().min(LEAF_LEN - leaf.len()));
                leaf.extend_from_slice(&taken);
                if leaf.is_empty() || leaf.len() < LEAF_LEN && more.is_some() {
                    break;
                }
                let mut bytes = std::mem::replace(&mut leaf, buffer::take(LEAF_LEN));
                let (mask, at) = (piece.mask.clone(), offset);
                offset += bytes.len() as u64;
                let work = move || {
                    if let Some(mask) = mask {
                        mask.apply(at, &mut bytes);
                    }
                    file.write_all(&bytes).map(|()| (file, leaf_digest(&bytes), bytes.len()))
                };
                let written = tokio::task::spawn_blocking(work).await.map_err(worker)?;
                let (back, digest, len) = written.map_err(&failed)?;
                file = back;
                let mut keep = |node: aceso_format::address::Node| {
                    nodes.insert(node.cid.digest, Bytes::from(node.bytes));
                };
                tree.push_leaf(digest, len, &mut keep)
                    .map_err(|e| BlobError::Source(Box::new(e)))?;
            }
            if more.is_none() {
                break;
            }
        }
        let found = tree.finish(|node| {
            nodes.insert(node.cid.digest, Bytes::from(node.bytes));
        });
        if found != piece.blob {
            let (store, expected) = (self.describe(), piece.blob.cid_string());
            return Err(BlobError::Mismatch { store, expected });
        }
        Ok(Spool { file, nodes })
    }

    async fn of_many(&self, piece: &CopyPiece, branch: &Branch) -> Result<Bytes, BlobError> {
        let mut spools = self.spools.lock().await;
        if !spools.contains_key(&piece.blob.digest) {
            if branch.is_leaf() {
                // Another store had the nodes.
                drop(spools);
                return self.leaf(piece, branch).await;
            }
            spools.insert(piece.blob.digest, self.spool(piece).await?);
        }
        let Some(spool) = spools.get_mut(&piece.blob.digest) else { return Ok(Bytes::new()) };
        if !branch.is_leaf() {
            return Ok(spool.nodes.get(&branch.cid.digest).cloned().unwrap_or_default());
        }
        let mut bytes = buffer::take(branch.len as usize);
        let read = spool
            .file
            .seek(SeekFrom::Start(branch.offset))
            .and_then(|_| (&mut spool.file).take(branch.len).read_to_end(&mut bytes));
        read.map_err(|e| BlobError::io("read", std::env::temp_dir(), e))?;
        Ok(buffer::lend(bytes))
    }

    fn read_only<T>(&self) -> Result<T, BlobError> {
        Err(BlobError::ReadOnly { store: self.describe() })
    }
}

#[async_trait]
impl BlobStore for CopyStore {
    fn describe(&self) -> String {
        self.store.describe()
    }

    async fn put(
        &self,
        _: &mut dyn LeafSource,
        _: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        self.read_only()
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        let piece = self.piece(blob)?;
        let bytes = match blob.is_raw() {
            true => self.leaf(&piece, branch).await?,
            false => self.of_many(&piece, branch).await?,
        };
        Block::verify(&self.describe(), blob, branch, bytes).await
    }

    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        if self.piece(blob).is_err() {
            return Ok(false);
        }
        self.store.has(&self.copy).await
    }

    async fn pin(&self, _: &BlobAddress) -> Result<(), BlobError> {
        self.read_only()
    }

    async fn unpin(&self, _: &BlobAddress) -> Result<(), BlobError> {
        self.read_only()
    }
}
