//! Trails on the real chain: recomputed, named, archived, and every lie of a node caught by its name.

mod flow_fixture;
mod flow_node;

use aceso::state::audit;
use aceso_sdk::{
    chain::{Action, AuditError, ChainError, Kind, Pubkey, Record},
    flow::*,
    home::HomeError,
};
use flow_fixture::*;
use flow_node::{Hostile, change_account};

struct Case {
    world: World,
    patient: Session,
    doctor: Session,
    folder: Pubkey,
    record: Pubkey,
}

/// A record with five lines: filed, two new versions, granted, opened. The folder is not shared.
async fn case() -> Case {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"one", "ECG").await.record;
    for text in ["two", "three"] {
        let update = RecordUpdate { record, input: item(text, "x").input, about: None };
        patient.record_update(update).await.unwrap();
    }
    share(&patient, Scope::Record(record), me(&doctor)).await;
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"three");
    Case { world, patient, doctor, folder, record }
}

fn actions(lines: &[AuditLine]) -> Vec<Action> {
    lines.iter().map(|line| line.entry.action).collect()
}

const FIVE: [Action; 5] = [
    Action::RecordCreated,
    Action::RecordUpdated,
    Action::RecordUpdated,
    Action::GrantCreated,
    Action::RecordOpened,
];

