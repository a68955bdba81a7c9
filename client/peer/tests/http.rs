//! The daemon over real sockets: what it serves, to whom, and what it takes.

mod support;

use std::{sync::Arc, time::Duration};

use aceso::state::LeaseKind;
use aceso_format::address::{AddressBuilder, Cid};
use aceso_peer::http::Limits;
use aceso_sdk::blob::{BlobStore, GatewayStore};
use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;

use support::{
    MIB, address,
    chain::{NOW, Person},
    daemon::{Daemon, QUOTA, path, refusal},
    sample,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A daemon with a public object of each shape, and the person whose they are.
async fn public(len: usize) -> (Daemon, Person, Bytes) {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let bytes = sample(len, len as u64);
    daemon.hold(&owner, &owner.profile, LeaseKind::Bundle, &bytes).await;
    (daemon, owner, bytes)
}

async fn private(len: usize) -> (Daemon, Person, Bytes) {
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let bytes = sample(len, len as u64);
    daemon.hold(&owner, &record, LeaseKind::Record, &bytes).await;
    (daemon, owner, bytes)
}

/// The sdk's own reader, which trusts nobody: block by block, ranges, all shapes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sdk_s_gateway_reader_reads_block_by_block() {
    for len in [1, MIB - 1, MIB, MIB + 1, 5 * MIB + 3] {
        let (daemon, _, bytes) = public(len).await;
        let store: Arc<dyn BlobStore> =
            Arc::new(GatewayStore::new(daemon.url("").as_str()).unwrap());
        let blob = address(&bytes);
        assert!(store.has(&blob).await.unwrap());
        assert!(store.get(blob).unwrap().collect().await.unwrap() == bytes, "{len}");
        let (from, to) = (blob.len / 3, blob.len / 3 + blob.len.div_ceil(2));
        let part = store.get_range(blob, from..to).unwrap().collect().await.unwrap();
        assert!(part == bytes[from as usize..to as usize]);
        let unknown = address(&sample(len + 1, 5));
        assert!(!store.has(&unknown).await.unwrap());
    }
}

/// More than 1024 blocks: two levels of nodes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dag_of_two_levels_is_served_too() {
    let daemon =
        Daemon::start_with(Limits { connections: 8, idle: Duration::from_secs(5) }, 2 << 30).await;
    let owner = daemon.chain.person(10);
    let block = sample(MIB, 9);
    let blocks = 1026;
    let (mut builder, mut proof) =
        (AddressBuilder::new(), aceso_format::proof_tree::ProofBuilder::new());
    for _ in 0..blocks {
        builder.push(&block, |_| ());
        proof.push(&block, |_| ());
    }
    let leased = aceso_peer::holdings::Leased {
        address: builder.finish(|_| ()),
        root: proof.finish(|_| ()).unwrap(),
    };
    let (at, lease) = daemon.chain.offer(
        &owner,
        &owner.profile,
        LeaseKind::Bundle,
        &daemon.peer,
        &leased,
        |_| (),
    );
    daemon.see(&at, lease);
    let body = stream::iter((0..blocks).map(|_| Ok::<_, String>(block.clone())));
    daemon.service.holdings.receive(&leased, body, NOW).await.unwrap();
    let store: Arc<dyn BlobStore> = Arc::new(GatewayStore::new(daemon.url("").as_str()).unwrap());
    let end = leased.address.len;
    let tail = store.get_range(leased.address, end - 10..end).unwrap().collect().await.unwrap();
    assert!(tail == block[MIB - 10..]);
    // A proof of the last leaf reads 64 KiB.
    let proof = daemon.service.holdings.prove(&leased, end / 512 - 1).await.unwrap();
    assert!(proof.leaf == block[MIB - 512..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_come_whole_and_in_ranges() {
    let (daemon, _, bytes) = public(3 * MIB + 5).await;
    let whole = daemon.get(&path(&bytes, "")).send().await.unwrap();
    assert_eq!(whole.status(), 200);
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert!(whole.headers()["cache-control"].to_str().unwrap().contains("public"));
    assert!(whole.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(whole.headers()["content-length"], bytes.len().to_string().as_str());
    assert!(whole.bytes().await.unwrap() == bytes);
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1048570-1048580", 1_048_570, 1_048_581),
        ("bytes=-7", bytes.len() - 7, bytes.len()),
    ] {
        let part = daemon.get(&path(&bytes, "")).header("range", range).send().await.unwrap();
        assert_eq!(part.status(), 206);
        assert_eq!(
            part.headers()["content-range"],
            format!("bytes {from}-{}/{}", to - 1, bytes.len()).as_str()
        );
        assert!(part.bytes().await.unwrap() == bytes[from..to], "{range}");
    }
    let outside =
        daemon.get(&path(&bytes, "")).header("range", "bytes=99999999-").send().await.unwrap();
    assert_eq!(outside.status(), 416);
    assert_eq!(outside.headers()["content-range"], format!("bytes */{}", bytes.len()).as_str());
    let again = daemon.get(&path(&bytes, "")).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let head = support::daemon::client().head(daemon.url(&path(&bytes, ""))).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()),
        (200, &*bytes.len().to_string())
    );
    assert!(head.bytes().await.unwrap().is_empty());
}

