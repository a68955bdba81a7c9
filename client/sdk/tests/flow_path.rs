//! The whole path on the real chain: a patient, a cardiologist, a laboratory and a stranger.

mod flow_fixture;

use aceso_sdk::{chain::constants::CAN_CREATE, flow::*};
use flow_fixture::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_shares_a_chart_and_a_laboratory_files_into_it() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let cardiologist = world.person("cardiologist").await;
    let laboratory = world.person("laboratory").await;
    let stranger = world.person("stranger").await;
    meet(&patient, "patient", &cardiologist, "cardiologist").await;
    meet(&patient, "patient", &laboratory, "laboratory").await;
    meet(&patient, "patient", &stranger, "stranger").await;
    let folder = chart(&patient).await;

    let ecg = file(&patient, folder, b"ecg of monday", "ECG").await;
    assert_eq!(ecg.sealed_to, Sealing::Epoch(1));
    assert_eq!(open(&patient, ecg.record, None).await.unwrap(), b"ecg of monday");

    // One approval shares what is there and what comes.
    let created = share(&patient, Scope::Folder(folder), me(&cardiologist)).await;
    assert_eq!(created.receipt.approvals(), 1);
    let listed = cardiologist.record_list(RecordList::Shared { owner: None }).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].manifest.as_ref().unwrap().about.title, "ECG");
    assert_eq!(open(&cardiologist, ecg.record, None).await.unwrap(), b"ecg of monday");

    // The laboratory files a result that it cannot read back.
    let delegation = DelegateAdd {
        profile: me(&laboratory),
        folder: Some(folder),
        capabilities: CAN_CREATE,
        until_secs: None,
    };
    patient.delegate_add(delegation).await.unwrap();
    let theirs = laboratory.folder_named(Some(me(&patient)), None).await.unwrap();
    assert_eq!(theirs, folder);
    let result = file(&laboratory, folder, b"troponin 12 ng/l", "Troponin").await;
    assert_eq!(result.sealed_to, Sealing::Epoch(1));
    assert!(matches!(open(&laboratory, result.record, None).await, Err(FlowError::NoGrant { .. })));
    assert_eq!(open(&cardiologist, result.record, None).await.unwrap(), b"troponin 12 ng/l");
    assert_eq!(open(&patient, result.record, None).await.unwrap(), b"troponin 12 ng/l");
    let verified = laboratory.record_verify(result.record, None).await.unwrap();
    assert_eq!(verified.depth, VerifiedDepth::Sealed);

    // Whoever was given nothing opens nothing.
    let refused = open(&stranger, ecg.record, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::NoGrant { .. }), "{refused}");

    // Every opening is in the trail, which is recomputed.
    let history = patient.audit_history(Scope::Record(ecg.record)).await.unwrap();
    let openings: Vec<_> = history
        .lines
        .iter()
        .filter(|line| line.entry.action == aceso_sdk::chain::Action::RecordOpened)
        .collect();
    assert_eq!(openings.len(), 1);
    assert_eq!(openings[0].actor_name.as_deref(), Some("cardiologist"));
    let archived = patient.audit_archived(Scope::Record(ecg.record)).unwrap();
    assert_eq!(archived.head, history.head);

    // Revoked: one approval, a new epoch, and what comes after stays shut.
    let revoked = patient.grant_revoke(created.grant).await.unwrap();
    assert_eq!((revoked.receipt.approvals(), revoked.epoch), (1, Some(2)));
    assert!(revoked.unfinished.is_none());
    let after = file(&patient, folder, b"after the revocation", "Later").await;
    assert_eq!(after.sealed_to, Sealing::Epoch(2));
    for record in [ecg.record, after.record] {
        let refused = open(&cardiologist, record, None).await.unwrap_err();
        assert!(matches!(refused, FlowError::NoGrant { .. }), "{refused}");
    }
    assert_eq!(open(&patient, ecg.record, None).await.unwrap(), b"ecg of monday");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_link_back_and_all_of_them_open() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    let laboratory = world.person("laboratory").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    meet(&patient, "patient", &laboratory, "laboratory").await;
    let folder = chart(&patient).await;
    let capabilities = CAN_CREATE;
    let add =
        DelegateAdd { profile: me(&laboratory), folder: None, capabilities, until_secs: None };
    patient.delegate_add(add).await.unwrap();

    let first = file(&laboratory, folder, b"one", "Result").await;
    // A filer cannot read what it replaces, so it has to say what the new version is.
    let blind = RecordUpdate { record: first.record, input: item(b"two", "x").input, about: None };
    assert!(matches!(laboratory.record_update(blind).await, Err(FlowError::AboutNeeded)));
    let PutItem { input, about } = item(b"two", "Result, corrected");
    let update = RecordUpdate { record: first.record, input, about: Some(about) };
    assert_eq!(laboratory.record_update(update).await.unwrap().filed.version, 2);
    // The owner can, and keeps the words.
    let update =
        RecordUpdate { record: first.record, input: item(b"three", "x").input, about: None };
    let third = patient.record_update(update).await.unwrap();
    assert_eq!(third.filed.version, 3);

    share(&patient, Scope::Record(first.record), me(&doctor)).await;
    for reader in [&patient, &doctor] {
        let view = reader.record_show(first.record).await.unwrap();
        assert_eq!(view.manifest.unwrap().about.title, "Result, corrected");
        assert_eq!(open(reader, first.record, None).await.unwrap(), b"three");
        assert_eq!(open(reader, first.record, Some(2)).await.unwrap(), b"two");
    }
    assert_eq!(open(&patient, first.record, Some(1)).await.unwrap(), b"one");
    let none = open(&patient, first.record, Some(4)).await.unwrap_err();
    assert!(matches!(none, FlowError::NoSuchVersion { current: 3, .. }), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_packed_and_shared_in_the_same_transactions() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;

    let items = (0..12).map(|n| item(format!("file {n}"), &format!("File {n}"))).collect();
    let done = patient.record_put(put(folder, items)).await.unwrap();
    assert_eq!(done.records.len(), 12);
    assert_eq!(
        done.receipt.approvals(),
        1,
        "at least five record creations are packed into a transaction"
    );

    let reader = me(&doctor);
    let share = vec![Share { reader, terms: GrantTerms::default() }];
    let done = patient
        .record_put(RecordPut {
            folder,
            items: vec![item(b"for you alone", "Letter")],
            share,
            again: false,
            goes_on: false,
        })
        .await
        .unwrap();
    assert_eq!((done.receipt.approvals(), done.grants.len()), (1, 1));
    assert_eq!(open(&doctor, done.records[0].record, None).await.unwrap(), b"for you alone");
    let seen = doctor.record_list(RecordList::Shared { owner: Some(me(&patient)) }).await.unwrap();
    assert_eq!(seen.len(), 1, "the rest of the folder is not shared");

    // What was stored on the way and is superfluous is gone: 13 contents, 13 heads, 2 bundles, 2 keyrings.
    assert_eq!(world.blob_count(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_opens_elsewhere() {
    let world = World::start(Some(400)).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let bytes = vec![7; 1 << 20];
    let mut best = std::time::Duration::MAX;
    for n in 0..3 {
        let reader = me(&doctor);
        let share = vec![Share { reader, terms: GrantTerms::default() }];
        let items = vec![item(bytes.clone(), &format!("Scan {n}"))];
        let start = std::time::Instant::now();
        let done = patient
            .record_put(RecordPut { folder, items, share, again: false, goes_on: false })
            .await
            .unwrap();
        let put = start.elapsed();
        assert_eq!(open(&doctor, done.records[0].record, None).await.unwrap(), bytes);
        let all = start.elapsed();
        println!("put with grant {put:?}, and opened with receipt after {all:?}");
        best = best.min(all);
    }
    // Not the aim of two seconds, which a debug build on a busy machine may miss: what nobody would wait for.
    assert!(best.as_secs_f64() <= 4.0, "{best:?}");
}