fn audit_error(found: Result<AuditHistory, FlowError>) -> AuditError {
    match found {
        Err(FlowError::Chain(ChainError::Audit(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_is_whole_named_and_archived_as_it_grows() {
    let Case { world: _world, patient, doctor, folder, record } = case().await;
    let scope = Scope::Record(record);
    assert!(patient.audit_archived(Scope::Folder(me(&doctor))).unwrap().lines.is_empty());

    let history = patient.audit_history(scope).await.unwrap();
    assert_eq!(actions(&history.lines), FIVE);
    assert_eq!(history.from_archive, 0);
    assert_eq!(history.lines.iter().map(|line| line.count).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let opened = &history.lines[4];
    assert_eq!(opened.actor_name.as_deref(), Some("doctor"));
    assert_eq!(history.lines[0].actor_name.as_deref(), Some("patient"));
    assert_eq!(history.lines[3].subject_name.as_deref(), Some("doctor"));
    assert_eq!(opened.entry.number, 3, "the version that was opened");

    let archived = patient.audit_archived(scope).unwrap();
    assert_eq!((archived.head, archived.lines.len()), (history.head, 5));

    // Only what is new is asked for.
    open(&doctor, record, None).await.unwrap();
    let history = patient.audit_history(scope).await.unwrap();
    assert_eq!((history.lines.len(), history.from_archive), (6, 5));
    assert_eq!(patient.audit_archived(scope).unwrap().head, history.head);

    let folder_trail = patient.audit_history(Scope::Folder(folder)).await.unwrap();
    assert_eq!(folder_trail.lines[0].entry.action, Action::FolderCreated);
    assert_eq!(folder_trail.lines.last().unwrap().head, folder_trail.head);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lie_of_a_node_has_its_name() {
    let Case { world, doctor, record, .. } = case().await;
    let node = Hostile::before(&world.net.url).await;
    let reader = world.again("doctor", &node.cluster(), None, me(&doctor)).await;
    let scope = Scope::Record(record);
    let caught = async || audit_error(reader.audit_history(scope).await);

    node.lie_about_signatures(|list| drop(list.remove(2)));
    let found = caught().await;
    assert!(matches!(found, AuditError::Dropped { count: 3, .. }), "{found}");
    node.lie_about_signatures(|list| drop(list.remove(0)));
    let found = caught().await;
    assert!(matches!(found, AuditError::Dropped { count: 5, .. }), "an opening hidden: {found}");
    node.lie(|method, _, result| {
        if method == "getTransaction" {
            *result = serde_json::Value::Null;
        }
    });
    let found = caught().await;
    assert!(matches!(found, AuditError::Dropped { count: 1, .. }), "{found}");

    node.lie_about_entries(move |events| {
        let last = events
            .iter()
            .find(|event| event.links.iter().any(|link| link.scope == record && link.count == 5));
        if let Some(mut invented) = last.cloned() {
            let link = invented.links.iter_mut().find(|link| link.scope == record).unwrap();
            link.head = audit::extend(&link.head, &invented.entry);
            link.count = 6;
            events.push(invented);
        }
    });
    let found = caught().await;
    assert!(matches!(found, AuditError::Invented { count: 6, .. }), "{found}");

    node.lie_about_entries(move |events| {
        let links = events.iter_mut().flat_map(|event| &mut event.links);
        for link in links.filter(|link| link.scope == record) {
            link.count = match link.count {
                2 => 3,
                3 => 2,
                other => other,
            };
        }
    });
    let found = caught().await;
    assert!(matches!(found, AuditError::Reordered { count: 2, .. }), "{found}");

    node.lie_about_entries(move |events| {
        for event in events.iter_mut().filter(|event| event.entry.action == Action::RecordOpened) {
            event.entry.actor = Pubkey::new_from_array([9; 32]);
        }
    });
    let found = caught().await;
    assert!(matches!(found, AuditError::HeadMismatch { count: 5, .. }), "{found}");

    // An account that is shown as longer than it is: the trail does not follow, so it is not what was seen last.
    let count_at = Record::offset("audit_count").unwrap();
    node.lie(move |method, params, result| {
        if method == "getMultipleAccounts" {
            change_account(result, params, &record, |data| {
                data[count_at..count_at + 8].copy_from_slice(&9u64.to_le_bytes());
            });
        }
    });
    let found = caught().await;
    assert!(matches!(found, AuditError::Dropped { .. }), "{found}");

    // Nothing of it went into the archive, and an honest word is still taken.
    node.lie(|_, _, _| {});
    assert!(reader.audit_archived(scope).unwrap().lines.is_empty());
    let honest = reader.audit_history(scope).await.unwrap();
    assert_eq!(actions(&honest.lines), FIVE);
}

/// The node changes account and trail alike, so that both fit together: the last opening never was.
fn forge(node: &Hostile, record: Pubkey, head: [u8; 32]) {
    let (at, count_at) =
        (Record::offset("audit_head").unwrap(), Record::offset("audit_count").unwrap());
    node.lie(move |method, params, result| match method {
        "getMultipleAccounts" => change_account(result, params, &record, |data| {
            data[at..at + 32].copy_from_slice(&head);
            data[count_at..count_at + 8].copy_from_slice(&4u64.to_le_bytes());
        }),
        "getSignaturesForAddress" => drop(result.as_array_mut().unwrap().remove(0)),
        _ => {}
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_and_an_account_that_lie_together_are_caught_by_pin_or_second_node() {
    let Case { world, patient, doctor, record, .. } = case().await;
    let scope = Scope::Record(record);
    let honest = patient.audit_history(scope).await.unwrap();
    let node = Hostile::before(&world.net.url).await;
    forge(&node, record, honest.lines[3].head);

    // The doctor has seen the record before its own opening only: one node alone can hide what came after.
    let verified =
        world.again("doctor", &node.cluster(), Some(&world.net.cluster()), me(&doctor)).await;
    let found = verified.audit_history(scope).await;
    assert!(matches!(found, Err(FlowError::Chain(ChainError::NodesDisagree { .. }))), "{found:?}");
    // Whoever has seen more is not taken in by one node either.
    let patient = world.again("patient", &node.cluster(), None, me(&patient)).await;
    let found = patient.audit_history(scope).await;
    assert!(
        matches!(found, Err(FlowError::Home(HomeError::CountBelowSeen { found: 4, seen: 5, .. }))),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_rewritten_behind_what_was_seen_is_refused() {
    let Case { world, patient, doctor, record, .. } = case().await;
    let scope = Scope::Record(record);
    // Seen by the doctor at five lines, without an archive; six by now.
    doctor.grant_open(record, None).await.unwrap();
    let honest = patient.audit_history(scope).await.unwrap();
    assert_eq!(honest.lines.len(), 6);
    doctor.record_show(record).await.unwrap();
    open(&doctor, record, None).await.unwrap();

    // Everything forged from the third line on, to fit together with the account that is shown.
    let whole = patient.audit_history(scope).await.unwrap();
    let mut head = audit::genesis(&record, whole.created_slot);
    let mut forged = Vec::new();
    for line in &whole.lines {
        let mut entry = line.entry;
        if line.count >= 3 {
            entry.at_secs += 1;
        }
        head = audit::extend(&head, &entry);
        forged.push((entry, head));
    }
    let node = Hostile::before(&world.net.url).await;
    let (at, last) = (Record::offset("audit_head").unwrap(), head);
    node.lie(move |method, params, result| match method {
        "getMultipleAccounts" => {
            change_account(result, params, &record, |data| {
                data[at..at + 32].copy_from_slice(&last)
            });
        }
        "getTransaction" => flow_node::rewrite_entries(result, &|events| {
            for event in events {
                for link in event.links.iter_mut().filter(|link| link.scope == record) {
                    (event.entry, link.head) = forged[link.count as usize - 1];
                }
            }
        }),
        _ => {}
    });
    let doctor = world.again("doctor", &node.cluster(), None, me(&doctor)).await;
    match doctor.audit_history(scope).await {
        Err(FlowError::Chain(ChainError::Audit(AuditError::HeadMismatch { .. }))) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_keeps_what_the_node_forgets() {
    let Case { world, patient, doctor, record, .. } = case().await;
    let scope = Scope::Record(record);
    let before = patient.audit_history(scope).await.unwrap();
    let old: Vec<String> = before.lines.iter().filter_map(|line| line.signature.clone()).collect();
    open(&doctor, record, None).await.unwrap();

    let node = Hostile::before(&world.net.url).await;
    node.lie(move |method, params, result| match method {
        "getSignaturesForAddress" => result
            .as_array_mut()
            .unwrap()
            .retain(|line| !old.iter().any(|old| line["signature"].as_str() == Some(old))),
        "getTransaction" if old.iter().any(|old| params[0].as_str() == Some(old)) => {
            *result = serde_json::Value::Null;
        }
        _ => {}
    });
    // Without an archive, the trail cannot be checked any more, and that is said.
    let fresh = world.again("doctor", &node.cluster(), None, me(&doctor)).await;
    let found = audit_error(fresh.audit_history(scope).await);
    assert!(matches!(found, AuditError::Dropped { count: 1, .. }), "{found}");
    // With it, the old lines come from there and the new one from the node, up to the head on the chain.
    let patient = world.again("patient", &node.cluster(), None, me(&patient)).await;
    let history = patient.audit_history(scope).await.unwrap();
    assert_eq!((history.lines.len(), history.from_archive), (6, 5));
    assert_eq!(
        history.lines[..5].iter().map(|line| line.head).collect::<Vec<_>>(),
        before.lines.iter().map(|line| line.head).collect::<Vec<_>>()
    );
    // And without a node at all.
    let archived = patient.audit_archived(scope).unwrap();
    assert_eq!((archived.lines.len(), archived.head), (6, history.head));
    assert_eq!(archived.lines[5].actor_name.as_deref(), Some("doctor"));

    // A changed archive is found by its line.
    let path = patient.home().archive(&record, history.created_slot).path().to_owned();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(
        &path,
        [lines[0], lines[2], lines[1], lines[3], lines[4], lines[5], ""].join("\n"),
    )
    .unwrap();
    let damaged = patient.audit_archived(scope);
    assert!(
        matches!(
            damaged,
            Err(FlowError::Chain(ChainError::Audit(AuditError::ArchiveDamaged { line: 2, .. })))
        ),
        "{damaged:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_record_keeps_its_trail() {
    let Case { world: _world, patient, record, folder, .. } = case().await;
    patient.record_erase(record).await.unwrap();
    let history = patient.audit_history(Scope::Record(record)).await.unwrap();
    assert_eq!(actions(&history.lines)[..5], FIVE);
    let folder = patient.audit_history(Scope::Folder(folder)).await.unwrap();
    let erased = folder.lines.last().unwrap().entry;
    assert_eq!(
        (erased.action, erased.subject, erased.digest),
        (Action::RecordErased, record, history.head)
    );
    let never = patient.audit_history(Scope::Record(me(&patient))).await;
    assert!(never.is_err());
}
