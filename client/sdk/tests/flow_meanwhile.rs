//! Somebody changes what is read between the two questions of a reader: which blob, to the chain, and the blob, to the store.

mod flow_fixture;

use std::sync::{Arc, Mutex};

use aceso_format::address::Branch;
use aceso_sdk::{
    blob::{BlobAddress, BlobError, BlobStore, Block, LeafSource},
    chain::{Fetched, Folder, Pubkey, Record},
    flow::*,
};
use async_trait::async_trait;
use flow_fixture::*;
use tokio::sync::oneshot;

/// Before it answers for one blob, once, it waits until somebody is done.
struct Meanwhile {
    inner: Arc<dyn BlobStore>,
    trap: Mutex<Option<Trap>>,
}

struct Trap {
    blob: BlobAddress,
    asked: oneshot::Sender<()>,
    done: oneshot::Receiver<()>,
}

#[async_trait]
impl BlobStore for Meanwhile {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        self.inner.put(source, expected).await
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        let trap = self.trap.lock().unwrap().take_if(|trap| trap.blob == *blob);
        if let Some(trap) = trap {
            trap.asked.send(()).unwrap();
            trap.done.await.unwrap();
        }
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

struct Case {
    world: World,
    patient: Session,
    doctor: Pubkey,
    folder: Pubkey,
    record: Pubkey,
}

impl Case {
    async fn start(on_record: bool) -> Self {
        let world = World::start(None).await;
        let (patient, doctor) = (world.person("patient").await, world.person("doctor").await);
        meet(&patient, "patient", &doctor, "doctor").await;
        let folder = chart(&patient).await;
        let record = file(&patient, folder, b"ecg", "ECG").await.record;
        let scope = if on_record { Scope::Record(record) } else { Scope::Folder(folder) };
        share(&patient, scope, me(&doctor)).await;
        let doctor = me(&doctor);
        Self { world, patient, doctor, folder, record }
    }

    /// The doctor reads; when the store is asked for `blob`, `change` comes first, and takes it away.
    async fn reads<T>(
        &self,
        blob: BlobAddress,
        change: impl Future<Output = ()>,
        read: impl AsyncFnOnce(&Session) -> T,
    ) -> T {
        let (asked, was_asked) = oneshot::channel();
        let (is_done, done) = oneshot::channel();
        let store = Arc::new(Meanwhile {
            inner: self.world.store.clone(),
            trap: Mutex::new(Some(Trap { blob, asked, done })),
        });
        let cluster = self.world.net.cluster();
        let doctor = self.world.again_with("doctor", &cluster, None, self.doctor, store).await;
        let changing = async {
            was_asked.await.unwrap();
            change.await;
            assert!(!self.world.store.has(&blob).await.unwrap(), "what was replaced is gone");
            is_done.send(()).unwrap();
        };
        tokio::join!(read(&doctor), changing).0
    }

    async fn head(&self) -> BlobAddress {
        let record: Fetched<Record> = self.patient.chain().fetch(&self.record).await.unwrap();
        BlobAddress { digest: record.head_digest, len: u64::from(record.head_len) }
    }

    async fn keyring(&self) -> BlobAddress {
        let folder: Fetched<Folder> = self.patient.chain().fetch(&self.folder).await.unwrap();
        BlobAddress { digest: folder.keyring_digest, len: u64::from(folder.keyring_len) }
    }

    /// Another reader of the record comes: its head is sealed again.
    async fn head_changes(&self, name: &str) {
        let other = self.world.person(name).await;
        meet(&self.patient, "patient", &other, name).await;
        share(&self.patient, Scope::Record(self.record), me(&other)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_resealed_while_it_is_opened_opens() {
    let case = Case::start(true).await;
    let opened = case
        .reads(case.head().await, case.head_changes("nurse"), async |doctor| {
            open(doctor, case.record, None).await
        })
        .await;
    assert_eq!(opened.unwrap(), b"ecg");
    let shown = case
        .reads(case.head().await, case.head_changes("porter"), async |doctor| {
            doctor.record_list(RecordList::Shared { owner: None }).await
        })
        .await
        .unwrap();
    let [view] = shown.as_slice() else { panic!("{shown:?}") };
    assert!(view.manifest.is_ok(), "{:?}", view.manifest);
    assert_eq!(view.head, case.head().await, "what is shown is the record as it is now");
    let versions = case
        .reads(case.head().await, case.head_changes("cook"), async |doctor| {
            doctor.record_versions(case.record).await
        })
        .await
        .unwrap();
    assert!(versions[0].manifest.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_rotated_while_it_is_read_opens() {
    let case = Case::start(false).await;
    let rotate = async {
        case.patient.folder_rotate(case.folder).await.unwrap();
    };
    let opened = case
        .reads(case.keyring().await, rotate, async |doctor| open(doctor, case.record, None).await)
        .await;
    assert_eq!(opened.unwrap(), b"ecg");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_erased_while_it_is_opened_is_said_to_be_gone() {
    let case = Case::start(true).await;
    let erase = async {
        case.patient.record_erase(case.record).await.unwrap();
    };
    let found = case
        .reads(case.head().await, erase, async |doctor| open(doctor, case.record, None).await)
        .await
        .unwrap_err();
    assert!(matches!(found, FlowError::Missing { what: "record", .. }), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_lost_is_said_to_be_lost() {
    let case = Case::start(true).await;
    let lose = async {
        let head = case.head().await;
        case.world.store.unpin(&head).await.unwrap();
    };
    let found = case
        .reads(case.head().await, lose, async |doctor| open(doctor, case.record, None).await)
        .await
        .unwrap_err();
    assert!(matches!(found, FlowError::Blob(BlobError::NotFound { .. })), "{found}");
}
