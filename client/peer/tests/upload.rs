//! What the daemon takes over real sockets: the bytes of leases, whole and right, or nothing.

mod support;

use std::time::Duration;

use aceso::state::LeaseKind;
use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;
use serde_json::Value;
use support::{
    MIB,
    chain::NOW,
    daemon::{Daemon, QUOTA, leased, path, refusal},
    sample,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_kept_once_it_is_what_was_leased() {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let bytes = sample(3 * MIB + 9, 4);
    let wanted = leased(&bytes);
    let (at, lease) =
        daemon.chain.offer(&owner, &record, LeaseKind::Record, &daemon.peer, &wanted, |_| ());
    daemon.see(&at, lease);
    let answer = daemon.upload(&at, &owner, bytes.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["cid"], wanted.address.cid_string());
    assert!(daemon.service.holdings.holds(&wanted).unwrap());
    assert_eq!(daemon.service.holdings.taken(), bytes.len() as u64);
    let read = daemon.signed(Method::GET, &path(&bytes, ""), &owner, None).send().await.unwrap();
    assert!(read.bytes().await.unwrap() == bytes);
    for leaf in [0, 1, 2047, 2048, wanted.address.len / 512] {
        let proof = daemon.service.holdings.prove(&wanted, leaf).await.unwrap();
        aceso_format::proof_tree::verify(
            &wanted.root,
            wanted.address.len,
            leaf,
            &proof.leaf,
            &proof.path,
        )
        .unwrap();
    }
    // Again: it is there, so nothing is stored or counted twice.
    assert_eq!(daemon.upload(&at, &owner, bytes.clone()).send().await.unwrap().status(), 201);
    assert_eq!(daemon.service.holdings.taken(), bytes.len() as u64);
}

/// What is in the folders of bytes and trees: files that have a name, and files that do not.
fn files(daemon: &Daemon) -> (usize, usize) {
    let count = |folder: &str| walk(&daemon.folder.path().join(folder));
    (
        count("bytes/objects") + count("trees/trees"),
        count("bytes/incoming") + count("trees/incoming"),
    )
}

fn walk(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { walk(&path) } else { 1 })
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_upload_leaves_nothing() {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let bytes = sample(2 * MIB, 4);
    let offer = |edit: fn(&mut aceso::state::Lease)| {
        daemon
            .chain
            .offer(&owner, &record, LeaseKind::Record, &daemon.peer, &leased(&bytes), edit)
            .0
    };
    let at = offer(|_| ());
    let put = |bytes: Bytes| daemon.upload(&at, &owner, bytes).send();
    // Another length is refused at once, other bytes at the end.
    assert_eq!(refusal(put(bytes.slice(1..)).await.unwrap()).await.0, 422);
    assert_eq!(refusal(put(sample(2 * MIB + 1, 4)).await.unwrap()).await.0, 422);
    assert_eq!(refusal(put(sample(2 * MIB, 5)).await.unwrap()).await.0, 422);
    // The right bytes under a root that is not theirs.
    offer(|lease| lease.root[0] ^= 1);
    let (status, error) = refusal(put(bytes.clone()).await.unwrap()).await;
    assert!(status == 422 && error.contains("root"), "{error}");
    // Who may not, and leases that want nothing.
    offer(|_| ());
    let stranger = daemon.chain.person(11);
    assert_eq!(
        refusal(daemon.upload(&at, &stranger, bytes.clone()).send().await.unwrap()).await.0,
        403
    );
    let unsigned = support::daemon::client()
        .put(daemon.url(&format!("/leases/{at}")))
        .body(bytes.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(unsigned).await.0, 401);
    offer(|lease| lease.offer_until_secs = NOW - 1);
    assert_eq!(refusal(put(bytes.clone()).await.unwrap()).await.0, 410);
    offer(|lease| lease.status = 2);
    assert_eq!(refusal(put(bytes.clone()).await.unwrap()).await.0, 410);
    offer(|lease| lease.peer = aceso_sdk::chain::Pubkey::new_from_array([3; 32]));
    assert_eq!(refusal(put(bytes.clone()).await.unwrap()).await.0, 404);
    // More than the quota.
    offer(|lease| lease.stored_len = QUOTA + 1);
    let long = daemon.signed(Method::PUT, &format!("/leases/{at}"), &owner, Some(QUOTA + 1));
    let endless =
        reqwest::Body::wrap_stream(stream::iter((0..).map(|_| Ok::<_, String>(sample(MIB, 1)))));
    let answer = long.header("content-length", QUOTA + 1).body(endless).send().await;
    if let Ok(answer) = answer {
        assert_eq!(refusal(answer).await.0, 507);
    }
    assert_eq!(daemon.service.holdings.taken(), 0);
    assert_eq!(files(&daemon), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_upload_leaves_nothing() {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let bytes = sample(4 * MIB, 4);
    let (at, _) = daemon.chain.offer(
        &owner,
        &record,
        LeaseKind::Record,
        &daemon.peer,
        &leased(&bytes),
        |_| (),
    );
    // Cut in the middle, and one that goes silent: the daemon lets go of both.
    for silent in [false, true] {
        let request = daemon.upload(&at, &owner, bytes.clone()).build().unwrap();
        let mut socket = tokio::net::TcpStream::connect(daemon.address).await.unwrap();
        let mut head = format!(
            "PUT {} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n",
            request.url().path(),
            daemon.address,
            bytes.len()
        );
        for name in ["aceso-profile", "signature-input", "signature"] {
            head.push_str(&format!("{name}: {}\r\n", request.headers()[name].to_str().unwrap()));
        }
        socket.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        socket.write_all(&bytes[..3 * MIB / 2]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(files(&daemon).1, 2, "two drafts, of bytes and tree");
        if silent {
            let mut said = Vec::new();
            let ended =
                tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut said)).await;
            assert!(ended.is_ok(), "the daemon waits for ever");
        } else {
            drop(socket);
        }
        for _ in 0..100 {
            if files(&daemon) == (0, 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!((files(&daemon), daemon.service.holdings.taken()), ((0, 0), 0));
    }
    // And the right upload afterwards goes through.
    assert_eq!(daemon.upload(&at, &owner, bytes).send().await.unwrap().status(), 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_s_bytes_are_taken_beside_those_in_force() {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let (old, new) = (sample(MIB, 4), sample(MIB + 100, 5));
    let (at, mut lease) = daemon.hold(&owner, &record, LeaseKind::Record, &old).await;
    let next = leased(&new);
    (lease.next_root, lease.next_digest, lease.next_len) =
        (next.root, next.address.digest, next.address.len);
    daemon.chain.map.lock().unwrap().leases.insert(at, lease);
    daemon.see(&at, lease);
    assert_eq!(daemon.upload(&at, &owner, new.clone()).send().await.unwrap().status(), 201);
    for bytes in [old, new] {
        let read =
            daemon.signed(Method::GET, &path(&bytes, ""), &owner, None).send().await.unwrap();
        assert!(read.bytes().await.unwrap() == bytes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_uploads_are_told_to_come_again() {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let bytes = sample(9, 4);
    let (at, _) = daemon.chain.offer(
        &owner,
        &record,
        LeaseKind::Record,
        &daemon.peer,
        &leased(&bytes),
        |_| (),
    );
    let _both = daemon.service.uploads.try_acquire_many(2).unwrap();
    let answer = daemon.upload(&at, &owner, bytes).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "60");
    assert_eq!(refusal(answer).await.0, 503);
}
