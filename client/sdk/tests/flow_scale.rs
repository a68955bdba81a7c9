//! A chart of a thousand records and a hundred readers: sharing it, and shutting one reader out, are one transaction
//! each, and no record is touched.

mod flow_fixture;

use std::time::Instant;

use aceso_sdk::{
    chain::{Fetched, Pubkey, Record},
    flow::*,
};
use flow_fixture::*;

const RECORDS: usize = 1000;
const READERS: usize = 101;

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_of_a_thousand_records_is_shared_and_closed_to_one_in_one_transaction_each() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let folder = chart(&patient).await;

    let start = Instant::now();
    let items = (0..RECORDS).map(|n| item(format!("record {n}"), &format!("Record {n}"))).collect();
    let filed = patient.record_put(put(folder, items)).await.unwrap();
    assert_eq!(filed.records.len(), RECORDS);
    let transactions = filed.receipt.approvals();
    assert!(transactions * 5 <= RECORDS, "{transactions}");
    println!("{RECORDS} records filed in {transactions} transactions, {:?}", start.elapsed());

    // One wallet may have many profiles, so one home serves for all readers.
    let start = Instant::now();
    let mut readers = world.newcomer("readers").await;
    let mut profiles: Vec<Pubkey> = Vec::new();
    for n in 0..READERS {
        profiles.push(
            readers
                .profile_create(ProfileCreate::new(format!("reader {n}")))
                .await
                .unwrap()
                .profile,
        );
    }
    println!("{READERS} profiles in {:?}", start.elapsed());

    let start = Instant::now();
    let first = share(&patient, Scope::Folder(folder), profiles[0]).await;
    assert_eq!(first.receipt.approvals(), 1);
    let sent = &first.receipt.sent[0];
    println!(
        "{RECORDS} records shared in one transaction, {:?}: {} compute units, {} bytes",
        start.elapsed(),
        sent.compute_units,
        sent.wire_len
    );
    for profile in &profiles[1..] {
        share(&patient, Scope::Folder(folder), *profile).await;
    }

    let before = patient.chain().records_by_folder(&folder).await.unwrap();
    let start = Instant::now();
    let revoked = patient.grant_revoke(first.grant).await.unwrap();
    assert!(revoked.unfinished.is_none() && revoked.left_out.is_empty());
    assert_eq!(
        (revoked.receipt.approvals(), revoked.remaining.len(), revoked.epoch),
        (1, READERS - 1, Some(2))
    );
    let sent = &revoked.receipt.sent[0];
    println!(
        "revoked and rotated before {} readers in one transaction, {:?}: {} compute units, {} bytes",
        READERS - 1,
        start.elapsed(),
        sent.compute_units,
        sent.wire_len
    );
    let after: Vec<Fetched<Record>> = patient.chain().records_by_folder(&folder).await.unwrap();
    let accounts = |records: &[Fetched<Record>]| {
        records.iter().map(|record| record.account).collect::<Vec<_>>()
    };
    assert_eq!(accounts(&before), accounts(&after), "no record is touched");

    // The last of those who stay opens an old record and a new one; the one who left neither.
    let old = filed.records[RECORDS / 2].record;
    let new = file(&patient, folder, b"new", "New").await.record;
    readers.act_as(profiles[READERS - 1]).unwrap();
    assert_eq!(
        open(&readers, old, None).await.unwrap(),
        format!("record {}", RECORDS / 2).as_bytes()
    );
    assert_eq!(open(&readers, new, None).await.unwrap(), b"new");
    let start = Instant::now();
    let listed = readers.record_list(RecordList::Shared { owner: None }).await.unwrap();
    assert_eq!(listed.len(), RECORDS + 1);
    assert!(listed.iter().all(|view| view.manifest.is_ok()));
    println!("{} heads listed in {:?}", listed.len(), start.elapsed());
    readers.act_as(profiles[0]).unwrap();
    for record in [old, new] {
        assert!(matches!(open(&readers, record, None).await, Err(FlowError::NoGrant { .. })));
    }
}
