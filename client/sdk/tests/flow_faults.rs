//! What goes wrong between people, stores and nodes, each by name.

mod flow_fixture;

use aceso_sdk::{
    blob::BlobError,
    chain::{
        ChainError, Fetched, Folder, Instruction, Pubkey, Record, Signer, Transaction, constants::*,
    },
    file::{FileError, Output},
    flow::*,
    home::FileWallet,
};
use anchor_lang::prelude::AccountMeta;
use flow_fixture::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_is_refused_and_leaves_no_file() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let folder = chart(&patient).await;
    let filed = file(&patient, folder, &[9; 200_000], "Scan").await;
    let dir = tempfile::tempdir().unwrap();
    for blob in [filed.content, filed.head] {
        let path = world.blob_path(&blob);
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[1000] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        let output = GetOutput::Named { folder: dir.path().to_owned(), replace: false };
        let get = RecordGet { record: filed.record, version: None, range: None, output };
        let refused = patient.record_get(get).await.unwrap_err();
        assert!(
            matches!(
                refused,
                FlowError::Blob(BlobError::Mismatch { .. })
                    | FlowError::File(FileError::Blob(BlobError::Mismatch { .. }))
            ),
            "{refused}"
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(patient.record_verify(filed.record, None).await.is_err());
        std::fs::write(&path, &good).unwrap();
    }
    let output = GetOutput::Named { folder: dir.path().to_owned(), replace: false };
    let get = RecordGet { record: filed.record, version: None, range: Some(10..20), output };
    let got = patient.record_get(get).await.unwrap();
    assert_eq!(std::fs::read(got.path.unwrap()).unwrap(), [9; 10]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_receive_is_named_before_anything_is_sealed() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let mut doctor = world.person("doctor").await;
    let newcomer = world.newcomer("newcomer").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let blobs = world.blob_count();

    assert!(matches!(newcomer.profile(), Err(FlowError::NoProfile)));
    let listing = newcomer.record_list(RecordList::Shared { owner: None }).await;
    assert!(matches!(listing, Err(FlowError::NoProfile)));
    let nobody = newcomer.wallet_address();
    let refused = patient.recipient_check(nobody).await.unwrap_err();
    assert!(matches!(refused, FlowError::ProfileMissing { .. }), "{refused}");

    // New keys have to be compared before anything is sealed to them.
    let rotated = doctor.profile_keys_rotate().await.unwrap();
    assert_eq!(rotated.key_version, 2);
    let blobs_after_rotation = world.blob_count();
    assert_eq!(blobs_after_rotation, blobs + 1, "a bundle more; the doctor's keyring was replaced");
    let reader = me(&doctor);
    let share_with = vec![Share { reader, terms: GrantTerms::default() }];
    let put = RecordPut {
        folder,
        items: vec![item(b"x", "X")],
        share: share_with,
        again: false,
        goes_on: false,
    };
    let refused = patient.record_put(put).await.unwrap_err();
    assert!(
        matches!(refused, FlowError::KeysChangedSincePin { pinned: 1, found: 2, .. }),
        "{refused}"
    );
    assert_eq!(world.blob_count(), blobs_after_rotation, "nothing was stored");
    let wrong = patient.contact_verify(reader, Some("00000 00000")).await.unwrap_err();
    assert!(matches!(wrong, FlowError::FingerprintDiffers { .. }), "{wrong}");
    let digits = rotated.fingerprint.to_string();
    let view = patient.contact_verify(reader, Some(&digits)).await.unwrap();
    assert!(view.verified && view.state == ContactState::Current);
    let record = file(&patient, folder, b"for new keys", "New").await.record;
    share(&patient, Scope::Folder(folder), reader).await;
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"for new keys");

    // Retired.
    let own = chart(&doctor).await;
    doctor.folder_close(own).await.unwrap();
    doctor.profile_retire().await.unwrap();
    let refused = patient.recipient_check(reader).await.unwrap_err();
    assert!(matches!(refused, FlowError::ProfileRetired { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_delegates_rotate_at_once_and_everybody_still_reads() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let folder = chart(&patient).await;
    let mut delegates = Vec::new();
    for name in ["nurse", "secretary"] {
        let delegate = world.person(name).await;
        meet(&patient, "patient", &delegate, name).await;
        let capabilities = CAN_ROTATE | CAN_GRANT;
        let add = DelegateAdd {
            profile: me(&delegate),
            folder: Some(folder),
            capabilities,
            until_secs: None,
        };
        patient.delegate_add(add).await.unwrap();
        share(&patient, Scope::Folder(folder), me(&delegate)).await;
        delegates.push(delegate);
    }
    let record = file(&patient, folder, b"shared", "Shared").await.record;
    let (one, other) =
        tokio::join!(delegates[0].folder_rotate(folder), delegates[1].folder_rotate(folder));
    let mut epochs = [one.unwrap().epoch, other.unwrap().epoch];
    epochs.sort_unstable();
    assert_eq!(epochs, [2, 3]);
    let later = file(&patient, folder, b"later", "Later").await.record;
    for reader in [&patient, &delegates[0], &delegates[1]] {
        assert_eq!(open(reader, record, None).await.unwrap(), b"shared");
        assert_eq!(open(reader, later, None).await.unwrap(), b"later");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_meanwhile_is_looked_at_again() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"one", "Record").await.record;
    share(&patient, Scope::Folder(folder), me(&doctor)).await;
    // The record is updated and the folder rotated while others file, open and grant.
    let (rotated, filed, opened, update) = tokio::join!(
        patient.folder_rotate(folder),
        patient.record_put(put(folder, vec![item(b"filed", "Filed")])),
        open(&doctor, record, None),
        patient.record_update(RecordUpdate { record, input: item(b"two", "x").input, about: None }),
    );
    rotated.unwrap();
    update.unwrap();
    let filed = filed.unwrap().records[0].record;
    assert!([b"one", b"two"].iter().any(|bytes| opened.as_ref().unwrap() == bytes));
    assert_eq!(open(&doctor, filed, None).await.unwrap(), b"filed");
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"two");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_put_leaves_no_blob_behind() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let stranger = world.person("stranger").await;
    meet(&patient, "patient", &stranger, "stranger").await;
    let folder = chart(&patient).await;
    let blobs = world.blob_count();
    // Not a delegate.
    let refused = stranger.record_put(put(folder, vec![item(b"x", "X")])).await.unwrap_err();
    assert!(matches!(refused, FlowError::NotAllowed { .. }), "{refused}");
    assert_eq!(world.blob_count(), blobs);
    let record = file(&patient, folder, b"kept", "Kept").await;
    let now = world.blob_count();
    assert_eq!(now, blobs + 2);
    patient.record_archive(record.record, true).await.unwrap();
    // An archived record takes no version: the program refuses, and what was stored for it goes.
    let update = RecordUpdate { record: record.record, input: item(b"v2", "x").input, about: None };
    let refused = patient.record_update(update).await.unwrap_err();
    assert!(refused.to_string().contains("archived"), "{refused}");
    assert_eq!(world.blob_count(), now);
    // Erased: record, grants and blobs are gone, and the sentence says what that means.
    patient.record_archive(record.record, false).await.unwrap();
    share(&patient, Scope::Record(record.record), me(&stranger)).await;
    let erased = patient.record_erase(record.record).await.unwrap();
    assert_eq!((erased.receipt.approvals(), erased.revoked.len()), (1, 1));
    assert!(erased.still_pinned.is_empty());
    assert_eq!(erased.unknown_versions, 0);
    assert_eq!(world.blob_count(), blobs);
    assert!(matches!(open(&patient, record.record, None).await, Err(FlowError::Missing { .. })));
    // One whose older head is lost: what that led to stays, and is said to stay.
    let record = file(&patient, folder, b"first", "Words").await;
    let update =
        RecordUpdate { record: record.record, input: item(b"second", "x").input, about: None };
    patient.record_update(update).await.unwrap();
    std::fs::remove_file(world.blob_path(&record.head)).unwrap();
    let erased = patient.record_erase(record.record).await.unwrap();
    assert_eq!((erased.unpinned.len(), erased.unknown_versions), (2, 1));
    assert!(world.store.has(&record.content).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_move_between_folders_and_their_readers() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let private =
        patient.folder_create(FolderCreate { name: "Private".to_owned() }).await.unwrap().folder;
    let record = file(&patient, folder, b"words", "Words").await.record;
    share(&patient, Scope::Folder(folder), me(&doctor)).await;
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"words");
    patient.record_move(record, private).await.unwrap();
    assert!(matches!(open(&doctor, record, None).await, Err(FlowError::NoGrant { .. })));
    assert_eq!(open(&patient, record, None).await.unwrap(), b"words");
    let account: Fetched<Record> = patient.chain().fetch(&record).await.unwrap();
    assert_eq!(account.folder, private);
    let account: Fetched<Folder> = patient.chain().fetch(&folder).await.unwrap();
    assert_eq!(account.records, 0);
    let names: Vec<_> =
        patient.folder_list().await.unwrap().into_iter().map(|folder| folder.name).collect();
    assert!(
        names.contains(&Some("Private".to_owned()))
            && names.contains(&Some(FIRST_FOLDER.to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsor_pays_for_one_who_has_no_sol() {
    use std::sync::Arc;

    use aceso_sdk::{
        chain::{ChainError, Signer},
        file::Silent,
        home::{FileWallet, Home, HomeDir, Password, WorkFactor},
    };

    let world = World::start(None).await;
    let dir = HomeDir::open(world.dir.path().join("poor")).unwrap();
    let wallet = FileWallet::create(&dir.wallet()).unwrap();
    let sponsor = FileWallet::create(&world.dir.path().join("sponsor.json")).unwrap();
    let chain = world.net.connect().await;
    fund(&chain, &sponsor.pubkey(), 1_000_000_000).await;
    let password = Password::new("correct horse".to_owned().into()).unwrap();
    let home = Home::create(dir, chain.genesis(), password, WorkFactor(1)).unwrap();
    let mut poor = Session::open(SessionParts {
        chain,
        store: world.store.clone(),
        elsewhere: Vec::new(),
        home,
        wallet: Arc::new(wallet),
        fee_payer: Some(Arc::new(sponsor)),
        profile: None,
        watch: Arc::new(Silent),
        options: SessionOptions::default(),
    })
    .await
    .unwrap();
    poor.profile_create(ProfileCreate::new("poor")).await.unwrap();
    let record = file(&poor, chart(&poor).await, b"paid by another", "Paid").await.record;
    assert_eq!(open(&poor, record, None).await.unwrap(), b"paid by another");
    assert_eq!(poor.chain().balance(&poor.wallet_address()).await.unwrap(), 0);

    // Without a sponsor it is told so, and nothing stays behind.
    let profile = me(&poor);
    let folder = chart(&poor).await;
    drop(poor);
    let blobs = world.blob_count();
    let poor = world.again("poor", &world.net.cluster(), None, profile).await;
    let refused = poor.record_put(put(folder, vec![item(b"x", "X")])).await.unwrap_err();
    assert!(matches!(refused, FlowError::Chain(ChainError::WalletWithoutSol { .. })), "{refused}");
    assert_eq!(world.blob_count(), blobs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_without_sol_for_the_rent_leaves_no_blob_behind() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let folder = chart(&patient).await;
    let blobs = world.blob_count();
    // All but what pays for a few transactions goes elsewhere.
    let wallet = FileWallet::open(&patient.home().dir().wallet()).unwrap();
    let lamports = patient.chain().balance(&wallet.pubkey()).await.unwrap() - 1_500_000;
    let elsewhere = Pubkey::new_from_array([9; 32]);
    let transfer = Instruction {
        program_id: anchor_lang::solana_program::system_program::ID,
        accounts: vec![AccountMeta::new(wallet.pubkey(), true), AccountMeta::new(elsewhere, false)],
        data: [&2u32.to_le_bytes()[..], &lamports.to_le_bytes()].concat(),
    };
    patient.chain().send(&Transaction::new(vec![transfer], &wallet, &[])).await.unwrap();
    // Content and head are stored by the time that the rent is asked for.
    let refused = patient.record_put(put(folder, vec![item(b"x", "X")])).await.unwrap_err();
    let said = matches!(refused, FlowError::Chain(ChainError::WalletWithoutSol { .. }));
    assert!(said, "{refused}");
    assert_eq!(world.blob_count(), blobs);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_leaves_no_receipt() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"words", "Words").await.record;
    share(&patient, Scope::Folder(folder), me(&doctor)).await;
    let path = world.dir.path().join("taken");
    std::fs::write(&path, "mine").unwrap();
    let count = async || patient.record_show(record).await.unwrap().audit_count;
    let before = count().await;
    let output = GetOutput::To(Output::File { path, replace: false });
    let get = RecordGet { record, version: None, range: None, output };
    doctor.record_get(get).await.unwrap_err();
    let output = GetOutput::To(Output::Writer(Box::new(std::io::sink())));
    let get = RecordGet { record, version: None, range: Some(0..99), output };
    doctor.record_get(get).await.unwrap_err();
    assert_eq!(count().await, before);
}
