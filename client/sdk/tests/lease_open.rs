//! Leasing: peers are chosen and paid, hold the bytes, and what is not wanted any more comes back.

mod flow_fixture;
mod lease_fixture;

use std::time::Duration;

use aceso_sdk::flow::*;
use flow_fixture::*;
use lease_fixture::*;

const PATIENCE: Duration = Duration::from_secs(20);
const YEAR: i64 = 365 * EPOCH_SECS;

fn wanted(what: &[LeaseWhat], copies: u32) -> LeaseOpen {
    LeaseOpen {
        what: what.to_vec(),
        copies,
        term_secs: YEAR,
        mint: None,
        price_max: None,
        peers: Vec::new(),
        without: Vec::new(),
        instead_of: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_paid_held_and_given_back() {
    let world = World::start(Some(50)).await;
    let fair = Fair::open(&world, 6).await;
    let (cheap, dear) = (fair.running("cheap", 1_000).await, fair.running("dear", 2_000).await);
    let dearest = fair.stall("dearest", 3_000).await;
    let patient = world.person("patient").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, &[7; 3_000_000], "scan").await.record;

    let views = patient.peer_list(PeerList::default()).await.unwrap();
    let order: Vec<_> = views.iter().map(|view| view.peer).collect();
    assert_eq!(order, [cheap.peer, dear.peer, dearest.peer]);
    assert!(views.iter().all(|view| view.not_now.is_none()), "{views:?}");

    let what = [LeaseWhat::Record(record), LeaseWhat::Keyring(folder)];
    let plan = patient.lease_plan(wanted(&what, 2)).await.unwrap();
    assert_eq!(plan.offers.len(), 4);
    // 3 MB weigh three times the least.
    assert_eq!(plan.offers[0].price, 1_000 + 3);
    assert_eq!(plan.total, 365 * (1_003 + 2_003 + 1_001 + 2_001));
    let short = patient.lease_open(plan, PATIENCE).await.unwrap_err();
    assert!(matches!(short, FlowError::TokensShort { .. }), "{short}");
    fair.tokens(&patient.wallet_address(), 10_000_000).await;

    let plan = patient.lease_plan(wanted(&what, 2)).await.unwrap();
    let total = plan.total;
    let done = patient.lease_open(plan, PATIENCE).await.unwrap();
    assert!(done.all_live() && done.leases.len() == 4, "{done:?} {}", cheap.log());
    assert_eq!(fair.balance(&patient).await, 10_000_000 - total);

    // Asked for again, nothing is missing and nothing is paid.
    let plan = patient.lease_plan(wanted(&what, 2)).await.unwrap();
    assert_eq!((plan.offers.len(), plan.standing.len(), plan.total), (0, 4, 0));
    let again = patient.lease_open(plan, PATIENCE).await.unwrap();
    assert!(again.all_live() && again.receipt.sent.is_empty());

    let leases = patient.lease_list(LeaseList::Own).await.unwrap();
    assert!(leases.iter().all(|view| view.state == LeaseState::Live), "{leases:?}");
    let lease = what[0].lease(&cheap.peer);
    let plan = patient.lease_extension(lease, 30 * EPOCH_SECS).await.unwrap();
    assert_eq!(plan.total, 30 * 1_003);
    let extended = patient.lease_extend(plan.clone()).await.unwrap();
    assert_eq!(extended.paid, 30 * 1_003);
    let twice = patient.lease_extend(plan).await.unwrap_err();
    assert!(matches!(twice, FlowError::LeaseChangedSince { .. }), "{twice}");

    // Killed after its transaction took effect, and run again: nothing is paid.
    let until = patient.lease_show(lease).await.unwrap().lease.until_epoch;
    let intent =
        serde_json::json!({ "lease": lease.to_string(), "epochs": 30, "until_epoch": until });
    drop(patient.home().journal().begin("lease extend", &intent, &[]).unwrap());
    let plan = patient.lease_extension(lease, 30 * EPOCH_SECS).await.unwrap();
    assert_eq!((plan.is_done, plan.total, plan.until_epoch), (true, 0, until));
    assert!(patient.lease_extend(plan).await.unwrap().receipt.sent.is_empty());
    let plan = patient.lease_extension(lease, 30 * EPOCH_SECS).await.unwrap();
    assert_eq!((plan.is_done, plan.until_epoch), (false, until + 30), "asked for anew");

    let before = fair.balance(&patient).await;
    let ended = patient.lease_cancel(lease).await.unwrap();
    assert_eq!(ended.tokens[0].1, 395 * 1_003, "no epoch was proven yet");
    assert_eq!(fair.balance(&patient).await, before + 395 * 1_003);
}
