//! A disk that is full from the moment a transaction is sent: nothing more can be written down, and nothing is lost.
//! One test, because the limit that stands for the full disk is the whole process's.

mod flow_fixture;
mod flow_node;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aceso_sdk::flow::*;
use flow_fixture::*;
use flow_node::Hostile;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn fill_disk(full: bool) {
    let most = getrlimit(Resource::Fsize).maximum;
    let current = if full { Some(1) } else { most };
    setrlimit(Resource::Fsize, Rlimit { current, maximum: most }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_took_effect_stays_although_nothing_more_could_be_written() {
    // Writing beyond the limit then fails, as on a full disk, instead of ending the process.
    let too_large = tokio::signal::unix::SignalKind::from_raw(25);
    let _ignored = tokio::signal::unix::signal(too_large).unwrap();
    let world = World::start(None).await;
    let newcomer = world.newcomer("patient").await;
    drop(newcomer);
    let node = Hostile::before(&world.net.url).await;
    let on = Arc::new(AtomicBool::new(true));
    let armed = on.clone();
    node.lie(move |method, _, _| {
        if method == "sendTransaction" && armed.load(Ordering::Relaxed) {
            fill_disk(true);
        }
    });
    let mut patient = world.again_without("patient", &node.cluster()).await;
    let created = patient.profile_create(ProfileCreate::new("patient")).await;
    fill_disk(false);
    let created = created.unwrap();
    assert!(patient.home().keystore().keys(&created.profile, 1).is_some());
    let folder = chart(&patient).await;

    let filed = patient.record_put(put(folder, vec![item(b"words", "Words")])).await;
    fill_disk(false);
    let record = filed.unwrap().records[0].record;
    let rotated = patient.folder_rotate(folder).await;
    fill_disk(false);
    assert_eq!(rotated.unwrap().epoch, 2);
    // What comes after the first of several transactions has to be written down first, and is refused.
    let refused = patient.profile_keys_rotate().await.unwrap_err();
    fill_disk(false);
    assert!(matches!(refused, FlowError::Home(_)), "{refused}");
    assert!(patient.home().keystore().keys(&created.profile, 2).is_some());
    drop(patient);

    // The next command finds everything, and lets go of what was replaced meanwhile.
    on.store(false, Ordering::Relaxed);
    let patient = world.again("patient", &node.cluster(), None, created.profile).await;
    assert_eq!(open(&patient, record, None).await.unwrap(), b"words");
    // Content, head, two bundles, and the keyring of the epoch in force.
    assert_eq!(world.blob_count(), 5);
    let journal = patient.home().dir().chain(&patient.home().genesis()).join("journal");
    assert_eq!(std::fs::read_dir(&journal).unwrap().count(), 0);
}
