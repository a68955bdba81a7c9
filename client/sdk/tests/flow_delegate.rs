//! Delegates on the real chain: filing blind, rotating at once, resigning, and what ends with them.

mod flow_fixture;

use std::sync::Arc;

use aceso_sdk::{
    blob::{BlobStore, DirectoryStore, FailoverStore},
    chain::{
        AcesoError, ChainError, Delegate, Folder, Pubkey, Purpose, address,
        constants::{CAN_CREATE, CAN_GRANT, CAN_REVOKE, CAN_ROTATE, PERMIT_OPEN},
    },
    flow::*,
};
use flow_fixture::*;

const HOUR: i64 = 60 * 60;

fn delegation(profile: &Session, folder: Option<Pubkey>, capabilities: u16) -> DelegateAdd {
    DelegateAdd { profile: me(profile), folder, capabilities, until_secs: None }
}

async fn state(session: &Session, folder: Pubkey) -> Folder {
    session.chain().fetch::<Folder>(&folder).await.unwrap().account
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_files_into_a_folder_that_it_cannot_read() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let laboratory = world.person("laboratory").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &laboratory, "laboratory").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let granted = share(&patient, Scope::Folder(folder), me(&doctor)).await;

    let refused = laboratory.record_put(put(folder, vec![item("x", "X")])).await.unwrap_err();
    assert!(matches!(refused, FlowError::NotAllowed { .. }), "{refused}");
    let added =
        patient.delegate_add(delegation(&laboratory, Some(folder), CAN_CREATE)).await.unwrap();
    assert_eq!(added.approvals(), 1);
    let result = file(&laboratory, folder, b"troponin", "Troponin").await;
    assert_eq!(result.sealed_to, Sealing::Epoch(1));
    assert!(matches!(open(&laboratory, result.record, None).await, Err(FlowError::NoGrant { .. })));
    assert_eq!(open(&doctor, result.record, None).await.unwrap(), b"troponin");

    // A reader resigns what it cannot have: while the folder is due, the laboratory seals to the owner alone.
    let nurse = world.person("nurse").await;
    meet(&patient, "patient", &nurse, "nurse").await;
    patient.delegate_add(delegation(&nurse, Some(folder), CAN_REVOKE)).await.unwrap();
    let revoked = nurse.grant_revoke(granted.grant).await.unwrap();
    assert!(revoked.unfinished.is_some(), "a delegate without the key cannot rotate");
    assert_eq!(state(&patient, folder).await.rotate_due, 1);
    let inboxed = file(&laboratory, folder, b"potassium", "Potassium").await;
    assert_eq!(inboxed.sealed_to, Sealing::Inbox);
    // The owner's next command rotates and takes it in.
    let done = patient.maintain().await.unwrap();
    assert_eq!((done.rotated.len(), done.resealed.as_slice()), (1, [inboxed.record].as_slice()));
    assert_eq!(open(&patient, inboxed.record, None).await.unwrap(), b"potassium");
    assert!(matches!(open(&doctor, inboxed.record, None).await, Err(FlowError::NoGrant { .. })));

    // No capability beyond what was given, and none after the end.
    let refused = laboratory.grant_create(GrantCreate {
        scope: Scope::Folder(folder),
        reader: me(&doctor),
        terms: GrantTerms::default(),
    });
    let refused = refused.await.unwrap_err();
    assert!(
        matches!(refused, FlowError::NotAllowed { .. } | FlowError::ProfileMissing { .. }),
        "{refused}"
    );
    patient.delegate_remove(me(&laboratory)).await.unwrap();
    let refused = laboratory.record_put(put(folder, vec![item("x", "X")])).await.unwrap_err();
    assert!(matches!(refused, FlowError::NotAllowed { .. }), "{refused}");
    assert_eq!(
        open(&patient, result.record, None).await.unwrap(),
        b"troponin",
        "what was filed stays"
    );
    // Also for somebody who has never met who filed it.
    let surgeon = world.person("surgeon").await;
    meet(&patient, "patient", &surgeon, "surgeon").await;
    share(&patient, Scope::Folder(folder), me(&surgeon)).await;
    assert_eq!(open(&surgeon, result.record, None).await.unwrap(), b"troponin");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filer_has_stored_the_owner_keeps_when_it_comes_out_of_the_inbox() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let laboratory = world.person("laboratory").await;
    let doctor = world.person("doctor").await;
    for (other, name) in [(&laboratory, "laboratory"), (&doctor, "doctor")] {
        meet(&patient, "patient", other, name).await;
    }
    let (folder, profile) = (chart(&patient).await, me(&patient));
    let nurse = world.person("nurse").await;
    meet(&patient, "patient", &nurse, "nurse").await;
    patient.delegate_add(delegation(&nurse, Some(folder), CAN_REVOKE)).await.unwrap();
    patient.delegate_add(delegation(&laboratory, None, CAN_CREATE)).await.unwrap();
    let cluster = world.net.cluster();
    let own: Arc<dyn BlobStore> =
        Arc::new(DirectoryStore::open(world.dir.path().join("own")).unwrap());
    let both = FailoverStore::new(own.clone(), vec![world.store.clone()]);
    let granted = share(&patient, Scope::Folder(folder), me(&doctor)).await;
    drop(patient);
    nurse.grant_revoke(granted.grant).await.unwrap();
    let filed = file(&laboratory, folder, b"sodium", "Sodium").await;
    assert_eq!(filed.sealed_to, Sealing::Inbox);
    let ask = RequestCreate {
        owner: profile,
        scope: Some(Scope::Record(filed.record)),
        purpose: Purpose::Treatment,
        permissions: PERMIT_OPEN,
        duration_secs: 24 * HOUR,
        reason: "to see it".to_owned(),
        ttl_secs: None,
        deposit_lamports: None,
    };
    let asked = doctor.request_create(ask).await.unwrap();

    // While it is nowhere to be had, the record waits where it is.
    let path = world.blob_path(&filed.content);
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    let patient = world.again_with("patient", &cluster, None, profile, Arc::new(both)).await;
    let done = patient.maintain().await.unwrap();
    assert!(done.resealed.is_empty());
    assert!(matches!(done.skipped.as_slice(), [(at, _)] if *at == filed.record));

    // An answer to a request does what is due first, as other commands of the owner do.
    std::fs::rename(&aside, &path).unwrap();
    let approve = RequestApprove { scope: None, terms: None };
    let approved = patient.request_approve(asked.request, approve).await.unwrap();
    assert_eq!(approved.maintained.resealed, [filed.record]);
    assert!(own.has(&filed.content).await.unwrap());
    let (reader, from) = (me(&doctor), FailoverStore::new(world.store.clone(), vec![own]));
    drop(doctor);
    let doctor = world.again_with("doctor", &cluster, None, reader, Arc::new(from)).await;
    assert_eq!(open(&doctor, filed.record, None).await.unwrap(), b"sodium");
    world.store.unpin(&filed.content).await.unwrap();
    assert_eq!(open(&patient, filed.record, None).await.unwrap(), b"sodium");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_delegates_that_rotate_at_once_both_succeed() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let folder = chart(&patient).await;
    let mut delegates = Vec::new();
    for name in ["anna", "bruno"] {
        let delegate = world.person(name).await;
        meet(&patient, "patient", &delegate, name).await;
        patient
            .delegate_add(delegation(&delegate, Some(folder), CAN_ROTATE | CAN_GRANT))
            .await
            .unwrap();
        share(&patient, Scope::Folder(folder), me(&delegate)).await;
        delegates.push(delegate);
    }
    let [anna, bruno] = delegates.as_slice() else { unreachable!() };
    meet(anna, "anna", bruno, "bruno").await;
    let record = file(&patient, folder, b"before", "Before").await.record;

    let (one, other) = tokio::join!(anna.folder_rotate(folder), bruno.folder_rotate(folder));
    let mut epochs = [one.unwrap().epoch, other.unwrap().epoch];
    epochs.sort_unstable();
    assert_eq!(epochs, [2, 3]);
    let now = state(&patient, folder).await;
    assert_eq!((now.epoch, now.rotate_due), (3, 0));
    // The keyring that the owner wrote is kept until the owner has opened the delegate's.
    assert_ne!(now.previous_keyring_len, 0);
    assert!(now.keyring_by == me(anna) || now.keyring_by == me(bruno));

    let after = file(&patient, folder, b"after", "After").await;
    assert_eq!(after.sealed_to, Sealing::Epoch(3));
    for reader in [&patient, anna, bruno] {
        assert_eq!(open(reader, record, None).await.unwrap(), b"before");
        assert_eq!(open(reader, after.record, None).await.unwrap(), b"after");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_delegate_with_the_key_rotates_in_the_same_transaction() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let nurse = world.person("nurse").await;
    meet(&patient, "patient", &nurse, "nurse").await;
    let folder = chart(&patient).await;
    patient.delegate_add(delegation(&nurse, Some(folder), CAN_ROTATE)).await.unwrap();
    let grant = share(&patient, Scope::Folder(folder), me(&nurse)).await;
    assert_eq!(nurse.folder_rotate(folder).await.unwrap().epoch, 2);

    let blobs = world.blob_count();
    let removed = patient.delegate_remove(me(&nurse)).await.unwrap();
    assert_eq!(removed.approvals(), 1);
    let now = state(&patient, folder).await;
    assert_eq!((now.epoch, now.rotate_due, now.keyring_by), (3, 0, me(&patient)));
    assert!(world.blob_count() <= blobs, "keyrings that nobody needs are let go");
    let refused = nurse.folder_rotate(folder).await.unwrap_err();
    assert!(matches!(refused, FlowError::NotAllowed { .. }), "{refused}");
    // It may still read what it was granted, which is another matter.
    let record = file(&patient, folder, b"still shared", "Shared").await.record;
    assert_eq!(open(&nurse, record, None).await.unwrap(), b"still shared");
    patient.grant_revoke(grant.grant).await.unwrap();

    // Who resigns leaves the folder due; the owner's next command rotates.
    patient.delegate_add(delegation(&nurse, Some(folder), CAN_ROTATE)).await.unwrap();
    // Which is said as such: the nurse has given the patient no delegation that it could end.
    let other = nurse.delegate_remove(me(&patient)).await.unwrap_err();
    assert!(matches!(other, FlowError::NotDelegated { .. }), "{other}");
    nurse.delegate_resign(me(&patient)).await.unwrap();
    let due = state(&patient, folder).await;
    assert_eq!(due.rotate_due, 1);
    let done = patient.maintain().await.unwrap();
    assert_eq!(done.rotated.len(), 1);
    let trail = patient.audit_history(Scope::Folder(folder)).await.unwrap();
    let left = trail
        .lines
        .iter()
        .filter(|line| line.entry.action == aceso_sdk::chain::Action::DelegateRemoved);
    assert_eq!(
        left.map(|line| line.actor_name.as_deref().unwrap()).collect::<Vec<_>>(),
        ["patient", "nurse"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn delegations_are_listed_end_and_begin_anew() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let nurse = world.person("nurse").await;
    meet(&patient, "patient", &nurse, "nurse").await;
    let second =
        patient.folder_create(FolderCreate { name: "second".to_owned() }).await.unwrap().folder;

    let oneself = patient.delegate_add(delegation(&patient, None, CAN_CREATE)).await.unwrap_err();
    assert!(
        matches!(oneself, FlowError::Chain(ChainError::Program(AcesoError::ToOneself))),
        "{oneself}"
    );
    let theirs = delegation(&nurse, Some(chart(&nurse).await), CAN_CREATE);
    let theirs = patient.delegate_add(theirs).await.unwrap_err();
    assert!(matches!(theirs, FlowError::OtherOwner { .. }), "{theirs}");
    let nothing = patient.delegate_remove(me(&nurse)).await.unwrap_err();
    assert!(matches!(nothing, FlowError::NotDelegated { .. }), "{nothing}");

    let now = patient.chain().rpc.time().await.unwrap().unix_secs;
    let short = DelegateAdd {
        until_secs: Some(now + HOUR),
        ..delegation(&nurse, Some(second), CAN_ROTATE)
    };
    patient.delegate_add(short).await.unwrap();
    let [given] = patient.delegate_list(DelegateList::Given).await.unwrap().try_into().unwrap();
    assert_eq!((given.profile, given.folder, given.ended), (me(&nurse), Some(second), false));
    assert_eq!((given.capabilities, given.until_secs), (CAN_ROTATE, Some(now + HOUR)));
    let received = nurse.delegate_list(DelegateList::Received).await.unwrap();
    assert_eq!((received.len(), received[0].owner), (1, me(&patient)));
    assert!(nurse.delegate_list(DelegateList::Given).await.unwrap().is_empty());
    let twice = patient.delegate_add(delegation(&nurse, None, CAN_CREATE)).await.unwrap_err();
    assert!(matches!(twice, FlowError::DelegateExists { .. }), "{twice}");

    // After its end a new one takes its place, in one approval.
    world.net.travel(HOUR + 1).await;
    assert!(patient.delegate_list(DelegateList::Given).await.unwrap()[0].ended);
    let renewed = patient.delegate_add(delegation(&nurse, Some(second), CAN_ROTATE)).await.unwrap();
    assert_eq!(renewed.approvals(), 1);
    assert!(!patient.delegate_list(DelegateList::Given).await.unwrap()[0].ended);

    // It ends with its folder, and can be removed all the same.
    patient.maintain().await.unwrap();
    patient.folder_close(second).await.unwrap();
    assert!(nurse.delegate_list(DelegateList::Received).await.unwrap()[0].ended);
    patient.delegate_remove(me(&nurse)).await.unwrap();
    let gone = patient
        .chain()
        .find::<Delegate>(&address::delegate(&me(&patient), &me(&nurse)))
        .await
        .unwrap();
    assert!(gone.is_none());

    // Where each acts for the other, it is said which one ends.
    patient.delegate_add(delegation(&nurse, None, CAN_CREATE)).await.unwrap();
    nurse.delegate_add(delegation(&patient, None, CAN_CREATE)).await.unwrap();
    patient.delegate_resign(me(&nurse)).await.unwrap();
    assert_eq!(patient.delegate_list(DelegateList::Given).await.unwrap().len(), 1);
    patient.delegate_remove(me(&nurse)).await.unwrap();
    assert!(nurse.delegate_list(DelegateList::Received).await.unwrap().is_empty());
}
