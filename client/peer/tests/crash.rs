//! Faults and deaths between any two steps of storing: whatever happens, an object is whole or not there, and nothing that
//! was said to be kept is lost.

mod support;

use std::{
    io,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aceso::state::Lease;
use aceso_peer::{
    holdings::{HoldError, Holdings, Leased},
    index::{Condition, Index, LeaseEntry},
    metrics::Metrics,
    scrub::{self, Pace},
    storage::{DirectoryStorage, Step, Storage, StorageError},
    tree_store::TreeStore,
};
use aceso_sdk::chain::{Pubkey, Signature};
use bytemuck::Zeroable;
use bytes::Bytes;
use futures_util::stream;
use support::{MIB, chain::NOW, daemon::leased, sample};
use tempfile::TempDir;

const PEER: Pubkey = Pubkey::new_from_array([1; 32]);
const PACE: Pace = Pace { every_days: 14, bytes_per_sec: 1 << 40 };

fn body(bytes: &Bytes) -> impl futures_util::Stream<Item = Result<Bytes, String>> + Unpin {
    stream::iter([Ok(bytes.clone())])
}

fn parts(folder: &Path) -> (TreeStore, Arc<Index>) {
    let index = Arc::new(Index::open(&folder.join("index.redb"), &PEER).unwrap());
    (TreeStore::open(folder.join("trees")).unwrap(), index)
}

fn holdings(folder: &Path) -> Holdings {
    let (trees, index) = parts(folder);
    let storage = Arc::new(DirectoryStorage::open(folder.join("bytes")).unwrap());
    Holdings::open(storage, trees, index, 1 << 30).unwrap()
}

/// The disk fails at each step in turn: the error is told, nothing is left, and the next try works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_step_leaves_nothing() {
    let bytes = sample(2 * MIB + 1, 1);
    let wanted = leased(&bytes);
    for failing in 0.. {
        let folder = TempDir::new().unwrap();
        let (trees, index) = parts(folder.path());
        let count = AtomicUsize::new(0);
        let watch = Arc::new(move |_: Step| match count.fetch_add(1, Ordering::Relaxed) {
            at if at == failing => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(()),
        });
        let storage =
            Arc::new(DirectoryStorage::open_watched(folder.path().join("bytes"), watch).unwrap());
        let holdings = Holdings::open(storage.clone(), trees, index, 1 << 30).unwrap();
        match holdings.receive(&wanted, body(&bytes), NOW).await {
            Ok(()) => {
                // create, three writes, sync, folder, rename, sync of the folder
                assert_eq!(failing, 8, "steps that could fail");
                return;
            }
            Err(HoldError::Storage(error)) => assert!(error.is_full(), "{error}"),
            Err(error) => panic!("{error}"),
        }
        assert!(!holdings.holds(&wanted).unwrap());
        assert_eq!(holdings.taken(), 0);
        assert_eq!(std::fs::read_dir(folder.path().join("bytes/incoming")).unwrap().count(), 0);
        // Only the last step can leave a name behind, and then it is the whole object.
        if let Some(len) = storage.len(&wanted.address).await.unwrap() {
            assert_eq!((failing, len), (7, wanted.address.len));
        }
        holdings.receive(&wanted, body(&bytes), NOW).await.unwrap();
        assert!(holdings.holds(&wanted).unwrap());
        drop(holdings);
    }
}

/// A real limit of the operating system instead of an injected one: a file may not grow past it.
#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let output = child("full_disk_child", folder.path(), &[("LIMIT", "1")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn full_disk_child() {
    let Some(folder) = std::env::var_os("CRASH_FOLDER") else { return };
    if std::env::var_os("LIMIT").is_none() {
        return;
    }
    let folder = Path::new(&folder);
    let holdings = holdings(folder);
    let bytes = sample(4 * MIB, 1);
    // Files of this process end at 3 MiB: a disk that is full in the middle.
    let limit = rustix::process::Rlimit { current: Some(3 << 20), maximum: Some(3 << 20) };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    let error = holdings.receive(&leased(&bytes), body(&bytes), NOW).await.unwrap_err();
    assert!(matches!(&error, HoldError::Storage(StorageError::Full { .. })), "{error}");
    assert_eq!(std::fs::read_dir(folder.join("bytes/incoming")).unwrap().count(), 0);
    assert_eq!(holdings.taken(), 0);
}

