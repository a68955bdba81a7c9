//! A command that dies in the middle, at any point: the next one settles what it left.

mod flow_fixture;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aceso_format::address::Branch;
use aceso_sdk::{
    blob::{BlobAddress, BlobError, BlobStore, Block, LeafSource},
    chain::Cluster,
    flow::*,
};
use async_trait::async_trait;
use flow_fixture::*;

/// Stores a number of blobs, and then never answers again.
struct Stalling {
    inner: Arc<dyn BlobStore>,
    left: AtomicUsize,
}

#[async_trait]
impl BlobStore for Stalling {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        let stored = self.inner.put(source, expected).await?;
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::future::pending::<()>().await;
        }
        Ok(stored)
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        self.inner.block(blob, branch).await
    }

    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        self.inner.has(blob).await
    }

    async fn pin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.inner.pin(blob).await
    }

    async fn unpin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.inner.unpin(blob).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_put_has_stored_is_let_go_by_the_next_command() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let profile = me(&patient);
    let folder = chart(&patient).await;
    drop(patient);
    let before = world.blob_count();
    let cluster: Cluster = world.net.cluster();
    // The first blob is the content, whose address is known only at its end; the second is a head. Each is in the
    // store when the process dies, and the command does not know it yet.
    for stored in [1, 2] {
        let left = AtomicUsize::new(stored);
        let stalling = Arc::new(Stalling { inner: world.store.clone(), left });
        let patient = world.again_with("patient", &cluster, None, profile, stalling).await;
        let put_once = patient.record_put(put(folder, vec![item(b"half way", "Half")]));
        assert!(tokio::time::timeout(Duration::from_secs(3), put_once).await.is_err());
        drop(patient);
        assert_eq!(world.blob_count(), before + stored);
        let patient = world.again("patient", &cluster, None, profile).await;
        assert_eq!(world.blob_count(), before);
        assert!(patient.record_list(RecordList::Own { folder: None }).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_took_effect_stays_although_the_command_never_heard_of_it() {
    let world = World::start(Some(400)).await;
    let patient = world.person("patient").await;
    let profile = me(&patient);
    let folder = chart(&patient).await;
    let blobs = world.blob_count();
    // Cut off at many points of time: before, while and after the transaction is sent. Whatever the moment, afterwards
    // each record on the chain opens and each blob in the store is of one.
    let mut sessions = patient;
    for n in 0..8u64 {
        let put_once =
            sessions.record_put(put(folder, vec![item(b"words", &format!("Words {n}"))]));
        let _ = tokio::time::timeout(Duration::from_millis(20 + 60 * n), put_once).await;
        drop(sessions);
        sessions = world.again("patient", &world.net.cluster(), None, profile).await;
        let listed = sessions.record_list(RecordList::Own { folder: None }).await.unwrap();
        for view in &listed {
            assert_eq!(open(&sessions, view.record, None).await.unwrap(), b"words");
        }
        println!("cut off after {} ms: {} records", 20 + 60 * n, listed.len());
        assert_eq!(world.blob_count(), blobs + 2 * listed.len(), "after {n}");
    }
}
