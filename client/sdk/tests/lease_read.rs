//! What peers hold is read when the own store has lost it, looked after, and replaced when a peer is lost.

mod flow_fixture;
mod lease_fixture;

use std::{sync::Arc, time::Duration};

use aceso_sdk::{
    blob::{BlobStore, DirectoryStore},
    chain::Pubkey,
    flow::*,
};
use flow_fixture::*;
use lease_fixture::*;

const PATIENCE: Duration = Duration::from_secs(20);
const YEAR: i64 = 365 * EPOCH_SECS;

fn wanted(what: Vec<LeaseWhat>, copies: u32) -> LeaseOpen {
    LeaseOpen {
        what,
        copies,
        term_secs: YEAR,
        mint: None,
        price_max: None,
        peers: Vec::new(),
        without: Vec::new(),
        instead_of: Vec::new(),
    }
}

/// The same person on a new computer, whose store is empty.
async fn elsewhere(world: &World, name: &str, profile: Pubkey) -> Session {
    let empty = world.dir.path().join(format!("{name} empty"));
    let store: Arc<dyn BlobStore> = Arc::new(DirectoryStore::open(empty).unwrap());
    world.again_with(name, &world.net.cluster(), None, profile, store).await
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_outlive_the_store_and_a_peer() {
    let world = World::start(Some(50)).await;
    let fair = Fair::open(&world, 6).await;
    let mut stalls = [
        fair.running("one", 1_000).await,
        fair.running("two", 1_100).await,
        fair.running("three", 1_200).await,
    ];
    let spare = fair.running("spare", 9_000).await;
    let (patient, doctor) = (world.person("patient").await, world.person("doctor").await);
    meet(&patient, "patient", &doctor, "doctor").await;
    fair.tokens(&patient.wallet_address(), 100_000_000).await;
    let folder = chart(&patient).await;
    let bytes: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    let large = file(&patient, folder, &bytes, "scan").await.record;
    let small = file(&patient, folder, b"blood count", "laboratory").await.record;
    share(&patient, Scope::Folder(folder), me(&doctor)).await;

    let (me_, doctor_) = (me(&patient), me(&doctor));
    let mut what = vec![LeaseWhat::Keyring(folder), LeaseWhat::Bundle(me_)];
    what.extend([LeaseWhat::Record(large), LeaseWhat::Pack { folder, number: 0 }]);
    let plan = patient.lease_plan(wanted(what.clone(), 3)).await.unwrap();
    let done = patient.lease_open(plan, PATIENCE).await.unwrap();
    assert!(done.all_live() && done.leases.len() == 12, "{done:?} {}", stalls[0].log());

    // Own store gone: everything comes from the peers, for whoever may read it.
    drop((patient, doctor));
    for (name, profile) in [("patient", me_), ("doctor", doctor_)] {
        let reader = elsewhere(&world, name, profile).await;
        assert_eq!(open(&reader, large, None).await.unwrap(), bytes, "{name}");
        assert_eq!(open(&reader, small, None).await.unwrap(), b"blood count", "{name}");
    }
    let stranger = world.person("stranger").await;
    let lease = LeaseWhat::Record(large).lease(&stalls[0].peer);
    let refused = stranger.lease_check(lease, Depth::default()).await.unwrap();
    assert!(matches!(refused.held, Held::Refused(_)), "{refused:?}");

    let patient = elsewhere(&world, "patient", me_).await;
    let health = patient.record_health(large, Depth::Whole).await.unwrap();
    assert_eq!((health.good(), health.here), (3, false), "{health:?}");
    assert!(health.copies.iter().all(|copy| copy.is_current == Some(true)));

    // One dies and the cheapest would be asked first: reading goes on.
    stalls[0].kill();
    let doctor = elsewhere(&world, "doctor", doctor_).await;
    assert_eq!(open(&doctor, large, None).await.unwrap(), bytes);

    let repair =
        RecordRepair { record: large, copies: None, term_secs: None, mint: None, price_max: None };
    let plan = patient.record_repair_plan(repair.clone()).await.unwrap();
    assert_eq!(plan.lost.len(), 2, "copy and keyring: {plan:?}");
    let before = fair.balance(&patient).await;
    let repaired = patient.record_repair(plan, PATIENCE).await.unwrap();
    assert!(repaired.opened.all_live(), "{repaired:?}");
    assert!(repaired.opened.leases.iter().any(|lease| lease.peer == spare.peer));
    // Nothing that the dead one had not proven was paid.
    assert_eq!(repaired.claimed.tokens[0].1, 365 * (1_003 + 1_001));
    let paid = 365 * (9_003 + 9_001);
    assert_eq!(fair.balance(&patient).await, before + 365 * (1_003 + 1_001) - paid);
    let plan = patient.record_repair_plan(repair).await.unwrap();
    assert!(plan.lost.is_empty() && plan.plans.is_empty(), "{plan:?}");

    // One sends other bytes: refused, and read elsewhere.
    let rotten = flip_bytes(&stalls[1].data());
    assert!(rotten > 0, "{:?}", stalls[1].data());
    let doctor = elsewhere(&world, "doctor", doctor_).await;
    assert_eq!(open(&doctor, large, None).await.unwrap(), bytes);
    let lease = LeaseWhat::Record(large).lease(&stalls[1].peer);
    let wrong = patient.lease_check(lease, Depth::Whole).await.unwrap();
    assert_eq!(wrong.health, Health::Lost, "{wrong:?}");
}

/// Changes a byte of every large file; says of how many.
fn flip_bytes(dir: &std::path::Path) -> usize {
    let mut flipped = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            flipped += flip_bytes(&path);
        } else if path.extension().is_none_or(|ending| ending != "redb")
            && path.metadata().unwrap().len() > 2_000_000
        {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[1_500_000] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            flipped += 1;
        }
    }
    flipped
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_follow_what_they_are_of() {
    let world = World::start(Some(50)).await;
    let fair = Fair::open(&world, 0).await;
    let peer = fair.running("one", 10).await;
    let (patient, doctor) = (world.person("patient").await, world.person("doctor").await);
    meet(&patient, "patient", &doctor, "doctor").await;
    fair.tokens(&patient.wallet_address(), 1_000_000).await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"version 1", "letter").await.record;
    let what = [LeaseWhat::Record(record)];

    // Dearer between the plan and the signature: nothing is paid.
    let plan = patient.lease_plan(wanted(what.to_vec(), 1)).await.unwrap();
    peer.set_price(11).await;
    let raised = patient.lease_open(plan, PATIENCE).await.unwrap_err().to_string();
    assert!(raised.contains("price"), "{raised}");
    assert_eq!(fair.balance(&patient).await, 1_000_000);
    let limited = LeaseOpen { price_max: Some(11), ..wanted(what.to_vec(), 1) };
    let none = patient.lease_plan(limited).await.unwrap_err();
    assert!(none.to_string().contains("too dear: 1"), "{none}");

    let plan = patient.lease_plan(wanted(what.to_vec(), 1)).await.unwrap();
    let paid = plan.total;
    assert!(patient.lease_open(plan, PATIENCE).await.unwrap().all_live());
    let done = patient.lease_update(&what, PATIENCE).await.unwrap();
    assert_eq!((done.current.len(), done.updated.len()), (1, 0));

    // A new head, then a new version: same lease, same price.
    share(&patient, Scope::Record(record), me(&doctor)).await;
    let lease = what[0].lease(&peer.peer);
    let stale = patient.lease_check(lease, Depth::default()).await.unwrap();
    assert_eq!((stale.health, stale.is_current), (Health::Failing, Some(false)), "{stale:?}");
    let done = patient.lease_update(&what, PATIENCE).await.unwrap();
    assert_eq!(done.updated, [lease], "{done:?} {}", peer.log());
    let good = patient.lease_check(lease, Depth::Whole).await.unwrap();
    assert_eq!((good.health, good.is_current), (Health::Good, Some(true)), "{good:?}");
    assert_eq!(fair.balance(&patient).await, 1_000_000 - paid);

    let input = item(vec![5; 1 << 20], "letter").input;
    patient.record_update(RecordUpdate { record, input, about: None }).await.unwrap();
    let done = patient.lease_update(&what, PATIENCE).await.unwrap();
    assert_eq!(done.heavier, [lease], "a MiB and its head weigh more than the least");

    // Ended while its record is gone: the owner needs nothing but the lease.
    patient.record_erase(record).await.unwrap();
    let ended = patient.lease_cancel(lease).await.unwrap();
    assert_eq!(ended.tokens[0].1, paid);
    assert_eq!(fair.balance(&patient).await, 1_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_paid_once_and_comes_back_when_nobody_takes_it() {
    let world = World::start(Some(50)).await;
    let fair = Fair::open(&world, 9).await;
    let mut peer = fair.stall("peer", 10).await;
    let patient = world.person("patient").await;
    fair.tokens(&patient.wallet_address(), 1_000_000).await;
    let (folder, profile) = (chart(&patient).await, me(&patient));
    let keyring = vec![LeaseWhat::Keyring(folder)];

    // Nobody answers at its address: taken back at once, with rent and all.
    let plan = patient.lease_plan(wanted(keyring.clone(), 1)).await.unwrap();
    let total = plan.total;
    let done = patient.lease_open(plan, PATIENCE).await.unwrap();
    assert_eq!((done.leases.len(), done.taken_back.len()), (0, 1), "{done:?}");
    assert_eq!(fair.balance(&patient).await, 1_000_000);
    assert!(patient.lease_list(LeaseList::Own).await.unwrap().is_empty());

    // Killed while it uploads to a peer that does not go on.
    let hangs = std::net::TcpListener::bind(&peer.endpoint["http://".len()..]).unwrap();
    let plan = patient.lease_plan(wanted(keyring.clone(), 1)).await.unwrap();
    let killed = tokio::time::timeout(Duration::from_secs(3), patient.lease_open(plan, PATIENCE));
    assert!(killed.await.is_err(), "it hangs");
    assert_eq!(fair.balance(&patient).await, 1_000_000 - total);
    drop((patient, hangs));
    peer.start(&world.net).await;
    let patient = world.again("patient", &world.net.cluster(), None, profile).await;
    let plan = patient.lease_plan(wanted(keyring.clone(), 1)).await.unwrap();
    assert_eq!((plan.offers.len(), plan.standing.len()), (0, 1));
    let done = patient.lease_open(plan, PATIENCE).await.unwrap();
    assert!(done.all_live(), "{done:?} {}", peer.log());
    assert_eq!(fair.balance(&patient).await, 1_000_000 - total);

    // Killed again, and never gone on with.
    peer.kill();
    let hangs = std::net::TcpListener::bind(&peer.endpoint["http://".len()..]).unwrap();
    let plan = patient.lease_plan(wanted(vec![LeaseWhat::Bundle(profile)], 1)).await.unwrap();
    let killed = tokio::time::timeout(Duration::from_secs(3), patient.lease_open(plan, PATIENCE));
    assert!(killed.await.is_err(), "it hangs");
    drop(hangs);
    world.net.travel(7_300).await;
    let claimed = patient.lease_claim(None).await.unwrap();
    assert_eq!((claimed.ended.len(), claimed.closed.len()), (1, 1), "{claimed:?}");
    assert_eq!(fair.balance(&patient).await, 1_000_000 - total, "only the first is paid");
}
