//! Real nodes: CIDs as Kubo makes them, and what one node adds read through another.

mod blob_fixture;

use std::{sync::Arc, time::Instant};

use aceso_sdk::blob::{BlobAddress, BlobStore, FailoverStore, Leaf, ReadOrder};
use blob_fixture::{MIB, RepeatingSource, kubo::KuboNode, read_all, sample};
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cids_are_those_of_ipfs_add() {
    let Some(node) = KuboNode::start("cids_are_those_of_ipfs_add") else { return };
    let folder = TempDir::new().unwrap();
    for len in [0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 8_000_000] {
        let path = folder.path().join("file");
        let bytes = sample(len, 11);
        std::fs::write(&path, &bytes).unwrap();
        let options =
            ["--cid-version=1", "--raw-leaves", "--chunker=size-1048576", "--max-file-links=1024"];
        let path = path.to_str().unwrap();
        let added = node.ipfs(&[&["add", "--quieter"], &options[..], &[path]].concat());
        assert_eq!(added.trim(), BlobAddress::of(&bytes).cid_string(), "{len} bytes");
    }
}

/// More than 1024 leaves, so nodes on two levels. All leaves but the last are one: the node hashes
/// a GiB and keeps a MiB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_levels_above_a_gib() {
    let Some(node) = KuboNode::start("two_levels_above_a_gib") else { return };
    let store: Arc<dyn BlobStore> = Arc::new(node.store());
    for (times, last) in [(1024, None), (1024, Some(1)), (1030, Some(12_345))] {
        let leaf = Leaf::new(sample(MIB, 12));
        let last = last.map(|len| Leaf::new(sample(len, 13)));
        let len = (times * MIB + last.as_ref().map_or(0, |leaf| leaf.bytes().len())) as u64;
        let begin = Instant::now();
        // The node answers with its own CID, and another than ours would be an error.
        let blob = store.put(&mut RepeatingSource { leaf, times, last }, None).await.unwrap();
        eprintln!("{len} bytes put in {:.1} s", begin.elapsed().as_secs_f64());
        assert_eq!(blob.len, len);
        let from = len - MIB as u64 - 100;
        let mut reader = store.get_range(blob, from..len).unwrap();
        let mut read = 0;
        while let Some(part) = reader.next().await.unwrap() {
            read += part.len() as u64;
        }
        assert_eq!(read, len - from);
        assert!(reader.fetched() < 4 * MIB as u64);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_adds_and_another_reads() {
    let test = "one_node_adds_and_another_reads";
    let (Some(writer), Some(reader)) = (KuboNode::start(test), KuboNode::start(test)) else {
        return;
    };
    reader.connect(&writer);
    let put: Arc<dyn BlobStore> = Arc::new(writer.store());
    let get: Arc<dyn BlobStore> = Arc::new(reader.store());
    for len in [0, 700, 20 * MIB + 3] {
        let bytes = sample(len, 14);
        let blob = put.put_bytes(bytes.clone()).await.unwrap();
        assert!(!get.has(&blob).await.unwrap());
        assert!(read_all(&get, blob).await == bytes, "{len} bytes");
    }
    // Through the other node's gateway, and pinned there.
    let bytes = sample(3 * MIB, 15);
    let blob = put.put_bytes(bytes.clone()).await.unwrap();
    let gateway: Arc<dyn BlobStore> = Arc::new(reader.gateway());
    assert!(read_all(&gateway, blob).await == bytes);
    get.pin(&blob).await.unwrap();
    assert!(get.has(&blob).await.unwrap());

    // One of them dies.
    let both: Arc<dyn BlobStore> =
        Arc::new(FailoverStore::new(put, vec![get]).read_order(ReadOrder::FastestFirst));
    drop(writer);
    assert!(read_all(&both, blob).await == bytes);
}
