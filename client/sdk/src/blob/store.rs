use std::{ops::Range, sync::Arc};

use aceso_format::{BlobAddress, address::Branch};
use async_trait::async_trait;
use bytes::Bytes;

use super::{BlobError, BlobReader, Block, BytesSource, LeafSource};

/// A place that keeps blobs. None is trusted: a [`Block`] exists only once its bytes were checked
/// against the address.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Which store this is, as a person would say it: kind and address or path.
    fn describe(&self) -> String;

    /// Stores and pins the bytes while they are produced. When it fails, or when the bytes are not
    /// those of `expected`, nothing stays behind.
    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError>;

    /// One block of a blob.
    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError>;

    /// Whether the store says that it keeps the whole blob.
    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError>;

    /// Keeps a blob that the store already has, or can find.
    async fn pin(&self, blob: &BlobAddress) -> Result<(), BlobError>;

    /// Lets the blob go: the store may delete it at once or later. Not holding it is fine.
    async fn unpin(&self, blob: &BlobAddress) -> Result<(), BlobError>;
}

impl dyn BlobStore {
    /// The whole blob, verified block by block.
    pub fn get(self: &Arc<Self>, blob: BlobAddress) -> Result<BlobReader, BlobError> {
        self.get_range(blob, 0..blob.len)
    }

    /// Some of its bytes, fetching only the blocks that hold them and the nodes above those.
    pub fn get_range(
        self: &Arc<Self>,
        blob: BlobAddress,
        range: Range<u64>,
    ) -> Result<BlobReader, BlobError> {
        BlobReader::new(self.clone(), blob, range)
    }

    /// A blob that fits in memory: a head, a keyring, a bundle. Whoever asks says how long it may
    /// be.
    pub async fn get_bytes(
        self: &Arc<Self>,
        blob: BlobAddress,
        most: u64,
    ) -> Result<Bytes, BlobError> {
        if blob.len > most {
            return Err(BlobError::TooLong { blob: blob.cid_string(), len: blob.len, most });
        }
        self.get(blob)?.collect().await
    }

    /// Stores bytes that are at hand.
    pub async fn put_bytes(&self, bytes: impl Into<Bytes>) -> Result<BlobAddress, BlobError> {
        self.put(&mut BytesSource::new(bytes), None).await
    }
}