/// This test binary again, to run one test of it in a process that may die.
fn child(test: &str, folder: &Path, env: &[(&str, &str)]) -> Command {
    // A file that may not grow ends its process, unless the parent had it ignore that signal: then the write fails.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env("CRASH_FOLDER", folder)
        .envs(env.iter().copied());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Killed before each step of a put, for real: after a restart the object is whole or not there, no draft is left, and the
/// same put goes through.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_at_any_step_leaves_whole_objects() {
    let bytes = sample(2 * MIB + 1, 1);
    let wanted = leased(&bytes);
    let mut whole = 0;
    for step in 0..9 {
        let folder = TempDir::new().unwrap();
        let died =
            child("put_child", folder.path(), &[("STEP", &step.to_string())]).status().unwrap();
        assert_eq!(died.success(), step == 8, "step {step}");
        let holdings = holdings(folder.path());
        assert_eq!(std::fs::read_dir(folder.path().join("bytes/incoming")).unwrap().count(), 0);
        if holdings.storage.len(&wanted.address).await.unwrap().is_some() {
            whole += 1;
            // What the disk still holds is not lost: found by who looks for the lease's bytes, and verified.
            assert!(holdings.adopt(&wanted, NOW).await.unwrap());
        }
        holdings.receive(&wanted, body(&bytes), NOW).await.unwrap();
        let read = holdings.storage.read_all(&wanted.address, 0..wanted.address.len).await.unwrap();
        assert!(read == bytes);
        assert_eq!(holdings.taken(), wanted.address.len);
        holdings.prove(&wanted, 4096).await.unwrap();
    }
    assert_eq!(whole, 2, "after the rename, and after all");
}

#[tokio::test]
async fn put_child() {
    let (Some(folder), Ok(step)) = (std::env::var_os("CRASH_FOLDER"), std::env::var("STEP")) else {
        return;
    };
    let (folder, step) = (Path::new(&folder), step.parse::<usize>().unwrap());
    let (trees, index) = parts(folder);
    let count = AtomicUsize::new(0);
    let watch = Arc::new(move |_: Step| {
        if count.fetch_add(1, Ordering::Relaxed) == step {
            std::process::abort();
        }
        Ok(())
    });
    let storage = Arc::new(DirectoryStorage::open_watched(folder.join("bytes"), watch).unwrap());
    let holdings = Holdings::open(storage, trees, index, 1 << 30).unwrap();
    let bytes = sample(2 * MIB + 1, 1);
    holdings.receive(&leased(&bytes), body(&bytes), NOW).await.unwrap();
}

/// Killed at any moment while leases and objects come and go: what was reported done is there, cursor and leases agree.
#[test]
fn a_process_that_dies_at_any_moment_loses_nothing_it_reported() {
    let folder = TempDir::new().unwrap();
    let mut reported = 0u64;
    for round in 0..12u64 {
        let mut running = child("index_child", folder.path(), &[("ROUND", "1")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(60 + 37 * round));
        running.kill().unwrap();
        let output = running.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said
            .lines()
            .filter_map(|line| line.strip_prefix("done ")?.parse::<u64>().ok())
            .next_back();
        reported = reported.max(last.unwrap_or(0));
        let index = Index::open(&folder.path().join("index.redb"), &PEER).unwrap();
        let cursor = index.cursor().unwrap().map_or(0, |cursor| number(cursor.as_ref()));
        assert!(cursor >= reported, "{cursor} of {reported}");
        // The cursor and what it stands for are one transaction: all leases up to it, none after it.
        let leases = index.leases().unwrap();
        assert_eq!(leases.len() as u64, cursor);
        for (at, entry) in leases {
            let n = number(at.as_ref());
            assert!(n <= cursor && entry.slot == n);
            assert_eq!(index.leases_of(&entry.account.digest).unwrap().len(), 1);
        }
    }
    assert!(reported > 20, "{reported} in all: the test did nothing");
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().unwrap())
}

fn numbered<const N: usize>(number: u64) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes
}

