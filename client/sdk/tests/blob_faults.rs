//! Stores that lie, stall and die, and disks that fill up: each is named, and nothing of it is
//! used.

mod blob_fixture;

use std::{
    fs::{self, File},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use aceso_sdk::blob::{
    BlobAddress, BlobError, BlobStore, DirectoryStore, FailoverStore, GatewayStore, KuboStore,
    ReadOrder,
};
use blob_fixture::{
    MIB, read_all, sample,
    server::{Fault, Server},
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_millis(600);

fn stores(server: &Server) -> [Arc<dyn BlobStore>; 2] {
    let gateway = GatewayStore::with_patience(&server.url, PATIENCE).unwrap();
    let kubo = KuboStore::with_patience(&server.url, PATIENCE).unwrap();
    [Arc::new(gateway), Arc::new(kubo)]
}

async fn failure(store: &Arc<dyn BlobStore>, blob: BlobAddress) -> BlobError {
    store.get(blob).unwrap().collect().await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lying_server_is_caught() {
    let server = Server::start().await;
    for len in [9, MIB, 3 * MIB + 5] {
        let blob = server.add(&sample(len, 4));
        for fault in [Fault::WrongByte, Fault::OtherBlock, Fault::Half, Fault::Endless] {
            server.fail(fault.clone());
            for store in stores(&server) {
                let error = failure(&store, blob).await;
                assert!(matches!(error, BlobError::Mismatch { .. }), "{fault:?}, {len}: {error}");
                assert!(error.to_string().contains(&server.url), "{error}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_begins_to_lie_is_caught_before_a_byte_of_it_is_used() {
    let server = Server::start().await;
    let bytes = sample(9 * MIB, 5);
    let blob = server.add(&bytes);
    for store in stores(&server) {
        server.fail(Fault::WrongAfter(6));
        let mut reader = store.get(blob).unwrap();
        let mut read = Vec::new();
        let error = loop {
            match reader.next().await {
                Ok(part) => read.extend_from_slice(&part.expect("an error comes first")),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, BlobError::Mismatch { .. }), "{error}");
        assert!(bytes.starts_with(&read));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_server_is_named() {
    let server = Server::start().await;
    let blob = server.add(&sample(2 * MIB, 6));
    for store in stores(&server) {
        server.fail(Fault::Status(500));
        let error = failure(&store, blob).await;
        assert!(matches!(error, BlobError::Refused { status: 500, .. }), "{error}");
        assert!(!error.to_string().contains('\x1b'), "its text reached the terminal as it was");

        for fault in [Fault::Silence, Fault::Trickle] {
            server.fail(fault.clone());
            let begin = Instant::now();
            let error = failure(&store, blob).await;
            assert!(matches!(error, BlobError::Slow { .. }), "{fault:?}: {error}");
            assert!(begin.elapsed() < PATIENCE * 3, "{fault:?}");
        }
        for fault in [Fault::Cut, Fault::Noise] {
            server.fail(fault.clone());
            let error = failure(&store, blob).await;
            assert!(matches!(error, BlobError::Down { .. }), "{fault:?}: {error}");
        }
    }
    let nobody = KuboStore::new("/ip4/127.0.0.1/tcp/9").unwrap();
    assert!(matches!(put_failure(&nobody).await, BlobError::Down { .. }));
    assert!(matches!(
        failure(&(Arc::new(nobody) as Arc<dyn BlobStore>), blob).await,
        BlobError::Down { .. }
    ));
}

async fn put_failure(store: &KuboStore) -> BlobError {
    let store: &dyn BlobStore = store;
    store.put_bytes(sample(3 * MIB, 8)).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_to_another_host_is_not_followed() {
    let (server, stranger) = (Server::start().await, Server::start().await);
    let bytes = sample(5000, 7);
    let blob = server.add(&bytes);
    stranger.add(&bytes);
    server.fail(Fault::Redirect(format!("{}/ipfs/{}?format=raw", stranger.url, blob.cid_string())));
    for store in stores(&server) {
        let error = failure(&store, blob).await;
        assert!(matches!(error, BlobError::Refused { status: 302, .. }), "{error}");
    }
    assert_eq!(stranger.requests(), [""; 0]);
    // In a circle on its own host it ends too.
    server.fail(Fault::Redirect(format!("/ipfs/{}?format=raw", blob.cid_string())));
    assert!(matches!(failure(&stores(&server)[0], blob).await, BlobError::Refused { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_not_stored_as_it_should_is_undone() {
    let server = Server::start().await;
    let store = KuboStore::with_patience(&server.url, PATIENCE).unwrap();
    let other = BlobAddress::of(b"other").cid_string();
    server.fail(Fault::AddAs(other.clone()));
    let error = put_failure(&store).await;
    assert!(matches!(error, BlobError::StoredElsewhere { .. }), "{error}");
    assert!(
        server.requests().contains(&format!("POST /api/v0/pin/rm?arg={other}")),
        "{:?}",
        server.requests()
    );

    // What the node calls a CID does not become a part of our requests.
    server.fail(Fault::AddAs("x&arg=y/../..".to_owned()));
    assert!(matches!(put_failure(&store).await, BlobError::StoredElsewhere { .. }));
    assert!(!server.requests().iter().any(|request| request.contains("..")));

    for (fault, named) in [
        (Fault::Status(500), "refused"),
        (Fault::Silence, "did not answer"),
        (Fault::Noise, "cannot be"),
    ] {
        server.fail(fault.clone());
        let error = put_failure(&store).await;
        assert!(error.to_string().contains(named), "{fault:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_honest_store_is_enough() {
    let (liar, honest) = (Server::start().await, Server::start().await);
    let bytes = sample(12 * MIB + 1, 9);
    let blob = liar.add(&bytes);
    honest.add(&bytes);
    for order in [ReadOrder::AsListed, ReadOrder::FastestFirst] {
        for fault in [
            Fault::WrongByte,
            Fault::Cut,
            Fault::Silence,
            Fault::Status(404),
            Fault::WrongAfter(4),
            Fault::Endless,
        ] {
            liar.fail(fault.clone());
            let [first, _] = stores(&liar);
            let [second, _] = stores(&honest);
            let store: Arc<dyn BlobStore> =
                Arc::new(FailoverStore::new(first, vec![second]).read_order(order));
            assert!(read_all(&store, blob).await == bytes, "{fault:?}");
        }
    }
    liar.fail(Fault::WrongByte);
    honest.fail(Fault::Status(500));
    let store: Arc<dyn BlobStore> =
        Arc::new(FailoverStore::new(stores(&liar)[0].clone(), vec![stores(&honest)[0].clone()]));
    let error = failure(&store, blob).await;
    assert!(matches!(error, BlobError::AllFailed { .. }), "{error}");
    assert!(
        error.to_string().contains(&liar.url) && error.to_string().contains(&honest.url),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_caught_and_mended_by_a_put() {
    let folder = TempDir::new().unwrap();
    let store: Arc<dyn BlobStore> = Arc::new(DirectoryStore::open(folder.path()).unwrap());
    let bytes = sample(3 * MIB, 10);
    let blob = store.put_bytes(bytes.clone()).await.unwrap();
    let cid = blob.cid_string();
    let path = folder.path().join("blobs").join(&cid[cid.len() - 2..]).join(&cid);
    let good = fs::read(&path).unwrap();
    let last = good.len() - 1;
    // A byte of a leaf, of a node, of the index and of its length; and a file that was cut
    // anywhere.
    for at in [0, 2 * MIB, 3 * MIB + 9, last - 20, last] {
        let mut bad = good.clone();
        bad[at] ^= 0x80;
        fs::write(&path, bad).unwrap();
        let error = failure(&store, blob).await;
        assert!(matches!(error, BlobError::Mismatch { .. }), "{at}: {error}");
    }
    for len in [0, 3, MIB, 3 * MIB, last] {
        fs::write(&path, &good[..len]).unwrap();
        let error = failure(&store, blob).await;
        assert!(matches!(error, BlobError::Mismatch { .. }), "{len}: {error}");
    }
    store.put_bytes(bytes.clone()).await.unwrap();
    assert!(read_all(&store, blob).await == bytes);
}

#[tokio::test]
async fn what_dead_processes_left_is_swept() {
    let folder = TempDir::new().unwrap();
    let incoming = folder.path().join("incoming");
    DirectoryStore::open(folder.path()).unwrap();
    let draft = |name: &str, age: u64| {
        let file = File::create(incoming.join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        file
    };
    drop(draft(".aceso-draft-dead", 3600));
    let alive = draft(".aceso-draft-alive", 3600);
    alive.lock().unwrap();
    drop(draft(".aceso-draft-young", 1));
    drop(draft("somebody-else's", 3600));
    DirectoryStore::open(folder.path()).unwrap();
    let mut left: Vec<_> =
        fs::read_dir(&incoming).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".aceso-draft-alive", ".aceso-draft-young", "somebody-else's"]);
}

/// Runs `test` of this binary again in a file system of 3 MiB, which takes a mount namespace of its
/// own. False where the system grants none.
pub fn rerun_on_small_disk(test: &str) -> bool {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let folder = std::env::temp_dir().join(format!(
        "aceso-small-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    ));
    fs::create_dir_all(&folder).unwrap();
    let mount = "mount -t tmpfs -o size=3m tmpfs \"$1\" || exit 99; SMALL_DISK=\"$1\" exec \"$2\" --exact \"$3\" --nocapture";
    let binary = std::env::current_exe().unwrap();
    let mut run = Command::new("unshare");
    run.args(["--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"])
        .arg(&folder)
        .arg(binary)
        .arg(test);
    let status = run.status().ok().and_then(|status| status.code());
    fs::remove_dir(&folder).unwrap();
    match status {
        Some(0) => true,
        Some(99 | 1) | None if !can_mount() => {
            eprintln!("skipped {test}: no mount namespace to be had here");
            false
        }
        other => panic!("{test} on a small disk: {other:?}"),
    }
}

fn can_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]);
    probe.status().is_ok_and(|status| status.success())
}

#[tokio::test]
async fn a_full_disk_keeps_nothing() {
    let Some(small) = std::env::var_os("SMALL_DISK") else {
        rerun_on_small_disk("a_full_disk_keeps_nothing");
        return;
    };
    let folder = std::path::Path::new(&small).join("store");
    let store: Arc<dyn BlobStore> = Arc::new(DirectoryStore::open(&folder).unwrap());
    let kept = store.put_bytes(sample(MIB, 1)).await.unwrap();
    let error = store.put_bytes(sample(5 * MIB, 2)).await.unwrap_err();
    assert!(matches!(error, BlobError::DiskFull { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.join("incoming")).unwrap().count(), 0);
    assert!(read_all(&store, kept).await == sample(MIB, 1));
    store.put_bytes(sample(MIB, 3)).await.unwrap();
}
