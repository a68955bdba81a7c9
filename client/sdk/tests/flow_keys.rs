//! New keys on the real chain: what the old ones have signed is checked by whoever comes later, and never had them.

mod flow_fixture;

use std::sync::Arc;

use aceso_format::{
    BlobAddress,
    bundle::{BUNDLE_LEN, Bundle, BundleKeys},
    key::{SigningSeed, XWingSeed},
    rand_core::UnwrapErr,
};
use aceso_sdk::{
    blob::{BlobStore, DirectoryStore, FailoverStore},
    chain::{Blob, Pubkey, Signer, Transaction, instruction},
    flow::*,
    home::{FileWallet, HomeDir},
};
use flow_fixture::*;
use getrandom::SysRng;

/// A patient whose records are signed by four versions of its keys: one by 1, one by 2, one by 4.
struct Case {
    world: World,
    patient: Session,
    folder: Pubkey,
    records: Vec<(Pubkey, &'static [u8])>,
}

impl Case {
    async fn start() -> Self {
        let world = World::start(None).await;
        let mut patient = world.person("patient").await;
        let folder = chart(&patient).await;
        let mut records = Vec::new();
        for (bytes, rotations) in [(b"of key 1", 1), (b"of key 2", 2), (b"of key 4", 0)] {
            let filed = file(&patient, folder, bytes, "Note").await;
            records.push((filed.record, bytes.as_slice()));
            for _ in 0..rotations {
                patient.profile_keys_rotate().await.unwrap();
            }
        }
        Self { world, patient, folder, records }
    }

    async fn opens_all(&self, reader: &Session) {
        for (record, bytes) in &self.records {
            assert_eq!(open(reader, *record, None).await.unwrap(), *bytes);
        }
    }

    /// Its bundles, the newest first.
    async fn bundles(&self) -> Vec<(BlobAddress, Bundle)> {
        let shown = self.patient.profile_show(me(&self.patient)).await.unwrap();
        let mut next = Some(shown.bundle);
        let mut bundles = Vec::new();
        while let Some(address) = next {
            let bytes = self.world.store.get_bytes(address, BUNDLE_LEN as u64).await.unwrap();
            let bundle = Bundle::decode(&bytes).unwrap();
            next = bundle.keys().previous;
            bundles.push((address, bundle));
        }
        bundles
    }

