use std::{ops::Range, sync::Arc};

use aceso_format::BlobAddress;
use aceso_sdk::blob::{BlobError, BlobStore, KuboStore, Leaf, LeafSource, SourceError};
use async_trait::async_trait;
use futures_util::stream;
use tokio::{sync::mpsc, task::JoinHandle};

use super::{ByteStream, Draft, Listing, Storage, StorageError, check_range, hex};

/// Objects in a Kubo node, pinned, through its RPC API: the sdk's store.
pub struct KuboStorage {
    store: Arc<dyn BlobStore>,
}

impl KuboStorage {
    pub fn open(api: &str) -> Result<Self, StorageError> {
        Ok(Self { store: Arc::new(KuboStore::new(api)?) })
    }

    pub fn on(store: KuboStore) -> Self {
        Self { store: Arc::new(store) }
    }

    fn not_found(&self, object: &BlobAddress) -> StorageError {
        StorageError::NotFound { storage: self.describe(), object: hex(&object.digest) }
    }
}

#[async_trait]
impl Storage for KuboStorage {
    fn describe(&self) -> String {
        self.store.describe()
    }

    async fn begin(&self, object: &BlobAddress) -> Result<Box<dyn Draft>, StorageError> {
        let (leaves, arriving) = mpsc::channel(2);
        let (store, object) = (self.store.clone(), *object);
        let putting = tokio::spawn(async move {
            store.put(&mut Arriving(arriving), Some(object)).await.map(drop)
        });
        Ok(Box::new(KuboDraft { leaves: Some(leaves), putting }))
    }

    /// Block by block, each checked against its CID: a node is not believed either.
    async fn read(
        &self,
        object: &BlobAddress,
        range: Range<u64>,
    ) -> Result<ByteStream, StorageError> {
        check_range(object, &range)?;
        // A node without routing would look for what it does not have until its patience ends.
        if self.len(object).await?.is_none() {
            return Err(self.not_found(object));
        }
        let reader = self.store.get_range(*object, range)?;
        Ok(Box::pin(stream::try_unfold(reader, |mut reader| async move {
            let piece = reader.next().await?;
            Ok(piece.map(|piece| (piece, reader)))
        })))
    }

    async fn len(&self, object: &BlobAddress) -> Result<Option<u64>, StorageError> {
        Ok(self.store.has(object).await?.then_some(object.len))
    }

    /// Unpins; the node's own collection of garbage frees the space.
    async fn delete(&self, object: &BlobAddress) -> Result<(), StorageError> {
        Ok(self.store.unpin(object).await?)
    }

    async fn list(&self) -> Result<Listing, StorageError> {
        Ok(Listing::Shared)
    }

    async fn free(&self) -> Result<Option<u64>, StorageError> {
        Ok(None)
    }
}

struct KuboDraft {
    leaves: Option<mpsc::Sender<Option<Leaf>>>,
    putting: JoinHandle<Result<(), BlobError>>,
}

impl KuboDraft {
    async fn outcome(&mut self) -> Result<(), StorageError> {
        let done = (&mut self.putting).await;
        Ok(done.map_err(|e| StorageError::Worker(e.to_string()))??)
    }
}

#[async_trait]
impl Draft for KuboDraft {
    async fn write(&mut self, leaf: Leaf) -> Result<(), StorageError> {
        if let Some(leaves) = &self.leaves
            && leaves.send(Some(leaf)).await.is_ok()
        {
            return Ok(());
        }
        // The put has ended before its time: what it says is the reason.
        self.leaves = None;
        self.outcome().await?;
        Err(StorageError::Worker("the node ended an upload early".to_owned()))
    }

    async fn name(mut self: Box<Self>) -> Result<(), StorageError> {
        if let Some(leaves) = self.leaves.take() {
            // Without this the source breaks off, and the node pins nothing.
            let _ = leaves.send(None).await;
        }
        self.outcome().await
    }
}

impl Drop for KuboDraft {
    fn drop(&mut self) {
        self.putting.abort();
    }
}

struct Arriving(mpsc::Receiver<Option<Leaf>>);

#[async_trait]
impl LeafSource for Arriving {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        self.0.recv().await.ok_or_else(|| SourceError::from("the upload was broken off"))
    }
}
