//! Where the bytes of leases are. An object is named by the hex of its digest; it appears whole and on disk, or not at all.

mod bucket;
mod bucket_http;
mod directory;
mod draft;
mod error;
mod kubo;

use std::{ops::Range, sync::Arc};

use aceso_format::BlobAddress;
use aceso_sdk::blob::Leaf;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::config::{Config, StorageKind};

pub use bucket::{BucketKeys, BucketStorage};
pub use directory::DirectoryStorage;
pub(crate) use draft::{FileDraft, sweep};
pub use draft::{Step, Watch};
pub use error::StorageError;
pub use kubo::KuboStorage;

pub type ByteStream = BoxStream<'static, Result<Bytes, StorageError>>;

/// One place that keeps objects. Whether their bytes are the right ones is for the caller to check: before naming them, and
/// again by the scrub.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Which one, as a person would say it.
    fn describe(&self) -> String;

    /// Begins an object that nobody sees until [`Draft::name`]. Dropping the draft takes all of it back.
    async fn begin(&self, object: &BlobAddress) -> Result<Box<dyn Draft>, StorageError>;

    /// Bytes of an object, in pieces, as fast as they are taken. Memory does not grow with the range.
    async fn read(
        &self,
        object: &BlobAddress,
        range: Range<u64>,
    ) -> Result<ByteStream, StorageError>;

    /// Length of an object, or `None` where there is none.
    async fn len(&self, object: &BlobAddress) -> Result<Option<u64>, StorageError>;

    /// Deletes an object. One that is not there is fine.
    async fn delete(&self, object: &BlobAddress) -> Result<(), StorageError>;

    /// What is there, for finding what no lease needs any more.
    async fn list(&self) -> Result<Listing, StorageError>;

    /// Bytes that it could still take, where it knows.
    async fn free(&self) -> Result<Option<u64>, StorageError>;
}

/// An object that is being written.
#[async_trait]
pub trait Draft: Send {
    /// The next leaf: 1 MiB, the last one shorter.
    async fn write(&mut self, leaf: Leaf) -> Result<(), StorageError>;

    /// The bytes were the right ones: from here on the object is there, also after a power cut.
    async fn name(self: Box<Self>) -> Result<(), StorageError>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The digests of all objects; the place is ours alone.
    Ours(Vec<[u8; 32]>),
    /// Others keep things there too: what the index does not know is not ours.
    Shared,
}

/// The storage that the configuration names.
pub fn open(config: &Config) -> Result<Arc<dyn Storage>, StorageError> {
    Ok(match (config.storage, &config.kubo, &config.s3) {
        (StorageKind::Kubo, Some(kubo), _) => Arc::new(KuboStorage::open(&kubo.api)?),
        (StorageKind::S3, _, Some(s3)) => {
            let keys = BucketKeys::from_environment(&s3.bucket)?;
            Arc::new(BucketStorage::connect(s3, &keys)?)
        }
        _ => Arc::new(DirectoryStorage::open(config.data_dir.join("bytes"))?),
    })
}

impl dyn Storage + '_ {
    /// A short range, in one piece: a block of a proof, a node.
    pub async fn read_all(
        &self,
        object: &BlobAddress,
        range: Range<u64>,
    ) -> Result<Vec<u8>, StorageError> {
        use futures_util::TryStreamExt;
        let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
        let mut stream = self.read(object, range).await?;
        while let Some(piece) = stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

/// A range must lie within the object.
fn check_range(object: &BlobAddress, range: &Range<u64>) -> Result<(), StorageError> {
    if range.start <= range.end && range.end <= object.len {
        return Ok(());
    }
    let (from, to, len) = (range.start, range.end, object.len);
    Err(StorageError::OutOfRange { object: hex(&object.digest), from, to, len })
}

/// How objects and leases are named in files and logs.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digest in a name, if it is one.
fn unhex(name: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if name.len() != 64 || !name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(name.as_bytes().as_chunks::<2>().0) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
