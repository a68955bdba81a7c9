//! One suite for every store: what one does, all do.

mod blob_fixture;

use std::sync::Arc;

use aceso_sdk::blob::{
    BlobAddress, BlobError, BlobStore, BytesSource, DirectoryStore, FailoverStore, GatewayStore,
    ReadOrder, ReadSource,
};
use blob_fixture::{BreakingSource, MIB, kubo::KuboNode, read_all, sample, server::Server};
use tempfile::TempDir;

const SIZES: [usize; 7] = [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB, 40 * MIB];
/// The longest node there is has some 57 KiB.
const NODE_LEN: u64 = 64 << 10;

/// Reads what `filler` has put: for a store that can be filled they are the same.
async fn reads_what_was_put(store: &Arc<dyn BlobStore>, filler: &Arc<dyn BlobStore>) {
    for len in SIZES {
        let bytes = sample(len, len as u64 + 1);
        let blob = filler
            .put(&mut BytesSource::new(bytes.clone()), Some(BlobAddress::of(&bytes)))
            .await
            .unwrap();
        assert_eq!(blob, BlobAddress::of(&bytes), "{len} bytes");
        assert!(store.has(&blob).await.unwrap(), "{len} bytes");
        assert!(read_all(store, blob).await == bytes, "{len} bytes");
        reads_ranges(store, blob, &bytes).await;
    }
}

async fn reads_ranges(store: &Arc<dyn BlobStore>, blob: BlobAddress, bytes: &[u8]) {
    let (len, mib) = (blob.len, MIB as u64);
    let ranges = [
        (0, 0),
        (0, 1),
        (len / 3, len / 3 + 5),
        (mib - 1, mib + 1),
        (2 * mib, 3 * mib),
        (len.max(1) - 1, len),
    ];
    for (from, to) in ranges.into_iter().filter(|(from, to)| from <= to && *to <= len) {
        let mut reader = store.get_range(blob, from..to).unwrap();
        let mut read = Vec::new();
        while let Some(part) = reader.next().await.unwrap() {
            read.extend_from_slice(&part);
        }
        assert!(read == bytes[from as usize..to as usize], "{from}..{to} of {len}");
        let blocks = to.div_ceil(mib) - from / mib;
        assert!(
            reader.fetched() <= blocks * mib + NODE_LEN,
            "{from}..{to} of {len} took {}",
            reader.fetched()
        );
    }
    for (from, to) in [(0, len + 1), (len + 1, len + 1)] {
        assert!(matches!(store.get_range(blob, from..to), Err(BlobError::OutOfRange { .. })));
    }
}

async fn says_what_it_lacks(store: &Arc<dyn BlobStore>) {
    for len in [9, 3 * MIB] {
        let unknown = BlobAddress::of(&sample(len, 987_654));
        let error = store.get(unknown).unwrap().collect().await.unwrap_err();
        assert!(matches!(error, BlobError::NotFound { .. } | BlobError::Slow { .. }), "{error}");
    }
    let absurd = BlobAddress { digest: [1; 32], len: u64::MAX };
    assert!(matches!(store.get(absurd), Err(BlobError::BadAddress { .. })));
}

async fn undoes_failed_puts(store: &Arc<dyn BlobStore>) {
    let bytes = sample(3 * MIB + 7, 31);
    let other = BlobAddress::of(b"something else");
    let error = store.put(&mut BytesSource::new(bytes.clone()), Some(other)).await.unwrap_err();
    assert!(matches!(error, BlobError::Unexpected { .. }), "{error}");
    assert!(!store.has(&BlobAddress::of(&bytes)).await.unwrap());

    let error = store.put(&mut BreakingSource { leaves: 3, seed: 50 }, None).await.unwrap_err();
    assert!(matches!(error, BlobError::Source(_)), "{error}");

    // A put whose caller goes away.
    let given_up = store.clone();
    let putting = tokio::spawn(async move {
        let endless = tokio::io::repeat(3);
        given_up.put(&mut ReadSource::new(endless), None).await
    });
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    putting.abort();
    assert!(putting.await.unwrap_err().is_cancelled());
}

