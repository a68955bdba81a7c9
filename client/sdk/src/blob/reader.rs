use std::{collections::VecDeque, ops::Range, sync::Arc};

use aceso_format::{BlobAddress, address::Branch};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::task::JoinHandle;

use super::{BlobError, BlobStore, Block, Leaf, LeafSource, SourceError};

/// Blocks asked for ahead of the one being read: enough to hide a round trip, few enough to stay
/// within a few MiB.
const IN_FLIGHT: usize = 5;

/// Reads a blob, or a range of it, in order. Fetches ahead, and releases only bytes of verified
/// blocks.
pub struct BlobReader {
    store: Arc<dyn BlobStore>,
    blob: BlobAddress,
    range: Range<u64>,
    /// Blocks still to visit, the next one last.
    ahead: Vec<Branch>,
    in_flight: VecDeque<Fetch>,
    fetched: u64,
}

impl BlobReader {
    pub(super) fn new(
        store: Arc<dyn BlobStore>,
        blob: BlobAddress,
        range: Range<u64>,
    ) -> Result<Self, BlobError> {
        if range.start > range.end || range.end > blob.len {
            let (from, to, len) = (range.start, range.end, blob.len);
            return Err(BlobError::OutOfRange { blob: blob.cid_string(), from, to, len });
        }
        let bad = |e: aceso_format::Error| BlobError::BadAddress { reason: e.to_string() };
        let root = blob.root().map_err(bad)?;
        if blob.len == 0 {
            // Nothing to ask anybody for; and Bitswap does not carry a block without bytes from one
            // node to another.
            root.verify_leaf(&[]).map_err(bad)?;
        }
        let ahead = if range.is_empty() { Vec::new() } else { vec![root] };
        Ok(Self { store, blob, range, ahead, in_flight: VecDeque::new(), fetched: 0 })
    }

    pub fn blob(&self) -> BlobAddress {
        self.blob
    }

    /// Bytes of blocks read so far, nodes included: what the range cost.
    pub fn fetched(&self) -> u64 {
        self.fetched
    }

    /// The next bytes of the range, at most one block of them; `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        let Some(block) = self.next_block().await? else { return Ok(None) };
        let branch = block.branch();
        let from = self.range.start.saturating_sub(branch.offset);
        let to = (self.range.end - branch.offset).min(branch.len);
        Ok(Some(block.bytes().slice(from as usize..to as usize)))
    }

    /// All that is left, in memory: for small blobs.
    pub async fn collect(mut self) -> Result<Bytes, BlobError> {
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let mut all = BytesMut::from(first);
        while let Some(more) = self.next().await? {
            all.extend_from_slice(&more);
        }
        Ok(all.freeze())
    }

    async fn next_block(&mut self) -> Result<Option<Block>, BlobError> {
        while self.in_flight.len() < IN_FLIGHT {
            let Some(branch) = self.ahead.pop() else { break };
            if branch.is_leaf() {
                self.in_flight.push_back(Fetch::start(&self.store, self.blob, branch));
                continue;
            }
            let node = self.store.block(&self.blob, &branch).await?;
            self.fetched += node.bytes().len() as u64;
            let wanted = |child: &&Branch| {
                let covers = child.range();
                covers.start < self.range.end && covers.end > self.range.start
            };
            self.ahead.extend(node.children().iter().rev().filter(wanted));
        }
        let Some(fetch) = self.in_flight.pop_front() else { return Ok(None) };
        let block = fetch.join().await?;
        self.fetched += block.bytes().len() as u64;
        Ok(Some(block))
    }
}

/// A whole blob that is read is a source too: this is how one store is filled from another.
#[async_trait]
impl LeafSource for BlobReader {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        let block = self.next_block().await?.filter(|block| !block.bytes().is_empty());
        Ok(block.map(|block| Leaf::of_block(&block)))
    }
}

/// A block on its way. Dropping the reader stops what it asked for.
struct Fetch(JoinHandle<Result<Block, BlobError>>);

impl Fetch {
    fn start(store: &Arc<dyn BlobStore>, blob: BlobAddress, branch: Branch) -> Self {
        let store = store.clone();
        Self(tokio::spawn(async move { store.block(&blob, &branch).await }))
    }

    async fn join(mut self) -> Result<Block, BlobError> {
        (&mut self.0).await.map_err(|e| BlobError::Worker(e.to_string()))?
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
