use std::{
    fs::{self, File},
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use aceso_format::BlobAddress;
use aceso_sdk::blob::Leaf;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;

use super::{
    ByteStream, Draft, Listing, Storage, StorageError, check_range,
    draft::{FileDraft, Watch, sweep},
    hex, unhex,
};

/// What is read and sent at a time. Larger ones were no faster over loopback, smaller ones cost more calls.
const PIECE: u64 = 512 << 10;
/// Left free for index, trees and the operating system.
const RESERVE: u64 = 64 << 20;

/// Objects as files of one directory: `objects/ab/<hex>`, written in `incoming/`.
#[derive(Clone)]
pub struct DirectoryStorage {
    root: PathBuf,
    watch: Watch,
}

impl DirectoryStorage {
    /// Makes the directory where it is missing, and removes what an earlier process was in the middle of writing.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StorageError> {
        Self::open_watched(root, Arc::new(|_| Ok(())))
    }

    /// As [`DirectoryStorage::open`], with something that sees each step before it is done, and may stop it.
    pub fn open_watched(root: impl Into<PathBuf>, watch: Watch) -> Result<Self, StorageError> {
        let storage = Self { root: root.into(), watch };
        for folder in [storage.incoming(), storage.objects()] {
            fs::create_dir_all(&folder).map_err(|e| StorageError::io("create", folder, e))?;
        }
        let swept = sweep(&storage.incoming())
            .map_err(|e| StorageError::io("sweep", storage.incoming(), e))?;
        if swept > 0 {
            tracing::info!(swept, "removed what an earlier run had not finished writing");
        }
        Ok(storage)
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    fn path(&self, digest: &[u8; 32]) -> PathBuf {
        let name = hex(digest);
        self.objects().join(&name[..2]).join(name)
    }

    fn not_found(&self, object: &BlobAddress) -> StorageError {
        StorageError::NotFound { storage: self.describe(), object: hex(&object.digest) }
    }
}

#[async_trait]
impl Storage for DirectoryStorage {
    fn describe(&self) -> String {
        format!("the directory {}", self.root.display())
    }

    async fn begin(&self, object: &BlobAddress) -> Result<Box<dyn Draft>, StorageError> {
        // Refused before the first byte where it is plain that the last one will not fit.
        let free = self.free().await?.unwrap_or(u64::MAX);
        if free < object.len.saturating_add(RESERVE) {
            return Err(StorageError::Full { storage: self.describe() });
        }
        let (incoming, watch) = (self.incoming(), self.watch.clone());
        let path = self.path(&object.digest);
        blocking(move || match FileDraft::create(&incoming, watch) {
            Ok(draft) => {
                Ok(Box::new(DirectoryDraft { draft: Some(draft), path }) as Box<dyn Draft>)
            }
            Err(e) => Err(StorageError::io("create a file in", incoming, e)),
        })
        .await
    }

    async fn read(
        &self,
        object: &BlobAddress,
        range: Range<u64>,
    ) -> Result<ByteStream, StorageError> {
        check_range(object, &range)?;
        let (path, missing) = (self.path(&object.digest), self.not_found(object));
        let short = StorageError::Short { storage: self.describe(), object: hex(&object.digest) };
        let file = blocking(move || match File::open(&path) {
            Ok(file) if file.metadata().is_ok_and(|found| found.len() < range.end) => Err(short),
            Ok(file) => Ok(OpenFile { file: Arc::new(file), path: path.into() }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(missing),
            Err(e) => Err(StorageError::io("open", path, e)),
        })
        .await?;
        Ok(file.stream(range))
    }

    async fn len(&self, object: &BlobAddress) -> Result<Option<u64>, StorageError> {
        let path = self.path(&object.digest);
        match tokio::fs::metadata(&path).await {
            Ok(found) => Ok(Some(found.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StorageError::io("look for", path, e)),
        }
    }

    async fn delete(&self, object: &BlobAddress) -> Result<(), StorageError> {
        let path = self.path(&object.digest);
        match tokio::fs::remove_file(&path).await {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(StorageError::io("remove", path, e))
            }
            _ => Ok(()),
        }
    }

    async fn list(&self) -> Result<Listing, StorageError> {
        let objects = self.objects();
        blocking(move || names(&objects).map_err(|e| StorageError::io("list", objects, e)))
            .await
            .map(Listing::Ours)
    }

    async fn free(&self) -> Result<Option<u64>, StorageError> {
        let root = self.root.clone();
        blocking(move || match rustix::fs::statvfs(&root) {
            Ok(stat) => Ok(Some(stat.f_bavail.saturating_mul(stat.f_frsize))),
            Err(e) => Err(StorageError::io("measure", root, e.into())),
        })
        .await
    }
}

struct DirectoryDraft {
    draft: Option<FileDraft>,
    path: PathBuf,
}

#[async_trait]
impl Draft for DirectoryDraft {
    async fn write(&mut self, leaf: Leaf) -> Result<(), StorageError> {
        let Some(mut draft) = self.draft.take() else { return Err(broken_off()) };
        let path = self.path.clone();
        let draft = blocking(move || match draft.write(leaf.bytes()) {
            Ok(()) => Ok(draft),
            Err(e) => Err(StorageError::io("write", path, e)),
        });
        self.draft = Some(draft.await?);
        Ok(())
    }

    async fn name(mut self: Box<Self>) -> Result<(), StorageError> {
        let Some(draft) = self.draft.take() else { return Err(broken_off()) };
        let path = self.path.clone();
        blocking(move || draft.appear(&path).map_err(|e| StorageError::io("put in place", path, e)))
            .await
    }
}

fn broken_off() -> StorageError {
    StorageError::Worker("a draft went on after a failed write".to_owned())
}

/// A file that is being sent.
#[derive(Clone)]
struct OpenFile {
    file: Arc<File>,
    path: Arc<Path>,
}

impl OpenFile {
    /// The bytes of a range, one piece read ahead. No thread is held while the other side is slow.
    fn stream(self, range: Range<u64>) -> ByteStream {
        let ahead = Ahead { reading: None, at: range.start, end: range.end, file: self };
        Box::pin(stream::try_unfold(ahead, |mut ahead| async move {
            let reading = match ahead.reading.take().or_else(|| ahead.start()) {
                None => return Ok(None),
                Some(reading) => reading,
            };
            let piece = reading.await.map_err(|e| StorageError::Worker(e.to_string()))??;
            ahead.reading = ahead.start();
            Ok(Some((piece, ahead)))
        }))
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes, StorageError> {
        let mut piece = vec![0; (range.end - range.start) as usize];
        self.file
            .read_exact_at(&mut piece, range.start)
            .map_err(|e| StorageError::io("read", &*self.path, e))?;
        Ok(piece.into())
    }
}

struct Ahead {
    reading: Option<tokio::task::JoinHandle<Result<Bytes, StorageError>>>,
    at: u64,
    end: u64,
    file: OpenFile,
}

impl Ahead {
    fn start(&mut self) -> Option<tokio::task::JoinHandle<Result<Bytes, StorageError>>> {
        if self.at == self.end {
            return None;
        }
        let range = self.at..self.end.min(self.at + PIECE);
        self.at = range.end;
        let file = self.file.clone();
        Some(tokio::task::spawn_blocking(move || file.read(range)))
    }
}

/// Digests of all objects. A name of another form is not ours, and is left alone.
fn names(objects: &Path) -> io::Result<Vec<[u8; 32]>> {
    let mut digests = Vec::new();
    for folder in fs::read_dir(objects)? {
        for entry in fs::read_dir(folder?.path())? {
            digests.extend(entry?.file_name().to_str().and_then(unhex));
        }
    }
    Ok(digests)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| StorageError::Worker(e.to_string()))?
}
