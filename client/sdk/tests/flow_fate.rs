//! What became of a transaction is one node's word, and a disk can be full at any moment. Whatever is said and whatever
//! cannot be written, what the chain names stays stored and its keys stay in the keystore.

mod flow_fixture;
#[path = "support/proxy.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod proxy;

use std::time::Duration;

use aceso_sdk::{
    chain::{Cluster, Fetched, Folder, Profile, Pubkey, Purpose, Record, constants::PERMIT_OPEN},
    flow::*,
};
use flow_fixture::*;
use proxy::{Fault, Proxy};
use serde_json::{Value, json};

/// The node has never heard of any transaction.
fn unheard(node: &Proxy) {
    node.always(
        "getSignatureStatuses",
        Fault::rewrite(|_, result| result["value"] = json!([null])),
    );
}

/// ... and each is too old to be taken any more.
fn expired(node: &Proxy) {
    unheard(node);
    node.always(
        "getEpochInfo",
        Fault::rewrite(|_, result| {
            result["blockHeight"] = json!(result["blockHeight"].as_u64().unwrap() + 10_000);
        }),
    );
}

/// The node takes a transaction, passes it on to nobody, and says that it is done.
fn swallowed(node: &Proxy) {
    let signature = bs58::encode([7; 64]).into_string();
    node.always("sendTransaction", Fault::Answer(Value::from(signature)));
    node.always(
        "getSignatureStatuses",
        Fault::rewrite(|_, result| {
            let slot = result["context"]["slot"].clone();
            result["value"] = json!([{
                "slot": slot, "confirmations": null, "err": null, "status": { "Ok": null },
                "confirmationStatus": "finalized",
            }]);
        }),
    );
}

async fn of(node: &Proxy) -> Cluster {
    node.url.parse().unwrap()
}

