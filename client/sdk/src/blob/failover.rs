use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aceso_format::{BlobAddress, address::Branch};
use async_trait::async_trait;
use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{BlobError, BlobStore, Block, LeafSource};

/// Whom to ask first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOrder {
    /// The first of the list, the next when it fails.
    AsListed,
    /// Everybody for the first block; from then on the one that was first with the right bytes,
    /// until it fails.
    FastestFirst,
}

/// Several stores as one. Each block may come from another store, so a store that dies, or starts
/// to lie, in the middle of a read costs nothing but the time to notice.
pub struct FailoverStore {
    stores: Vec<Arc<dyn BlobStore>>,
    order: ReadOrder,
    /// The store that last delivered; `UNKNOWN` until one did.
    preferred: AtomicUsize,
}

const UNKNOWN: usize = usize::MAX;

impl FailoverStore {
    /// Reads from all, writes to `primary`.
    pub fn new(primary: Arc<dyn BlobStore>, others: Vec<Arc<dyn BlobStore>>) -> Self {
        let mut stores = vec![primary];
        stores.extend(others);
        Self { stores, order: ReadOrder::AsListed, preferred: AtomicUsize::new(UNKNOWN) }
    }

    pub fn read_order(mut self, order: ReadOrder) -> Self {
        self.order = order;
        self
    }

    /// The store that last delivered.
    pub fn preferred(&self) -> Option<usize> {
        Some(self.preferred.load(Ordering::Relaxed)).filter(|index| *index != UNKNOWN)
    }

    fn primary(&self) -> &Arc<dyn BlobStore> {
        &self.stores[0]
    }

    async fn race(
        &self,
        blob: &BlobAddress,
        branch: &Branch,
        failures: &mut Failures,
    ) -> Option<Block> {
        let ask = |(index, store): (usize, &Arc<dyn BlobStore>)| {
            let store = store.clone();
            async move { (index, store.block(blob, branch).await) }
        };
        let mut asked: FuturesUnordered<_> = self.stores.iter().enumerate().map(ask).collect();
        while let Some((index, answer)) = asked.next().await {
            match answer {
                Ok(block) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Some(block);
                }
                Err(error) => failures.note(error),
            }
        }
        None
    }
}

#[async_trait]
impl BlobStore for FailoverStore {
    fn describe(&self) -> String {
        self.stores.iter().map(|store| store.describe()).collect::<Vec<_>>().join(", then ")
    }

    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        self.primary().put(source, expected).await
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        let mut failures = Failures::default();
        let preferred = self.preferred.load(Ordering::Relaxed);
        if preferred == UNKNOWN && self.order == ReadOrder::FastestFirst {
            return self
                .race(blob, branch, &mut failures)
                .await
                .ok_or_else(|| failures.into_error(blob));
        }
        let first = if preferred == UNKNOWN { 0 } else { preferred };
        for step in 0..self.stores.len() {
            let index = (first + step) % self.stores.len();
            match self.stores[index].block(blob, branch).await {
                Ok(block) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(block);
                }
                Err(error) => failures.note(error),
            }
        }
        Err(failures.into_error(blob))
    }

    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        let mut failures = Failures::default();
        for store in &self.stores {
            match store.has(blob).await {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => failures.note(error),
            }
        }
        if failures.0.is_empty() { Ok(false) } else { Err(failures.into_error(blob)) }
    }

    async fn pin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.primary().pin(blob).await
    }

    async fn unpin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.primary().unpin(blob).await
    }
}

#[derive(Default)]
struct Failures(Vec<BlobError>);

impl Failures {
    fn note(&mut self, error: BlobError) {
        self.0.push(error);
    }

    /// One failure is itself; not to be found anywhere is one answer too.
    fn into_error(mut self, blob: &BlobAddress) -> BlobError {
        let absent = |error: &BlobError| matches!(error, BlobError::NotFound { .. });
        if self.0.len() > 1 && !self.0.iter().all(absent) {
            let reasons =
                self.0.iter().map(|error| error.to_string()).collect::<Vec<_>>().join("; ");
            return BlobError::AllFailed { blob: blob.cid_string(), reasons };
        }
        self.0.pop().unwrap_or_else(|| BlobError::NotFound {
            store: "no store".into(),
            blob: blob.cid_string(),
        })
    }
}
