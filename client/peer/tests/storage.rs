//! One suite for every storage: what one does, all do.

mod support;

use std::sync::Arc;

use aceso_format::BlobAddress;
use aceso_peer::storage::{
    BucketStorage, DirectoryStorage, KuboStorage, Listing, Storage, StorageError,
};
use aceso_sdk::blob::Leaf;
use bytes::Bytes;
use object_store::{local::LocalFileSystem, memory::InMemory};
use support::{MIB, address, s3::S3, sample};
use tempfile::TempDir;

const SIZES: [usize; 6] = [1, MIB - 1, MIB, MIB + 1, 9 * MIB + 7, 20 * MIB];

async fn put(storage: &dyn Storage, bytes: &Bytes) -> Result<BlobAddress, StorageError> {
    let object = address(bytes);
    let mut draft = storage.begin(&object).await?;
    for leaf in leaves(bytes) {
        draft.write(leaf).await?;
    }
    draft.name().await?;
    Ok(object)
}

fn leaves(bytes: &Bytes) -> Vec<Leaf> {
    (0..bytes.len())
        .step_by(MIB)
        .map(|at| Leaf::new(bytes.slice(at..bytes.len().min(at + MIB))))
        .collect()
}

async fn reads_what_was_put(storage: &dyn Storage) {
    for len in SIZES {
        let bytes = sample(len, len as u64);
        let object = put(storage, &bytes).await.unwrap();
        assert_eq!(storage.len(&object).await.unwrap(), Some(len as u64));
        assert!(storage.read_all(&object, 0..object.len).await.unwrap() == bytes, "{len}");
        let mib = MIB as u64;
        for (from, to) in [
            (0, 0),
            (0, 1),
            (object.len / 3, object.len / 3 + 5),
            (mib - 1, mib + 1),
            (object.len - 1, object.len),
        ] {
            if to > object.len {
                continue;
            }
            let read = storage.read_all(&object, from..to).await.unwrap();
            assert!(read == bytes[from as usize..to as usize], "{from}..{to} of {len}");
        }
        for range in [0..object.len + 1, object.len + 1..object.len + 1] {
            let error = storage.read(&object, range).await.err().unwrap();
            assert!(matches!(error, StorageError::OutOfRange { .. }), "{error}");
        }
    }
}

async fn shows_nothing_that_is_not_named(storage: &dyn Storage) {
    let bytes = sample(9 * MIB, 99);
    let object = address(&bytes);
    let mut draft = storage.begin(&object).await.unwrap();
    for leaf in leaves(&bytes) {
        draft.write(leaf).await.unwrap();
        assert_eq!(storage.len(&object).await.unwrap(), None);
    }
    drop(draft);
    assert_eq!(storage.len(&object).await.unwrap(), None);
    let error = storage.read(&object, 0..1).await.err().unwrap();
    assert!(matches!(error, StorageError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains(';'), "{error}");
}

async fn takes_the_same_object_from_many(storage: &Arc<dyn Storage>) {
    let bytes = sample(3 * MIB + 3, 5);
    let puts = (0..4).map(|_| {
        let (storage, bytes) = (storage.clone(), bytes.clone());
        tokio::spawn(async move { put(&*storage, &bytes).await })
    });
    for put in puts.collect::<Vec<_>>() {
        assert_eq!(put.await.unwrap().unwrap(), address(&bytes));
    }
    assert!(storage.read_all(&address(&bytes), 0..bytes.len() as u64).await.unwrap() == bytes);
}

async fn deletes_and_lists(storage: &dyn Storage) {
    let bytes = sample(2 * MIB, 6);
    let object = put(storage, &bytes).await.unwrap();
    let listed = storage.list().await.unwrap();
    assert!(
        listed == Listing::Shared
            || matches!(&listed, Listing::Ours(all) if all.contains(&object.digest))
    );
    storage.delete(&object).await.unwrap();
    storage.delete(&object).await.unwrap();
    assert_eq!(storage.len(&object).await.unwrap(), None);
    let listed = storage.list().await.unwrap();
    assert!(!matches!(&listed, Listing::Ours(all) if all.contains(&object.digest)));
}

async fn conforms(storage: Arc<dyn Storage>) {
    shows_nothing_that_is_not_named(&*storage).await;
    reads_what_was_put(&*storage).await;
    takes_the_same_object_from_many(&storage).await;
    deletes_and_lists(&*storage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn directory() {
    let folder = TempDir::new().unwrap();
    conforms(Arc::new(DirectoryStorage::open(folder.path()).unwrap())).await;
    let remains: Vec<_> = std::fs::read_dir(folder.path().join("incoming")).unwrap().collect();
    assert!(remains.is_empty(), "{remains:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bucket_in_memory() {
    conforms(Arc::new(BucketStorage::on(Arc::new(InMemory::new()), "objects", "memory".into())))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bucket_in_a_folder() {
    let folder = TempDir::new().unwrap();
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    conforms(Arc::new(BucketStorage::on(Arc::new(store), "objects", "folder".into()))).await;
}

/// Through our own HTTP connector, over a socket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bucket_over_the_wire() {
    let s3 = S3::start().await;
    let store = support::s3_store(&s3);
    conforms(Arc::new(store)).await;
    // What was dropped was aborted: its parts would cost money.
    for _ in 0..50 {
        if s3.bucket.lock().unwrap().uploads.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{:?}", s3.bucket.lock().unwrap().uploads.keys());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_bucket_says_so_and_shows_no_key() {
    let s3 = S3::start().await;
    let storage = support::s3_store(&s3);
    let object = put(&storage, &sample(5, 1)).await.unwrap();
    s3.bucket.lock().unwrap().failing = Some(http::StatusCode::FORBIDDEN);
    for error in [
        storage.len(&object).await.unwrap_err(),
        storage.read(&object, 0..1).await.err().unwrap(),
        storage.begin(&object).await.err().unwrap(),
        storage.delete(&object).await.unwrap_err(),
        storage.list().await.unwrap_err(),
    ] {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(support::S3_SECRET), "{text}");
        assert!(error.to_string().contains(';'), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kubo() {
    let Ok(api) = std::env::var("ACESO_KUBO_API") else {
        eprintln!("skipped kubo: ACESO_KUBO_API names no node");
        return;
    };
    conforms(Arc::new(KuboStorage::open(&api).unwrap())).await;
}