async fn takes_one_blob_from_many(store: &Arc<dyn BlobStore>) {
    let bytes = sample(4 * MIB + 3, 77);
    let puts = (0..4).map(|_| {
        let (store, bytes) = (store.clone(), bytes.clone());
        tokio::spawn(async move { store.put_bytes(bytes).await })
    });
    for put in puts.collect::<Vec<_>>() {
        assert_eq!(put.await.unwrap().unwrap(), BlobAddress::of(&bytes));
    }
    assert!(read_all(store, BlobAddress::of(&bytes)).await == bytes);
}

async fn lets_go(store: &Arc<dyn BlobStore>) {
    let blob = store.put(&mut ReadSource::new(&b"kept for a while"[..]), None).await.unwrap();
    store.pin(&blob).await.unwrap();
    store.unpin(&blob).await.unwrap();
    assert!(!store.has(&blob).await.unwrap());
    store.unpin(&blob).await.unwrap();
}

async fn conforms(store: Arc<dyn BlobStore>, impatient: Arc<dyn BlobStore>) {
    undoes_failed_puts(&store).await;
    reads_what_was_put(&store, &store).await;
    takes_one_blob_from_many(&store).await;
    lets_go(&store).await;
    says_what_it_lacks(&impatient).await;
    let error = store.get_bytes(BlobAddress { digest: [0; 32], len: 100 }, 99).await.unwrap_err();
    assert!(matches!(error, BlobError::TooLong { .. }));
}

async fn refuses_to_write(store: &Arc<dyn BlobStore>) {
    let blob = BlobAddress::of(b"x");
    assert!(matches!(store.put_bytes(&b"x"[..]).await, Err(BlobError::ReadOnly { .. })));
    assert!(matches!(store.pin(&blob).await, Err(BlobError::ReadOnly { .. })));
    assert!(matches!(store.unpin(&blob).await, Err(BlobError::ReadOnly { .. })));
}

fn directory(folder: &TempDir) -> Arc<dyn BlobStore> {
    Arc::new(DirectoryStore::open(folder.path()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn directory_store() {
    let folder = TempDir::new().unwrap();
    let store = directory(&folder);
    conforms(store.clone(), store).await;
    let remains: Vec<_> = std::fs::read_dir(folder.path().join("incoming")).unwrap().collect();
    assert!(remains.is_empty(), "{remains:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kubo_store() {
    let Some(node) = KuboNode::start("kubo_store") else { return };
    let store: Arc<dyn BlobStore> = Arc::new(node.store());
    undoes_failed_puts(&store).await;
    // What was broken off may still be on its way through the node.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(node.pins(), [""; 0], "a failed put left a pin");
    conforms(store, Arc::new(node.impatient_store())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_store_on_kubo() {
    let Some(node) = KuboNode::start("gateway_store_on_kubo") else { return };
    let (filler, store): (Arc<dyn BlobStore>, Arc<dyn BlobStore>) =
        (Arc::new(node.store()), Arc::new(node.gateway()));
    reads_what_was_put(&store, &filler).await;
    says_what_it_lacks(&store).await;
    refuses_to_write(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_store() {
    let server = Server::start().await;
    let store: Arc<dyn BlobStore> = Arc::new(GatewayStore::new(&server.url).unwrap());
    for len in SIZES {
        let bytes = sample(len, len as u64 + 1);
        let blob = server.add(&bytes);
        assert!(store.has(&blob).await.unwrap());
        assert!(read_all(&store, blob).await == bytes, "{len} bytes");
        reads_ranges(&store, blob, &bytes).await;
    }
    says_what_it_lacks(&store).await;
    refuses_to_write(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failover_store() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    for order in [ReadOrder::AsListed, ReadOrder::FastestFirst] {
        let [first, second] = folders.each_ref().map(directory);
        let store = FailoverStore::new(first, vec![second]).read_order(order);
        let store: Arc<dyn BlobStore> = Arc::new(store);
        conforms(store.clone(), store).await;
    }
}