#[test]
fn index_child() {
    let (Some(folder), Ok(_)) = (std::env::var_os("CRASH_FOLDER"), std::env::var("ROUND")) else {
        return;
    };
    let index = Index::open(&Path::new(&folder).join("index.redb"), &PEER).unwrap();
    let begin = index.cursor().unwrap().map_or(0, |cursor| number(cursor.as_ref()));
    for n in begin + 1..=u64::MAX {
        let mut account = Lease::zeroed();
        (account.digest, account.status) = (numbered(n), 1);
        let entry = LeaseEntry { account, slot: n };
        let at = Pubkey::new_from_array(numbered(n));
        index.saw(&[(at, Some(entry))], Some(&Signature::from(numbered::<64>(n)))).unwrap();
        println!("done {n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_is_lost_comes_back_from_the_bytes() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (sample(MIB + 5, 1), sample(7, 2));
    {
        let holdings = holdings(folder.path());
        holdings.receive(&leased(&first), body(&first), NOW).await.unwrap();
        holdings.receive(&leased(&second), body(&second), NOW).await.unwrap();
    }
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    // One object has rotted meanwhile, and its length tells nothing.
    let rotten = file_of(folder.path(), &leased(&second));
    std::fs::write(&rotten, b"xxxxxxx").unwrap();
    let holdings = holdings(folder.path());
    assert!(holdings.adopt(&leased(&first), NOW).await.unwrap());
    assert!(!holdings.adopt(&leased(&second), NOW).await.unwrap());
    assert!(!holdings.adopt(&leased(b"never here"), NOW).await.unwrap());
    assert_eq!(holdings.taken(), first.len() as u64);
    // What no lease and no index knows is an orphan.
    assert_eq!(holdings.orphans().await.unwrap(), [leased(&second).address.digest]);
}

#[test]
fn a_damaged_index_is_made_anew_and_one_of_another_peer_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("index.redb");
    std::fs::write(&path, b"this is no database").unwrap();
    let index = Index::open(&path, &PEER).unwrap();
    assert_eq!((index.cursor().unwrap(), index.leases().unwrap().len()), (None, 0));
    index.clock_saw(NOW).unwrap();
    index.clock_saw(NOW - 5).unwrap();
    assert_eq!(index.clock_secs().unwrap(), NOW);
    let busy = Index::open(&path, &PEER).err().unwrap();
    assert!(busy.to_string().contains("stop it first"), "{busy}");
    drop(index);
    assert_eq!(Index::open(&path, &PEER).unwrap().clock_secs().unwrap(), NOW);
    let other = Index::open(&path, &Pubkey::new_from_array([2; 32])).err().unwrap();
    assert!(other.to_string().contains("of another peer"), "{other}");
    assert_eq!(Index::open(&path, &PEER).unwrap().clock_secs().unwrap(), NOW);
}

#[test]
fn an_older_view_never_undoes_a_newer_one() {
    let folder = TempDir::new().unwrap();
    let index = Index::open(&folder.path().join("index.redb"), &PEER).unwrap();
    let at = Pubkey::new_from_array([9; 32]);
    let entry = |slot, status, next: u8| {
        let mut account = Lease::zeroed();
        (account.digest, account.status) = ([7; 32], status);
        (account.next_digest, account.next_len) = ([next; 32], u64::from(next));
        LeaseEntry { account, slot }
    };
    index.saw(&[(at, Some(entry(10, 1, 3)))], None).unwrap();
    index.saw(&[(at, Some(entry(9, 0, 0)))], None).unwrap();
    assert_eq!(index.lease(&at).unwrap().unwrap().account.status, 1);
    assert_eq!(index.leases_of(&[3; 32]).unwrap().len(), 1);
    index.saw(&[(at, Some(entry(11, 2, 0)))], None).unwrap();
    assert!(
        index.leases_of(&[7; 32]).unwrap().is_empty()
            && index.leases_of(&[3; 32]).unwrap().is_empty()
    );
    index.saw(&[(at, None)], None).unwrap();
    assert_eq!(index.lease(&at).unwrap(), None);
}

fn file_of(folder: &Path, leased: &Leased) -> std::path::PathBuf {
    let name: String = leased.address.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    folder.join("bytes/objects").join(&name[..2]).join(name)
}

fn tree_of(folder: &Path, leased: &Leased) -> std::path::PathBuf {
    let name: String = leased.address.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    folder.join("trees/trees").join(&name[..2]).join(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scrub_finds_what_a_disk_has_lost() {
    let folder = TempDir::new().unwrap();
    let holdings = holdings(folder.path());
    let metrics = Metrics::default();
    let all: Vec<Bytes> = (0..4).map(|seed| sample(MIB + 100, seed)).collect();
    for (bytes, age) in all.iter().zip([40, 30, 20, 10]) {
        holdings.receive(&leased(bytes), body(bytes), NOW - age * 86_400).await.unwrap();
    }
    // One bit, a cut, and a file that is gone.
    let [flipped, cut, gone] = [0, 1, 2].map(|at: usize| file_of(folder.path(), &leased(&all[at])));
    let mut bytes = std::fs::read(&flipped).unwrap();
    bytes[MIB + 50] ^= 4;
    std::fs::write(&flipped, bytes).unwrap();
    std::fs::OpenOptions::new().write(true).open(&cut).unwrap().set_len(77).unwrap();
    std::fs::remove_file(&gone).unwrap();
    let mut found = Vec::new();
    while let Some(object) = scrub::next(&holdings, PACE, NOW).unwrap() {
        found.push(scrub::scrub(&holdings, &metrics, &object, PACE, NOW).await.unwrap());
    }
    assert_eq!(
        found,
        [Condition::Rotten, Condition::Rotten, Condition::Missing],
        "oldest first, the young one not due"
    );
    assert_eq!(scrub::damaged(&holdings).unwrap(), 3);
    assert!(
        !holdings.holds(&leased(&all[0])).unwrap() && holdings.holds(&leased(&all[3])).unwrap()
    );
    // Nothing is proven with rotten bytes, and the error says what to do.
    let error = holdings.prove(&leased(&all[0]), 2048).await.unwrap_err();
    assert!(error.to_string().contains("another copy"), "{error}");
    // The owner sends them again, and all is well.
    holdings.receive(&leased(&all[0]), body(&all[0]), NOW).await.unwrap();
    assert!(holdings.holds(&leased(&all[0])).unwrap());
    holdings.prove(&leased(&all[0]), 2048).await.unwrap();
    assert_eq!(holdings.taken(), 4 * (MIB as u64 + 100), "counted once");
    let never = Pace { every_days: 0, ..PACE };
    assert_eq!(scrub::next(&holdings, never, NOW + 1_000_000_000).unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_that_is_lost_or_damaged_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let holdings = holdings(folder.path());
    let bytes = sample(3 * MIB, 1);
    let wanted = leased(&bytes);
    holdings.receive(&wanted, body(&bytes), NOW).await.unwrap();
    let tree = tree_of(folder.path(), &wanted);
    let good = std::fs::read(&tree).unwrap();
    for damage in 0..3 {
        match damage {
            0 => std::fs::remove_file(&tree).unwrap(),
            1 => std::fs::write(&tree, vec![0; good.len()]).unwrap(),
            _ => std::fs::write(&tree, &good[..40]).unwrap(),
        }
        let proof = holdings.prove(&wanted, 5000).await.unwrap();
        aceso_format::proof_tree::verify(
            &wanted.root,
            wanted.address.len,
            5000,
            &proof.leaf,
            &proof.path,
        )
        .unwrap();
        assert!(std::fs::read(&tree).unwrap() == good, "{damage}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forgotten_is_gone_everywhere() {
    let folder = TempDir::new().unwrap();
    let holdings = holdings(folder.path());
    let bytes = sample(3 * MIB, 1);
    let wanted = leased(&bytes);
    holdings.receive(&wanted, body(&bytes), NOW).await.unwrap();
    let cid = wanted.address.cid();
    assert_eq!(holdings.index.blocks(&cid).unwrap().len(), 1);
    holdings.forget(&wanted.address).await.unwrap();
    holdings.forget(&wanted.address).await.unwrap();
    assert_eq!(holdings.index.blocks(&cid).unwrap().len(), 0);
    assert_eq!((holdings.taken(), holdings.storage.len(&wanted.address).await.unwrap()), (0, None));
    assert!(!file_of(folder.path(), &wanted).exists() && !tree_of(folder.path(), &wanted).exists());
}
