use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use aceso_format::{
    BlobAddress,
    address::{Branch, TreeBuilder},
};
use async_trait::async_trait;
use bytes::Bytes;

use super::{BlobError, BlobStore, Block, LeafSource, buffer, leaf::push_leaf, nodes};
use crate::file::draft::{Draft, sweep, sync_folder};

/// Blobs in a directory of ours, one file each, named by CID: the default store, and one that needs
/// nothing installed.
///
/// A file is the blob's bytes and, behind them, the nodes above its leaves, so that a range is
/// verified without reading the rest, and one rename makes both appear. Processes share a directory
/// without locks: files only ever appear whole.
#[derive(Clone, Debug)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// Makes the directory when it is missing, and removes what puts that died left in it.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let store = Self { root: root.into() };
        for folder in [store.incoming(), store.blobs()] {
            fs::create_dir_all(&folder).map_err(|e| BlobError::io("create", folder, e))?;
        }
        sweep(&store.incoming()).map_err(|e| BlobError::io("sweep", store.incoming(), e))?;
        Ok(store)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// A CID's first characters are always the same, so the last two spread the files over folders.
    fn path(&self, blob: &BlobAddress) -> PathBuf {
        let name = blob.cid_string();
        self.blobs().join(&name[name.len() - 2..]).join(name)
    }

    fn not_found(&self, blob: &BlobAddress) -> BlobError {
        BlobError::NotFound { store: self.describe(), blob: blob.cid_string() }
    }

    async fn append(&self, mut draft: Draft, bytes: Bytes) -> Result<Draft, BlobError> {
        let folder = self.incoming();
        blocking(move || match draft.write_all(&bytes) {
            Ok(()) => Ok(draft),
            Err(e) => Err(BlobError::io("write", folder, e)),
        })
        .await
    }

    async fn find(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        let path = self.path(blob);
        match tokio::fs::metadata(&path).await {
            Ok(found) => Ok(found.len() >= blob.len),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(BlobError::io("look for", path, e)),
        }
    }
}

#[async_trait]
impl BlobStore for DirectoryStore {
    fn describe(&self) -> String {
        format!("the directory {}", self.root.display())
    }

    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        let folder = self.incoming();
        let mut draft = blocking(move || {
            Draft::create(&folder).map_err(|e| BlobError::io("create", folder, e))
        })
        .await?;
        let mut tree = TreeBuilder::new();
        let mut above = nodes::Tail::default();
        while let Some(leaf) = source.next().await.map_err(BlobError::Source)? {
            push_leaf(&mut tree, &leaf, |node| above.push(node))?;
            draft = self.append(draft, leaf.into_bytes()).await?;
        }
        let found = tree.finish(|node| above.push(node));
        if let Some(expected) = expected.filter(|e| *e != found) {
            let (expected, found) = (expected.cid_string(), found.cid_string());
            return Err(BlobError::Unexpected { expected, found });
        }
        let path = self.path(&found);
        let draft = self.append(draft, above.into_bytes().into()).await?;
        blocking(move || appear(draft, &path).map_err(|e| BlobError::io("write", path, e))).await?;
        Ok(found)
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        let path = self.path(blob);
        let (blob_len, wanted) = (blob.len, *branch);
        let read = blocking(move || match read_block(&path, blob_len, &wanted) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            // A file cut short on a failing disk holds other bytes than it should: the check below
            // says so.
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(Some(Bytes::new())),
            Err(e) => Err(BlobError::io("read", path, e)),
        });
        let bytes = read.await?.ok_or_else(|| self.not_found(blob))?;
        Block::verify(&self.describe(), blob, branch, bytes).await
    }

    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        self.find(blob).await
    }

    async fn pin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        if self.find(blob).await? { Ok(()) } else { Err(self.not_found(blob)) }
    }

    async fn unpin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        let path = self.path(blob);
        match tokio::fs::remove_file(&path).await {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(BlobError::io("remove", path, e)),
            _ => Ok(()),
        }
    }
}

/// A blob that is there already is replaced by the same bytes, which mends it if its disk did not
/// keep them.
fn appear(draft: Draft, path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let new = !folder.exists();
    fs::create_dir_all(folder)?;
    draft.appear(path, true)?;
    match folder.parent() {
        Some(above) if new => sync_folder(above),
        _ => Ok(()),
    }
}

fn read_block(path: &Path, blob_len: u64, branch: &Branch) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    if !branch.is_leaf() {
        return nodes::find(&mut file, blob_len, &branch.cid).map(Bytes::from);
    }
    file.seek(SeekFrom::Start(branch.offset))?;
    let mut bytes = buffer::take(branch.len as usize);
    file.take(branch.len).read_to_end(&mut bytes)?;
    Ok(buffer::lend(bytes))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| BlobError::Worker(e.to_string()))?
}
