//! Files to sealed blobs and back: every length, nothing half, nothing that is not authentic.

mod blob_fixture;

use std::{
    fs::{self, OpenOptions},
    io::{Cursor, Write},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use aceso_format::{Error, content, key::ContentKey, rand_core::UnwrapErr};
use aceso_sdk::{
    blob::{BlobAddress, BlobError, BlobStore, DirectoryStore},
    file::{
        FileError, Input, Output, SealedContent, Silent, open, open_file, open_range, seal,
        seal_to_file,
    },
};
use blob_fixture::{MIB, sample};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const RECORD: [u8; 32] = [3; 32];

struct Fixture {
    folder: TempDir,
    directory: DirectoryStore,
    store: Arc<dyn BlobStore>,
}

impl Fixture {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let directory = DirectoryStore::open(folder.path().join("store")).unwrap();
        fs::create_dir(folder.path().join("out")).unwrap();
        Self { store: Arc::new(directory.clone()), directory, folder }
    }

    async fn seal(&self, bytes: &[u8]) -> SealedContent {
        let input = Input::reader(Cursor::new(bytes.to_vec()), "a test");
        seal(&*self.store, input, &RECORD, Arc::new(Silent)).await.unwrap()
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out/opened")
    }

    async fn open(&self, record: &[u8; 32], sealed: &SealedContent) -> Result<(), FileError> {
        let output = Output::File { path: self.out(), replace: true };
        open(&self.store, record, sealed, output, Arc::new(Silent)).await.map(drop)
    }

    fn blobs(&self) -> usize {
        let files = |path: &Path| {
            fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>()
        };
        let stored: usize = files(&self.directory.root().join("blobs"))
            .iter()
            .map(|shard| files(shard).len())
            .sum();
        stored + files(&self.directory.root().join("incoming")).len()
    }

    fn assert_no_output(&self) {
        let left: Vec<_> = fs::read_dir(self.folder.path().join("out")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A writer that a test can look into.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_length_comes_back() {
    let fixture = Fixture::new();
    let chunk = 16 * 1024;
    let around = |len: usize| [len - 1, len, len + 1];
    let leaf_of_chunks = MIB / (chunk + 16) * chunk;
    let lengths =
        [0, 1, 4087, 4088, 4089].into_iter().chain(around(chunk)).chain(around(2 * chunk - 8));
    let lengths = lengths
        .chain(around(leaf_of_chunks))
        .chain(around(MIB))
        .chain(around(3 * MIB))
        .chain([5_000_000]);
    for len in lengths {
        let bytes = sample(len, len as u64);
        let sealed = fixture.seal(&bytes).await;
        assert_eq!(
            (sealed.content_len, sealed.sha256),
            (len as u64, Sha256::digest(&bytes).into()),
            "{len}"
        );
        fixture.open(&RECORD, &sealed).await.unwrap();
        assert!(fs::read(fixture.out()).unwrap() == bytes, "{len}");
        // The format's own way, in memory and on one thread, agrees.
        let blob = fixture.store.get(sealed.blob).unwrap().collect().await.unwrap();
        assert_eq!(BlobAddress::of(&blob), sealed.blob);
        let opened = content::open(&RECORD, &sealed.key, len as u64, &blob).unwrap();
        assert!(*opened == bytes, "{len}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_format_seals_in_memory_opens_from_a_store() {
    let fixture = Fixture::new();
    let mut rng = UnwrapErr(getrandom::SysRng);
    for len in [0, 70_000, 2 * MIB + 9] {
        let bytes = sample(len, 21);
        let key = ContentKey::generate(&mut rng);
        let blob = content::seal(&RECORD, &key, &bytes, &mut rng).unwrap();
        let blob = fixture.store.put_bytes(blob).await.unwrap();
        let sealed = SealedContent {
            key,
            blob,
            content_len: len as u64,
            sha256: Sha256::digest(&bytes).into(),
        };
        fixture.open(&RECORD, &sealed).await.unwrap();
        assert!(fs::read(fixture.out()).unwrap() == bytes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_seals_share_nothing() {
    let fixture = Fixture::new();
    let bytes = sample(100_000, 22);
    let (one, two) = (fixture.seal(&bytes).await, fixture.seal(&bytes).await);
    assert!(one.key != two.key);
    assert_ne!(one.blob.digest, two.blob.digest);
    assert_eq!(one.blob.len, two.blob.len);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_costs_its_own_blocks() {
    let fixture = Fixture::new();
    let bytes = sample(64 * MIB, 23);
    let sealed = fixture.seal(&bytes).await;
    let len = bytes.len() as u64;
    let ranges = [
        (10_000_000, 20_000_000, 12),
        (0, 10, 1),
        (5, 5, 1),
        (len - 1, len, 7),
        (16_383, 16_385, 1),
        (0, len, 70),
    ];
    for (from, to, most_blocks) in ranges {
        let written = Written::default();
        let output = Output::Writer(Box::new(written.clone()));
        let opened =
            open_range(&fixture.store, &RECORD, &sealed, from..to, output, Arc::new(Silent))
                .await
                .unwrap();
        assert_eq!(opened.len, to - from);
        assert!(*written.0.lock().unwrap() == bytes[from as usize..to as usize], "{from}..{to}");
        assert!(
            opened.fetched <= (most_blocks * MIB + 16 * 1024) as u64,
            "{from}..{to} took {}",
            opened.fetched
        );
    }
    let output = Output::Writer(Box::new(Written::default()));
    let error = open_range(&fixture.store, &RECORD, &sealed, 5..len + 1, output, Arc::new(Silent))
        .await
        .unwrap_err();
    assert!(matches!(error, FileError::OutOfRange { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_open_leaves_no_file() {
    let fixture = Fixture::new();
    let bytes = sample(3 * MIB, 24);
    let mut sealed = fixture.seal(&bytes).await;

    let error = fixture.open(&[4; 32], &sealed).await.unwrap_err();
    assert!(matches!(error, FileError::Format(Error::CommitmentMismatch)), "{error}");
    fixture.assert_no_output();

    let right = std::mem::take(&mut sealed.sha256);
    let error = fixture.open(&RECORD, &sealed).await.unwrap_err();
    assert!(matches!(error, FileError::DigestMismatch), "{error}");
    sealed.sha256 = right;
    fixture.assert_no_output();

    // The same padded length, another content length: the padding says otherwise.
    sealed.content_len -= 1;
    let error = fixture.open(&RECORD, &sealed).await.unwrap_err();
    assert!(matches!(error, FileError::Format(Error::PaddingInvalid)), "{error}");
    sealed.content_len = 5;
    let error = fixture.open(&RECORD, &sealed).await.unwrap_err();
    assert!(matches!(error, FileError::LengthMismatch { .. }), "{error}");
    sealed.content_len = bytes.len() as u64;
    fixture.assert_no_output();

    // Sealed bytes that are stored as they are, but damaged before: only the last chunk.
    let mut blob = fixture.store.get(sealed.blob).unwrap().collect().await.unwrap().to_vec();
    *blob.last_mut().unwrap() ^= 1;
    sealed.blob = fixture.store.put_bytes(blob).await.unwrap();
    let error = fixture.open(&RECORD, &sealed).await.unwrap_err();
    assert!(matches!(error, FileError::Format(Error::ChunkForged { .. })), "{error}");
    fixture.assert_no_output();

    fixture.store.unpin(&sealed.blob).await.unwrap();
    let error = fixture.open(&RECORD, &sealed).await.unwrap_err();
    assert!(matches!(error, FileError::Blob(BlobError::NotFound { .. })), "{error}");
    fixture.assert_no_output();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_existing_file_is_kept() {
    let fixture = Fixture::new();
    let sealed = fixture.seal(b"new").await;
    fs::write(fixture.out(), "old").unwrap();
    let kept = Output::File { path: fixture.out(), replace: false };
    let error = open(&fixture.store, &RECORD, &sealed, kept, Arc::new(Silent)).await.unwrap_err();
    assert!(matches!(error, FileError::Exists { .. }), "{error}");
    assert_eq!(fs::read(fixture.out()).unwrap(), b"old");
    fixture.open(&RECORD, &sealed).await.unwrap();
    assert_eq!(fs::read(fixture.out()).unwrap(), b"new");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(fixture.out()).unwrap().permissions()
        ) & 0o77,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_is_not_stored() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("source");
    let changes: [fn(&Path); 3] = [
        |path| OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap(),
        |path| OpenOptions::new().write(true).open(path).unwrap().set_len(MIB as u64).unwrap(),
        |path| {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        },
    ];
    for change in changes {
        fs::write(&path, sample(3 * MIB, 25)).unwrap();
        let input = Input::file(&path).unwrap();
        change(&path);
        let Err(error) = seal(&*fixture.store, input, &RECORD, Arc::new(Silent)).await else {
            panic!("stored")
        };
        assert!(matches!(error, FileError::Changed { .. }), "{error}");
        assert_eq!(fixture.blobs(), 0);
    }
    assert!(matches!(Input::file(fixture.folder.path()), Err(FileError::Io { .. })));
    assert!(matches!(
        Input::file(fixture.folder.path().join("nothing")),
        Err(FileError::Io { .. })
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_file_needs_no_store() {
    let fixture = Fixture::new();
    let (plain, sealed_path) =
        (fixture.folder.path().join("p"), fixture.folder.path().join("Ärzte–Brief 🩺.sealed"));
    for len in [0, 100_000, 2 * MIB + 77] {
        let bytes = sample(len, 26);
        fs::write(&plain, &bytes).unwrap();
        let input = Input::file(&plain).unwrap();
        let sealed =
            seal_to_file(input, &sealed_path, true, &RECORD, Arc::new(Silent)).await.unwrap();
        assert_eq!(BlobAddress::of(&fs::read(&sealed_path).unwrap()), sealed.blob);
        let output = Output::File { path: fixture.out(), replace: true };
        open_file(Input::file(&sealed_path).unwrap(), &RECORD, &sealed, output, Arc::new(Silent))
            .await
            .unwrap();
        assert!(fs::read(fixture.out()).unwrap() == bytes);

        let cut = fs::read(&sealed_path).unwrap();
        fs::remove_file(fixture.out()).unwrap();
        for keep in [0, 71, 72, cut.len() - 1] {
            let input = Input::reader(Cursor::new(cut[..keep].to_vec()), "a cut file");
            let output = Output::File { path: fixture.out(), replace: true };
            let error =
                open_file(input, &RECORD, &sealed, output, Arc::new(Silent)).await.unwrap_err();
            assert!(matches!(error, FileError::Format(Error::Truncated)), "{keep}: {error}");
            fixture.assert_no_output();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_reaches_the_end() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("source");
    fs::write(&path, sample(3 * MIB, 27)).unwrap();
    let (done, total) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let progress = {
        let (done, total) = (done.clone(), total.clone());
        Arc::new(move |at: u64, of: Option<u64>| {
            assert!(done.swap(at, Ordering::SeqCst) <= at);
            total.store(of.unwrap(), Ordering::SeqCst);
        })
    };
    let sealed = seal(&*fixture.store, Input::file(&path).unwrap(), &RECORD, progress.clone())
        .await
        .unwrap();
    assert_eq!(
        (done.swap(0, Ordering::SeqCst), total.swap(0, Ordering::SeqCst)),
        (3 * MIB as u64, 3 * MIB as u64)
    );
    let output = Output::File { path: fixture.out(), replace: true };
    open(&fixture.store, &RECORD, &sealed, output, progress).await.unwrap();
    assert_eq!(
        (done.load(Ordering::SeqCst), total.load(Ordering::SeqCst)),
        (3 * MIB as u64, 3 * MIB as u64)
    );
}
