//! The bytes of leases: made while they are read, and read back as what they were made from.

mod blob_fixture;

use std::sync::Arc;

use aceso_format::{copy::CopyBuilder, key::ReplicaSecret, mask::Mask};
use aceso_sdk::{
    blob::{
        BlobAddress, BlobError, BlobStore, CopyPart, CopyPiece, CopyRecipe, CopyStore,
        DirectoryStore,
    },
    file::Silent,
};
use blob_fixture::*;
use tempfile::TempDir;

const LEASE: [u8; 32] = [3; 32];
const RECORD: [u8; 32] = [4; 32];

fn mask(secret: u8) -> Arc<Mask> {
    Arc::new(Mask::new(&ReplicaSecret::from_bytes([secret; 32]), &LEASE, &RECORD))
}

fn directory(dir: &TempDir) -> Arc<dyn BlobStore> {
    Arc::new(DirectoryStore::open(dir.path()).unwrap())
}

async fn collect(recipe: &CopyRecipe) -> Vec<u8> {
    let (mut reader, mut bytes) = (recipe.read(), Vec::new());
    while let Some(part) = reader.next().await.unwrap() {
        assert!(part.len() <= 1 << 20, "a MiB at a time");
        bytes.extend_from_slice(&part);
    }
    bytes
}

/// Content at an offset that is none of the lease's blocks, as in a pack.
async fn round_trip(table_len: usize, content_len: usize) {
    let (own, peer) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (own, peer) = (directory(&own), directory(&peer));
    let (bytes, head) = (sample(content_len, 1), sample(900, 2));
    let content = own.put_bytes(bytes.clone()).await.unwrap();
    let table = sample(table_len, 3);
    let parts = vec![
        CopyPart::Plain(table.clone()),
        CopyPart::Masked { content, mask: mask(9) },
        CopyPart::Plain(head.clone()),
    ];
    let recipe = CopyRecipe::new(own, parts);
    let copy = collect(&recipe).await;
    assert_eq!(copy.len() as u64, recipe.stored_len());

    let mut builder = CopyBuilder::new();
    builder.push(&table, |_| ());
    builder.push_masked(&mask(9), 0, &mut bytes.to_vec(), |_| ());
    builder.push(&head, |_| ());
    let expected = builder.finish(|_| ()).unwrap();
    assert_eq!(recipe.address(&Silent).await.unwrap(), expected);

    let blob = peer.put_bytes(copy).await.unwrap();
    assert_eq!(blob, expected.blob);
    let offset = table_len as u64;
    let head_blob = BlobAddress::of(&head);
    let pieces = |secret| {
        vec![
            CopyPiece { blob: content, offset, mask: Some(mask(secret)) },
            CopyPiece { blob: head_blob, offset: offset + content.len, mask: None },
        ]
    };
    let store: Arc<dyn BlobStore> = Arc::new(CopyStore::new(peer.clone(), blob, pieces(9)));
    assert_eq!(store.get_bytes(head_blob, 1000).await.unwrap(), head);
    assert!(store.get(content).unwrap().collect().await.unwrap() == bytes);
    let range = content.len / 3..content.len / 2;
    let part = store.get_range(content, range.clone()).unwrap().collect().await.unwrap();
    assert!(part == bytes[range.start as usize..range.end as usize]);
    assert!(store.has(&content).await.unwrap() && !store.has(&blob).await.unwrap());

    // Under another mask it is not the record's content, though each block is the lease's.
    let wrong: Arc<dyn BlobStore> = Arc::new(CopyStore::new(peer, blob, pieces(8)));
    let refused = wrong.get(content).unwrap().collect().await.unwrap_err();
    assert!(matches!(refused, BlobError::Mismatch { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_masked_is_read_back() {
    for (table_len, content_len) in
        [(0, 5_000), (0, 1 << 20), (0, 3_300_000), (88, 5_000), (88, 2_100_000)]
    {
        round_trip(table_len, content_len).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_changed_a_byte_is_refused_block_by_block() {
    let (own, held) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (own, peer) = (directory(&own), directory(&held));
    let bytes = sample(2_500_000, 5);
    let content = own.put_bytes(bytes.clone()).await.unwrap();
    let recipe = CopyRecipe::new(own, vec![CopyPart::Masked { content, mask: mask(1) }]);
    let blob = peer.put_bytes(collect(&recipe).await).await.unwrap();
    let path = find(held.path(), &blob.cid_string()).unwrap();
    let mut stored = std::fs::read(&path).unwrap();
    stored[2_000_000] ^= 1;
    std::fs::write(&path, stored).unwrap();
    let pieces = vec![CopyPiece { blob: content, offset: 0, mask: Some(mask(1)) }];
    let store: Arc<dyn BlobStore> = Arc::new(CopyStore::new(peer, blob, pieces));
    let refused = store.get(content).unwrap().collect().await.unwrap_err();
    assert!(matches!(refused, BlobError::Mismatch { .. }), "{refused}");
}

fn find(dir: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).find_map(|path| {
        if path.is_dir() {
            return find(&path, name);
        }
        path.file_name().is_some_and(|file| file.to_string_lossy() == name).then_some(path)
    })
}
