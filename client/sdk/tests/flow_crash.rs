//! A command that dies in the middle, at any point: the next one settles what it left.

mod flow_fixture;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aceso_format::address::Branch;
use aceso_sdk::{
    blob::{BlobAddress, BlobError, BlobStore, Block, LeafSource},
    chain::{Cluster, Pubkey},
    file::Input,
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

/// Files of one run, each with other content.
fn scans(world: &World, count: usize) -> Vec<PathBuf> {
    let dir = world.dir.path().join("scans");
    std::fs::create_dir_all(&dir).unwrap();
    let path = |n: usize| dir.join(format!("scan {n:02}.txt"));
    (0..count).for_each(|n| std::fs::write(path(n), format!("slice {n}")).unwrap());
    (0..count).map(path).collect()
}

fn put_files(folder: Pubkey, paths: &[PathBuf]) -> RecordPut {
    let item = |path: &PathBuf| {
        let file_name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let about = About { file_name, ..About::default() };
        PutItem { input: Input::file(path).unwrap(), about }
    };
    put(folder, paths.iter().map(item).collect())
}

/// What is on record, by file name.
async fn on_record(session: &Session) -> Vec<String> {
    let views = session.record_list(RecordList::Own { folder: None }).await.unwrap();
    let name = |view: RecordView| view.manifest.unwrap().about.file_name;
    let mut names: Vec<String> = views.into_iter().map(name).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_put_goes_on_where_it_was_and_files_everything_once() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let (profile, folder) = (me(&patient), chart(&patient).await);
    let journal = patient.home().dir().chain(&patient.home().genesis()).join("journal");
    let unfinished = || std::fs::read_dir(&journal).unwrap().count();
    drop(patient);
    let cluster = world.net.cluster();
    let paths = scans(&world, 40);
    let names: Vec<String> =
        paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    // Dies in the second group: each file takes two blobs, and a group has some 17 files.
    let stalling = Arc::new(Stalling { inner: world.store.clone(), left: AtomicUsize::new(45) });
    let patient = world.again_with("patient", &cluster, None, profile, stalling).await;
    let first = patient.record_put(put_files(folder, &paths));
    assert!(tokio::time::timeout(Duration::from_secs(20), first).await.is_err());
    drop(patient);

    let patient = world.again("patient", &cluster, None, profile).await;
    let filed = on_record(&patient).await;
    assert!(!filed.is_empty() && filed.len() < paths.len(), "{} filed", filed.len());
    // Nothing in the journal says which files they are.
    for entry in std::fs::read_dir(&journal).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("scan"), "{text}");
    }
    // A part of it at first, and one file that has changed since: it is another one now.
    let part = patient.record_put(put_files(folder, &paths[..5])).await.unwrap();
    assert_eq!((part.records.len(), part.already.len()), (0, 5));
    assert_eq!(part.already[0].path, paths[0]);
    std::fs::write(&paths[1], "slice 1, corrected").unwrap();
    // With other readers, or under another description, it would be another filing.
    let mut tagged = put_files(folder, &paths[..1]);
    tagged.items[0].about.tags.push("urgent".to_owned());
    let tagged = patient.record_put(tagged).await.unwrap();
    assert_eq!((tagged.records.len(), tagged.already.len()), (1, 0));
    patient.record_erase(tagged.records[0].record).await.unwrap();
    let done = patient.record_put(put_files(folder, &paths)).await.unwrap();
    assert_eq!(done.already.len(), filed.len() - 1);
    let mut expected = names.clone();
    expected.push(names[1].clone());
    expected.sort();
    assert_eq!(on_record(&patient).await, expected);

    // All is filed, so the run is over: whoever puts it again now means it.
    assert_eq!(unfinished(), 0);
    let again = patient.record_put(put_files(folder, &paths[..1])).await.unwrap();
    assert_eq!((again.records.len(), again.already.len()), (1, 0));
    assert_eq!(unfinished(), 0);
}
