use std::error::Error;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};

use aceso_format::address::{BLOCK_LEN, Node, TreeBuilder, leaf_digest};

use super::{BlobError, Block, buffer};

/// Length of every leaf but the last.
pub const LEAF_LEN: usize = BLOCK_LEN as usize;

/// One leaf of a blob: 1 MiB (the last one may be shorter) and its SHA-256. Outside this crate they
/// are made from bytes only, so the digest is always of the bytes beside it, and no store has to
/// hash again.
#[derive(Clone, Debug)]
pub struct Leaf {
    bytes: Bytes,
    digest: [u8; 32],
}

impl Leaf {
    pub fn new(bytes: Bytes) -> Self {
        let digest = leaf_digest(&bytes);
        Self { bytes, digest }
    }

    /// A block was hashed when it was verified.
    pub(super) fn of_block(block: &Block) -> Self {
        Self { bytes: block.bytes().clone(), digest: block.branch().cid.digest }
    }

    /// For the sealer, which hashes each chunk while it is still in the processor's cache.
    pub(crate) fn hashed(bytes: Bytes, digest: [u8; 32]) -> Self {
        debug_assert_eq!(digest, leaf_digest(&bytes));
        Self { bytes, digest }
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

pub type SourceError = Box<dyn Error + Send + Sync>;

/// Where the bytes of a put come from: full leaves in order, the last possibly shorter, none for an
/// empty blob. An error ends the put, and the store undoes it.
#[async_trait]
pub trait LeafSource: Send {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError>;
}

/// Bytes that are ready: heads, keyrings, bundles, stored ciphertext.
pub struct BytesSource(Bytes);

impl BytesSource {
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }
}

#[async_trait]
impl LeafSource for BytesSource {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let part = self.0.split_to(self.0.len().min(LEAF_LEN));
        Ok(Some(hash(part).await?))
    }
}

/// Bytes that are read while they are stored.
pub struct ReadSource<R>(R);

impl<R: AsyncRead + Send + Unpin> ReadSource<R> {
    pub fn new(reader: R) -> Self {
        Self(reader)
    }
}

#[async_trait]
impl<R: AsyncRead + Send + Unpin> LeafSource for ReadSource<R> {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        let mut part = buffer::take(LEAF_LEN);
        let mut rest = (&mut self.0).take(LEAF_LEN as u64);
        while part.len() < LEAF_LEN && rest.read_buf(&mut part).await? > 0 {}
        if part.is_empty() { Ok(None) } else { Ok(Some(hash(buffer::lend(part)).await?)) }
    }
}

/// Hashing a leaf takes half a millisecond, too long for a thread that drives sockets.
async fn hash(part: Bytes) -> Result<Leaf, SourceError> {
    if part.len() < 64 << 10 {
        return Ok(Leaf::new(part));
    }
    Ok(tokio::task::spawn_blocking(move || Leaf::new(part)).await?)
}

/// A source that breaks its own contract (a short leaf in the middle) ends the put like any other
/// failing source.
pub(super) fn push_leaf(
    tree: &mut TreeBuilder,
    leaf: &Leaf,
    sink: impl FnMut(Node),
) -> Result<(), BlobError> {
    tree.push_leaf(leaf.digest, leaf.bytes.len(), sink).map_err(|e| BlobError::Source(Box::new(e)))
}