/// A CAR is taken apart here, by code of the test's own, and each block checked against its CID.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_car_holds_the_dag_depth_first() {
    for len in [5, 3 * MIB + 5] {
        let (daemon, _, bytes) = public(len).await;
        let answer = daemon.get(&path(&bytes, "?format=car")).send().await.unwrap();
        assert_eq!(
            answer.headers()["content-type"],
            "application/vnd.ipld.car; version=1; order=dfs; dups=y"
        );
        let promised: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
        let car = answer.bytes().await.unwrap();
        assert_eq!(car.len(), promised);
        let mut rest = &car[..];
        let header = section(&mut rest);
        let mut expected = b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00".to_vec();
        expected.extend_from_slice(&address(&bytes).cid().to_bytes());
        expected.extend_from_slice(b"\x67version\x01");
        assert_eq!(header, expected);
        let mut content = Vec::new();
        let mut first = None;
        while !rest.is_empty() {
            let (cid, block) = section(&mut rest).split_at(36);
            let cid = Cid::from_bytes(cid).unwrap();
            cid.verify_block(block).unwrap();
            first.get_or_insert(cid);
            if cid.codec == aceso_format::address::Codec::Raw {
                content.extend_from_slice(block);
            }
        }
        assert_eq!(first, Some(address(&bytes).cid()));
        assert!(content == bytes);
        let block = daemon.get(&path(&bytes, "?format=car&dag-scope=block")).send().await.unwrap();
        assert!(block.bytes().await.unwrap().len() < 2 * MIB);
        let head = support::daemon::client()
            .head(daemon.url(&path(&bytes, "?format=car")))
            .send()
            .await
            .unwrap();
        assert_eq!(head.headers()["content-length"], promised.to_string().as_str());
    }
}

fn section<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let (mut len, mut shift) = (0usize, 0);
    loop {
        let byte = rest[0];
        *rest = &rest[1..];
        len |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    let (section, after) = rest.split_at(len);
    *rest = after;
    section
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_bytes_are_for_whoever_signs_and_may() {
    let (daemon, owner, bytes) = private(2 * MIB).await;
    let at = path(&bytes, "?format=raw");
    let (status, _) = refusal(daemon.get(&at).send().await.unwrap()).await;
    assert_eq!(status, 401);
    let answer = daemon.signed(Method::GET, &at, &owner, None).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("private"));
    let stranger = daemon.chain.person(11);
    let (status, error) =
        refusal(daemon.signed(Method::GET, &at, &stranger, None).send().await.unwrap()).await;
    assert_eq!(status, 403, "{error}");
    // Each block of it is as private as the whole.
    let leaf = Cid::of(aceso_format::address::Codec::Raw, &bytes[..MIB]);
    let leaf_path = format!("/ipfs/{leaf}?format=raw");
    assert_eq!(daemon.get(&leaf_path).send().await.unwrap().status(), 401);
    let block = daemon.signed(Method::GET, &leaf_path, &owner, None).send().await.unwrap();
    assert!(block.bytes().await.unwrap() == bytes[..MIB]);
    // Sent twice, it serves once.
    let request = daemon.signed(Method::GET, &at, &owner, None);
    let replay = request.try_clone().unwrap();
    assert_eq!(request.send().await.unwrap().status(), 200);
    let (status, error) = refusal(replay.send().await.unwrap()).await;
    assert!(status == 401 && error.contains("used already"), "{status} {error}");
    daemon.chain.down.store(true, std::sync::atomic::Ordering::Relaxed);
    let (status, _) =
        refusal(daemon.signed(Method::GET, &at, &owner, None).send().await.unwrap()).await;
    assert_eq!(status, 503);
}

