//! A node that lies consistently about accounts: digests, bundles, keyrings, grants. Each lie is caught by name, by a
//! signature, a pin or a second node.

mod flow_fixture;
mod flow_node;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use aceso_sdk::{
    chain::{
        ChainError, Fetched, Folder, Grant, Kind, Profile, Pubkey, Record, address,
        constants::CAN_CREATE,
    },
    flow::*,
    home::HomeError,
};
use flow_fixture::*;
use flow_node::{Hostile, change_account};

struct Case {
    world: World,
    node: Hostile,
    patient: Session,
    doctor: Session,
    /// Has a profile with a good bundle, and runs the node.
    thief: Session,
    folder: Pubkey,
}

async fn case() -> Case {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    let thief = world.person("thief").await;
    let folder = chart(&patient).await;
    let node = Hostile::before(&world.net.url).await;
    Case { world, node, patient, doctor, thief, folder }
}

impl Case {
    /// The patient in front of the lying node, maybe with an honest second one.
    async fn deceived(&self, name: &str, who: &Session, verify: bool) -> Session {
        let honest = self.world.net.cluster();
        self.world.again(name, &self.node.cluster(), verify.then_some(&honest), me(who)).await
    }

    /// The node shows account `at` as `forge` makes it.
    fn lie_about(&self, at: Pubkey, forge: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) {
        self.node.lie(move |method, params, result| {
            if method == "getMultipleAccounts" {
                change_account(result, params, &at, &forge);
            }
        });
    }
}