/// The blobs of a record and its folder are there.
async fn is_whole(session: &Session, record: Pubkey) {
    let account: Fetched<Record> = session.chain().fetch(&record).await.unwrap();
    let folder: Fetched<Folder> = session.chain().fetch(&account.folder).await.unwrap();
    let blobs = [
        (account.content_digest, account.content_len),
        (account.head_digest, u64::from(account.head_len)),
        (folder.keyring_digest, u64::from(folder.keyring_len)),
    ];
    for (digest, len) in blobs {
        let blob = aceso_sdk::blob::BlobAddress { digest, len };
        assert!(session.store().has(&blob).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_has_forgotten_a_transaction_costs_nobody_its_blobs() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let (profile, folder) = (me(&patient), chart(&patient).await);
    drop(patient);
    let node = Proxy::start(&world.net.url).await;
    // The answer never comes, and the command is killed waiting for it.
    unheard(&node);
    let patient = world.again("patient", &of(&node).await, None, profile).await;
    let put_once = patient.record_put(put(folder, vec![item(b"words", "Words")]));
    assert!(tokio::time::timeout(Duration::from_secs(4), put_once).await.is_err());
    drop(patient);
    // Days later the node has pruned it.
    expired(&node);
    let patient = world.again("patient", &of(&node).await, None, profile).await;
    let listed = patient.record_list(RecordList::Own { folder: None }).await.unwrap();
    assert_eq!(listed.len(), 1);
    is_whole(&patient, listed[0].record).await;
    assert_eq!(open(&patient, listed[0].record, None).await.unwrap(), b"words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_says_expired_of_what_took_effect_is_found_out() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let (profile, folder) = (me(&patient), chart(&patient).await);
    drop(patient);
    let node = Proxy::start(&world.net.url).await;
    expired(&node);
    let patient = world.again("patient", &of(&node).await, None, profile).await;
    let said = patient.record_put(put(folder, vec![item(b"words", "Words")])).await.unwrap_err();
    assert!(matches!(said, FlowError::TookEffect { .. }), "{said}");
    // So is one that says it of new keys: they are in force, and still in the keystore.
    let mut patient = patient;
    let said = patient.profile_keys_rotate().await.unwrap_err();
    assert!(matches!(said, FlowError::TookEffect { .. }), "{said}");
    let account: Fetched<Profile> = patient.chain().fetch(&profile).await.unwrap();
    assert_eq!(account.key_version, 2);
    assert!(patient.home().keystore().keys(&profile, 2).is_some());
    let record = patient.record_list(RecordList::Own { folder: None }).await.unwrap()[0].record;
    is_whole(&patient, record).await;
    node.heal();
    assert_eq!(open(&patient, record, None).await.unwrap(), b"words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_says_done_of_what_it_swallowed_does_not_get_the_keyring_in_force_deleted() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let (profile, folder) = (me(&patient), chart(&patient).await);
    let record = file(&patient, folder, b"words", "Words").await.record;
    drop(patient);
    let node = Proxy::start(&world.net.url).await;
    swallowed(&node);
    let patient = world.again("patient", &of(&node).await, None, profile).await;
    let _ = patient.folder_rotate(folder).await;
    drop(patient);
    node.heal();
    let patient = world.again("patient", &of(&node).await, None, profile).await;
    is_whole(&patient, record).await;
    assert_eq!(open(&patient, record, None).await.unwrap(), b"words");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_in_force_outlast_a_node_that_shows_older_ones() {
    let world = World::start(Some(100)).await;
    let mut patient = world.person("patient").await;
    let (profile, folder) = (me(&patient), chart(&patient).await);
    let record = file(&patient, folder, b"words", "Words").await.record;
    let old: Fetched<Profile> = patient.chain().fetch(&profile).await.unwrap();
    patient.profile_keys_rotate().await.unwrap();
    let secret = |session: &Session| {
        let keys = session.home().keystore().keys(&profile, 2).unwrap().xwing.duplicate();
        keys.public()
    };
    let before = secret(&patient);
    drop(patient);
    let node = Proxy::start(&world.net.url).await;
    let shown = bytemuck::bytes_of(&old.account).to_vec();
    node.always(
        "getMultipleAccounts",
        Fault::rewrite(move |params, result| {
            use base64::{Engine, prelude::BASE64_STANDARD};
            for (n, at) in params[0].as_array().unwrap().iter().enumerate() {
                let account = &mut result["value"][n]["data"][0];
                if at.as_str() == Some(&profile.to_string()) && account.is_string() {
                    let mut data = BASE64_STANDARD.decode(account.as_str().unwrap()).unwrap();
                    data[8..8 + shown.len()].copy_from_slice(&shown);
                    *account = BASE64_STANDARD.encode(data).into();
                }
            }
        }),
    );
    let mut patient = world.again("patient", &of(&node).await, None, profile).await;
    patient.profile_keys_rotate().await.unwrap_err();
    assert_eq!(secret(&patient), before);
    drop(patient);
    node.heal();
    let patient = world.again("patient", &of(&node).await, None, profile).await;
    assert_eq!(open(&patient, record, None).await.unwrap(), b"words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_whose_answer_was_lost_is_not_paid_twice() {
    let world = World::start(Some(100)).await;
    let (patient, doctor) = (world.person("patient").await, world.person("doctor").await);
    meet(&patient, "patient", &doctor, "doctor").await;
    let profile = me(&doctor);
    drop(doctor);
    let node = Proxy::start(&world.net.url).await;
    let ask = |reason: &str, duration_secs| RequestCreate {
        owner: me(&patient),
        scope: None,
        purpose: Purpose::Treatment,
        permissions: PERMIT_OPEN,
        duration_secs,
        reason: reason.to_owned(),
        ttl_secs: None,
        deposit_lamports: None,
    };
    // The answer never comes, and the command is killed waiting for it.
    unheard(&node);
    let doctor = world.again("doctor", &of(&node).await, None, profile).await;
    let once = doctor.request_create(ask("second opinion", 3600));
    assert!(tokio::time::timeout(Duration::from_secs(4), once).await.is_err());
    drop(doctor);
    node.heal();
    let doctor = world.again("doctor", &of(&node).await, None, profile).await;
    let before = doctor.chain().balance(&doctor.wallet_address()).await.unwrap();
    let again = doctor.request_create(ask("second opinion", 3600)).await.unwrap();
    assert!(again.stands_since_secs.is_some());
    assert_eq!(again.receipt.approvals(), 0);
    assert_eq!(doctor.chain().balance(&doctor.wallet_address()).await.unwrap(), before);
    assert_eq!(patient.request_reason(again.request).await.unwrap(), "second opinion");
    // Another question is another one; and one that was answered may be asked again.
    let other = doctor.request_create(ask("second opinion", 7200)).await.unwrap();
    assert_eq!(other.stands_since_secs, None);
    patient.request_deny(again.request).await.unwrap();
    let anew = doctor.request_create(ask("please", 3600)).await.unwrap();
    assert_eq!(anew.stands_since_secs, None);
    assert_eq!(doctor.request_list(RequestList::Outgoing).await.unwrap().len(), 2);
}