/// The same block in a private and a public object: the public one is served to anyone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_of_two_objects_is_served_for_the_one_that_is_allowed() {
    let (daemon, owner, bytes) = private(2 * MIB).await;
    daemon.hold(&owner, &owner.profile, LeaseKind::Bundle, &bytes[..MIB]).await;
    let leaf =
        format!("/ipfs/{}?format=raw", Cid::of(aceso_format::address::Codec::Raw, &bytes[..MIB]));
    assert_eq!(daemon.get(&leaf).send().await.unwrap().status(), 200);
    assert_eq!(daemon.get(&path(&bytes, "?format=raw")).send().await.unwrap().status(), 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused_with_advice() {
    let (daemon, _, bytes) = public(2 * MIB).await;
    let unknown = path(&sample(9, 9), "");
    for (at, expected) in [
        ("/ipfs/Qmfoo".to_owned(), 400),
        (path(&bytes, "?format=tar"), 406),
        (path(&bytes, "?format=car&dag-scope=some"), 400),
        (unknown, 404),
        ("/etc/passwd".to_owned(), 404),
        ("/ipfs/..%2f..%2fetc".to_owned(), 400),
        ("/".to_owned(), 404),
    ] {
        let (status, error) = refusal(daemon.get(&at).send().await.unwrap()).await;
        assert_eq!(status.as_u16(), expected, "{at}: {error}");
    }
    let posted =
        support::daemon::client().post(daemon.url(&path(&bytes, ""))).send().await.unwrap();
    assert_eq!(refusal(posted).await.0, 405);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_and_surplus_connections_are_let_go() {
    let limits = Limits { connections: 2, idle: Duration::from_millis(500) };
    let daemon = Daemon::start_with(limits, QUOTA).await;
    let connect = || tokio::net::TcpStream::connect(daemon.address);
    let (mut first, mut second) = (connect().await.unwrap(), connect().await.unwrap());
    first.write_all(b"GET /healthz HTTP/1.1\r\nx-slow: ").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut third = connect().await.unwrap();
    let mut nothing = Vec::new();
    // Reset or ended: no place, no answer.
    let _ = tokio::time::timeout(Duration::from_millis(300), third.read_to_end(&mut nothing))
        .await
        .expect("closed at once");
    assert!(nothing.is_empty());
    for socket in [&mut first, &mut second] {
        let mut said = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "an idle connection stays");
    }
    let answer = daemon.get("/healthz").send().await.unwrap();
    assert_eq!(answer.status(), 503, "it never heard of the chain");
    daemon.service.health.heard(0);
    assert_eq!(daemon.get("/healthz").send().await.unwrap().status(), 200);
}

/// A client that asks for much and takes nothing holds neither memory nor, for long, a place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_takes_nothing_is_let_go() {
    let limits = Limits { connections: 4, idle: Duration::from_millis(500) };
    let daemon = Daemon::start_with(limits, QUOTA).await;
    let owner = daemon.chain.person(10);
    let bytes = sample(32 * MIB, 3);
    daemon.hold(&owner, &owner.profile, LeaseKind::Bundle, &bytes).await;
    let mut socket = tokio::net::TcpStream::connect(daemon.address).await.unwrap();
    let ask = format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", path(&bytes, ""));
    socket.write_all(ask.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut got = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut got))
        .await
        .expect("let go");
    assert!(got.len() < bytes.len(), "{}", got.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_is_finished_before_the_daemon_stops() {
    let (mut daemon, _, bytes) = public(24 * MIB).await;
    let mut answer = daemon.get(&path(&bytes, "")).send().await.unwrap();
    let mut read = answer.chunk().await.unwrap().unwrap().len();
    drop(daemon.stop.take());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(tokio::net::TcpStream::connect(daemon.address).await.is_err(), "still listening");
    while let Some(chunk) = answer.chunk().await.unwrap() {
        read += chunk.len();
    }
    assert_eq!(read, bytes.len());
    tokio::time::timeout(Duration::from_secs(5), daemon.listening.done)
        .await
        .expect("it stops")
        .unwrap();
}