    /// A reader whom the patient met and granted the folder just now.
    async fn newcomer(&self, name: &str) -> Session {
        let reader = self.world.person(name).await;
        meet(&self.patient, "patient", &reader, name).await;
        share(&self.patient, Scope::Folder(self.folder), me(&reader)).await;
        reader
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_new_keys_opens_what_the_old_ones_have_signed() {
    let case = Case::start().await;
    let bundles = case.bundles().await;
    let versions: Vec<u32> = bundles.iter().map(|(_, bundle)| bundle.keys().key_version).collect();
    assert_eq!(versions, [4, 3, 2, 1], "all are kept");

    // The owner reads on, here and in a new process.
    case.opens_all(&case.patient).await;
    let cluster = case.world.net.cluster();
    let again = case.world.again("patient", &cluster, None, me(&case.patient)).await;
    case.opens_all(&again).await;

    let reader = case.newcomer("doctor").await;
    case.opens_all(&reader).await;

    // Whoever had pinned an older bundle walks back from that one, whatever is in force by now.
    let mut patient = case.patient;
    patient.profile_keys_rotate().await.unwrap();
    let again = case.world.again("doctor", &cluster, None, me(&reader)).await;
    for (record, bytes) in &case.records[..2] {
        assert_eq!(open(&again, *record, None).await.unwrap(), *bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_gone_is_named() {
    let case = Case::start().await;
    let bundles = case.bundles().await;
    // Version 3 signed nothing that is still in force, and is on the way to 2 and 1.
    std::fs::remove_file(case.world.blob_path(&bundles[1].0)).unwrap();
    let reader = case.newcomer("doctor").await;
    let refused = open(&reader, case.records[0].0, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::FormerBundleMissing { key_version: 3, .. }), "{refused}");
    assert_eq!(open(&reader, case.records[2].0, None).await.unwrap(), case.records[2].1);
    // The owner needs none of them.
    case.opens_all(&case.patient).await;
}

/// What a wallet vouches for that is not what its profile had: found out at the step that does not hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_does_not_hold_is_refused() {
    let case = Case::start().await;
    let bundles = case.bundles().await;
    let reader = case.newcomer("doctor").await;

    // With a client of its own, the patient publishes keys that leave version 4 out.
    let wallet =
        FileWallet::open(&HomeDir::open(case.world.dir.path().join("patient")).unwrap().wallet());
    let wallet = wallet.unwrap();
    let mut rng = UnwrapErr(SysRng);
    let keys = BundleKeys {
        key_version: 5,
        xwing: XWingSeed::generate(&mut rng).public(),
        signing: SigningSeed::generate(&mut rng).verifying_key(),
        previous: Some(bundles[1].0),
        ..bundles[0].1.keys().clone()
    };
    let signature = wallet.try_sign_message(keys.message().as_bytes()).unwrap();
    let bundle = keys.sign_with(signature.into()).unwrap();
    let stored = case.world.store.put_bytes(bundle.encode()).await.unwrap();
    let blob = Blob { digest: stored.digest, len: stored.len as u32 };
    let account = case.patient.chain().fetch(&me(&case.patient)).await.unwrap();
    let rotate = instruction::profile::keys_rotate(&account, blob);
    case.patient.chain().send(&Transaction::new(vec![rotate], &wallet, &[])).await.unwrap();

    // Who knew the patient before walks back from what was pinned; who did not is told.
    case.opens_all(&reader).await;
    let nurse = case.world.person("nurse").await;
    let refused = nurse.record_verify(case.records[2].0, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::KeyChainBroken { key_version: 4, .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_a_profile_over_vouches_for_what_was_signed_before() {
    let case = Case::start().await;
    let heir = case.world.person("heir").await;
    let profile = me(&case.patient);
    let own_store: Arc<dyn BlobStore> =
        Arc::new(DirectoryStore::open(case.world.dir.path().join("heir blobs")).unwrap());
    let both = FailoverStore::new(own_store.clone(), vec![case.world.store.clone()]);
    let (own, cluster) = (me(&heir), case.world.net.cluster());
    drop(heir);
    let heir = case.world.again_with("heir", &cluster, None, own, Arc::new(both)).await;
    let mut kept: Vec<BlobAddress> =
        case.bundles().await.into_iter().map(|(blob, _)| blob).collect();
    for record in heir.chain().records_by_owner(&profile).await.unwrap() {
        kept.push(BlobAddress { digest: record.head_digest, len: record.head_len.into() });
    }
    case.patient.profile_authority_propose(Some(heir.wallet_address())).await.unwrap();
    let mut heir = heir;
    let taken = heir.profile_authority_accept(profile).await.unwrap();
    assert_eq!(taken.key_version, 5);
    // Written to the heir's own store; here it gets to where the others read.
    let newest = heir.profile_show(profile).await.unwrap().bundle;
    let newest = own_store.get_bytes(newest, BUNDLE_LEN as u64).await.unwrap();
    case.world.store.put_bytes(newest).await.unwrap();
    let bundles = case.bundles().await;
    assert_eq!(bundles.len(), 5);
    assert_ne!(bundles[0].1.keys().wallet, bundles[1].1.keys().wallet);

    // And keeps, in a store of its own, what heads are checked with; the contents are for whoever can open them.
    assert!(taken.not_kept.is_empty(), "{:?}", taken.not_kept);
    for blob in kept {
        assert!(own_store.has(&blob).await.unwrap(), "{}", blob.cid_string());
    }

    // Strangers and the new wallet itself check heads of the old one's time. Opening them takes the old keystore.
    heir.act_as(own).unwrap();
    let stranger = case.world.person("stranger").await;
    for (record, _) in &case.records {
        stranger.record_verify(*record, None).await.unwrap();
        heir.record_verify(*record, None).await.unwrap();
    }
}