fn set<T: Kind>(data: &mut [u8], field: &str, value: &[u8]) {
    let (_, at, _) = *T::FIELDS.iter().find(|(name, ..)| *name == field).unwrap();
    data[at..at + value.len()].copy_from_slice(value);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_bundle_is_caught_by_the_pin_or_the_second_node() {
    let case = case().await;
    let thief: Fetched<Profile> = case.thief.chain().fetch(&me(&case.thief)).await.unwrap();
    let swap = move |data: &mut Vec<u8>| {
        set::<Profile>(data, "bundle_digest", &thief.bundle_digest);
        set::<Profile>(data, "authority", thief.authority.as_ref());
    };
    // The thief's own bundle is about another profile, so it does not pass for the doctor's.
    case.lie_about(me(&case.doctor), swap);
    let patient = case.deceived("patient", &case.patient, false).await;
    let refused = patient.recipient_check(me(&case.doctor)).await.unwrap_err();
    assert!(matches!(refused, FlowError::Bundle { .. }), "{refused}");
    // A second node says otherwise.
    let patient = case.deceived("patient", &case.patient, true).await;
    let refused = patient.recipient_check(me(&case.doctor)).await.unwrap_err();
    assert!(matches!(refused, FlowError::Chain(ChainError::NodesDisagree { .. })), "{refused}");
    // And so does the pin, once there is one.
    case.node.lie(|_, _, _| {});
    patient
        .contact_add(ContactAdd { name: "doctor".to_owned(), profile: me(&case.doctor) })
        .await
        .unwrap();
    case.lie_about(me(&case.doctor), swap);
    let patient = case.deceived("patient", &case.patient, false).await;
    let refused = patient.recipient_check(me(&case.doctor)).await.unwrap_err();
    let caught = matches!(
        refused,
        FlowError::KeysChangedSincePin { .. } | FlowError::Home(HomeError::SameCountDiffers { .. })
    );
    assert!(caught, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_head_is_caught_by_its_signature_and_an_old_one_by_what_was_seen() {
    let case = case().await;
    meet(&case.patient, "patient", &case.doctor, "doctor").await;
    let victim = file(&case.patient, case.folder, b"mine", "Mine").await.record;
    let first: Fetched<Record> = case.patient.chain().fetch(&victim).await.unwrap();
    share(&case.patient, Scope::Folder(case.folder), me(&case.doctor)).await;
    // A record of the thief's own in place of it: head and content are good, but for another record.
    let own = chart(&case.thief).await;
    let bait = file(&case.thief, own, b"bait", "Bait").await.record;
    let bait: Fetched<Record> = case.thief.chain().fetch(&bait).await.unwrap();
    case.lie_about(victim, move |data| {
        set::<Record>(data, "head_digest", &bait.head_digest);
        set::<Record>(data, "head_len", &bait.head_len.to_le_bytes());
        set::<Record>(data, "content_digest", &bait.content_digest);
        set::<Record>(data, "audit_count", &9u64.to_le_bytes());
    });
    let doctor = case.deceived("doctor", &case.doctor, false).await;
    let refused = open(&doctor, victim, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::Untrue { .. }), "{refused}");
    let doctor = case.deceived("doctor", &case.doctor, true).await;
    let refused = open(&doctor, victim, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::Chain(ChainError::NodesDisagree { .. })), "{refused}");

    // With the writer changed too, the thief is not one who may write.
    let writer = me(&case.thief);
    case.lie_about(victim, move |data| {
        set::<Record>(data, "head_digest", &bait.head_digest);
        set::<Record>(data, "head_len", &bait.head_len.to_le_bytes());
        set::<Record>(data, "head_by", writer.as_ref());
        set::<Record>(data, "audit_count", &10u64.to_le_bytes());
    });
    let patient = case.deceived("patient", &case.patient, false).await;
    let refused = open(&patient, victim, None).await.unwrap_err();
    let caught = matches!(refused, FlowError::WriterNotAllowed { .. } | FlowError::Untrue { .. });
    assert!(caught, "{refused}");

    // That it is the record's author is the node's word: a second node does not say so.
    case.lie_about(victim, move |data| {
        set::<Record>(data, "head_digest", &bait.head_digest);
        set::<Record>(data, "head_len", &bait.head_len.to_le_bytes());
        set::<Record>(data, "folder", own.as_ref());
        set::<Record>(data, "author", writer.as_ref());
        set::<Record>(data, "head_by", writer.as_ref());
        set::<Record>(data, "audit_count", &10u64.to_le_bytes());
    });
    let patient = case.deceived("patient", &case.patient, true).await;
    let refused = open(&patient, victim, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::Chain(ChainError::NodesDisagree { .. })), "{refused}");
    // Nor does an address that the node says was made anew make an old state new.
    case.node.lie(|_, _, _| {});
    open(&patient, victim, None).await.unwrap();
    let slot_at = Record::offset("meta").unwrap();
    case.lie_about(victim, move |data| {
        let meta = bytemuck::bytes_of(&first.meta);
        let mut anew = first.meta;
        anew.created_slot += 1;
        data[slot_at..slot_at + meta.len()].copy_from_slice(bytemuck::bytes_of(&anew));
    });
    let patient = case.deceived("patient", &case.patient, false).await;
    let refused = open(&patient, victim, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::Home(HomeError::MadeAnew { .. })), "{refused}");

    // An old state that was true once.
    case.node.lie(|_, _, _| {});
    let reader = case.world.person("reader").await;
    meet(&case.patient, "patient", &reader, "reader").await;
    share(&case.patient, Scope::Record(victim), me(&reader)).await;
    let update = RecordUpdate { record: victim, input: item(b"new", "x").input, about: None };
    case.patient.record_update(update).await.unwrap();
    assert_eq!(open(&reader, victim, None).await.unwrap(), b"new");
    case.lie_about(victim, move |data| {
        set::<Record>(data, "version", &first.version.to_le_bytes());
        set::<Record>(data, "head_digest", &first.head_digest);
        set::<Record>(data, "audit_count", &first.audit_count.to_le_bytes());
        set::<Record>(data, "audit_head", &first.audit_head);
    });
    let reader = case.deceived("reader", &reader, false).await;
    let refused = open(&reader, victim, None).await.unwrap_err();
    let caught = matches!(
        refused,
        FlowError::Home(HomeError::VersionBelowSeen { .. } | HomeError::CountBelowSeen { .. })
    );
    assert!(caught, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_keyring_gets_nothing_sealed_to_it() {
    let case = case().await;
    let laboratory = case.world.person("laboratory").await;
    meet(&case.patient, "patient", &laboratory, "laboratory").await;
    let add = DelegateAdd {
        profile: me(&laboratory),
        folder: None,
        capabilities: CAN_CREATE,
        until_secs: None,
    };
    case.patient.delegate_add(add).await.unwrap();
    let theirs = chart(&case.thief).await;
    let bait: Fetched<Folder> = case.thief.chain().fetch(&theirs).await.unwrap();
    // The thief's keyring, said to be by the owner: it is about another folder.
    case.lie_about(case.folder, move |data| {
        set::<Folder>(data, "keyring_digest", &bait.keyring_digest);
        set::<Folder>(data, "keyring_len", &bait.keyring_len.to_le_bytes());
        set::<Folder>(data, "audit_count", &9u64.to_le_bytes());
    });
    let blobs = case.world.blob_count();
    let lab = case.deceived("laboratory", &laboratory, false).await;
    let refused = lab.record_put(put(case.folder, vec![item(b"x", "X")])).await.unwrap_err();
    assert!(matches!(refused, FlowError::Untrue { .. }), "{refused}");
    assert_eq!(case.world.blob_count(), blobs, "nothing stays behind");
    // Said to be by the thief, whom the laboratory does not know: it seals to the owner's pinned key instead, and the
    // chain refuses nothing, because that is the owner's true key.
    let writer = me(&case.thief);
    case.lie_about(case.folder, move |data| {
        set::<Folder>(data, "keyring_digest", &bait.keyring_digest);
        set::<Folder>(data, "keyring_len", &bait.keyring_len.to_le_bytes());
        set::<Folder>(data, "keyring_by", writer.as_ref());
        set::<Folder>(data, "audit_count", &10u64.to_le_bytes());
    });
    let lab = case.deceived("laboratory", &laboratory, false).await;
    let done = lab.record_put(put(case.folder, vec![item(b"x", "X")])).await.unwrap();
    assert_eq!(done.records[0].sealed_to, Sealing::Inbox);
    assert_eq!(open(&case.patient, done.records[0].record, None).await.unwrap(), b"x");
    let lab = case.deceived("laboratory", &laboratory, true).await;
    let refused = lab.record_put(put(case.folder, vec![item(b"x", "X")])).await.unwrap_err();
    assert!(matches!(refused, FlowError::Chain(ChainError::NodesDisagree { .. })), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_the_node_invents_gets_nobody_in() {
    let case = case().await;
    meet(&case.patient, "patient", &case.doctor, "doctor").await;
    let granted = share(&case.patient, Scope::Folder(case.folder), me(&case.doctor)).await.grant;
    let account: Fetched<Grant> = case.patient.chain().fetch(&granted).await.unwrap();
    let thief = me(&case.thief);
    let shown_at = Arc::new(Mutex::new(address::grant(&case.folder, &thief)));
    let at_address = shown_at.clone();
    let on = Arc::new(AtomicBool::new(true));
    // In place of the doctor's grant it shows one of the thief's; their number is right.
    let lying = on.clone();
    case.node.lie(move |method, params, result| {
        if method == "getProgramAccounts"
            && lying.load(Ordering::Relaxed)
            && params.to_string().contains("memcmp")
        {
            for found in result["value"].as_array_mut().unwrap() {
                if found["pubkey"] == account.address.to_string() {
                    found["pubkey"] = at_address.lock().unwrap().to_string().into();
                    let shown = serde_json::json!({ "value": [found["account"].clone()] });
                    let mut shown = shown;
                    let at = serde_json::json!([[account.address.to_string()]]);
                    change_account(&mut shown, &at, &account.address, |data| {
                        set::<Grant>(data, "reader", thief.as_ref());
                    });
                    found["account"] = shown["value"][0].clone();
                }
            }
        }
    });
    let patient = case.deceived("patient", &case.patient, false).await;
    let rotated = patient.folder_rotate(case.folder).await.unwrap();
    assert!(rotated.readers.is_empty());
    assert!(matches!(rotated.left_out[0].reason, FlowError::ReaderUnlisted { .. }));
    // The program makes none at any other address, such as one that stands for the thief a second time.
    *shown_at.lock().unwrap() = Pubkey::new_from_array([5; 32]);
    let refused = patient.folder_rotate(case.folder).await.unwrap_err();
    assert!(matches!(refused, FlowError::Chain(ChainError::RpcNonsense { .. })), "{refused}");
    // Where there is a second node, each grant is asked for by its address, and there is no such one.
    *shown_at.lock().unwrap() = address::grant(&case.folder, &thief);
    let patient = case.deceived("patient", &case.patient, true).await;
    let refused = patient.folder_rotate(case.folder).await.unwrap_err();
    assert!(matches!(refused, FlowError::ListIncomplete { .. }), "{refused}");
    // Nor can it hide one: the account has their number.
    case.node.lie(|method, _, result| {
        if method == "getProgramAccounts" {
            result["value"].as_array_mut().unwrap().clear();
        }
    });
    let refused = patient.folder_rotate(case.folder).await.unwrap_err();
    assert!(matches!(refused, FlowError::ListIncomplete { .. }), "{refused}");
}
