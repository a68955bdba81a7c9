//! Trails on a real chain, through an honest node and through one that drops, invents, reorders and changes entries.

mod support;

use std::sync::{Arc, Mutex};

use aceso::state::Audited;
use aceso_sdk::chain::{
    Action, Archive, AuditError, Chain, ChainError, Cluster, Event, Fetched, History, Pubkey,
    Record, Scope, Signature, instruction,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use support::{
    localnet::Localnet,
    people::{Person, connect, impatient, send, set_up},
    proxy::{Fault, Proxy, events},
};

struct World {
    honest: Chain,
    proxy: Proxy,
    patient: Person,
    record: Fetched<Record>,
    dir: tempfile::TempDir,
}

impl World {
    /// A record with five entries: filed, archived, restored, archived, restored.
    async fn new(net: &Localnet) -> Self {
        let honest = connect(&net.rpc_url).await;
        set_up(&honest).await;
        let patient = Person::new(&honest).await;
        let record = patient.put(&honest).await;
        for _ in 0..2 {
            for archived in [true, false] {
                let change = instruction::record::archive(&patient.actor, &record, archived);
                send(&honest, vec![change], &patient.wallet).await;
            }
        }
        let record = honest.fetch(&record.address).await.unwrap();
        let proxy = Proxy::start(&net.rpc_url).await;
        Self { honest, proxy, patient, record, dir: tempfile::tempdir().unwrap() }
    }

    /// The misbehaving node, met for the first time.
    async fn chain(&self) -> Chain {
        Chain::connect(&Cluster::Url(self.proxy.url.clone()), None, impatient()).await.unwrap()
    }

    fn archive(&self, name: &str) -> Archive {
        Archive::new(self.dir.path().join(name))
    }

    async fn audit(&self, archive: &Archive) -> Result<History, ChainError> {
        self.chain().await.audit(Scope::Record(self.record.address), archive).await
    }

    async fn refusal(&self, name: &str) -> AuditError {
        let archive = self.archive(name);
        let found = self.audit(&archive).await;
        assert!(!archive.path().exists(), "{name}: what was not believed is not archived");
        match found {
            Err(ChainError::Audit(error)) => error,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// Changes the count in the record's account.
    fn lie_about_count(&self, change: impl Fn(u64) -> u64 + Send + Sync + 'static) {
        let at = 8 + std::mem::offset_of!(Record, audit_count);
        self.proxy.always(
            "getMultipleAccounts",
            Fault::rewrite(move |_, result| {
                let data = &mut result["value"][0]["data"][0];
                let mut bytes = BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap();
                let count = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
                bytes[at..at + 8].copy_from_slice(&change(count).to_le_bytes());
                *data = BASE64_STANDARD.encode(bytes).into();
            }),
        );
    }
}

fn counts_of(audited: &mut Audited, scope: Pubkey) -> Option<&mut u64> {
    audited.links.iter_mut().find(|link| link.scope == scope).map(|link| &mut link.count)
}

#[tokio::test]
async fn a_trail_is_recomputed_archived_and_continued() {
    let Some(net) = Localnet::start().await else { return };
    let world = World::new(&net).await;
    let archive = world.archive("trail.jsonl");
    let history = world.audit(&archive).await.unwrap();
    assert_eq!((history.count(), history.archived), (5, 0));
    assert_eq!(history.head, world.record.audit_head);
    assert_eq!(history.entries[0].entry.action, Action::RecordCreated);
    assert_eq!(history.entries[4].entry.action, Action::RecordRestored);
    let fetched = world.proxy.calls("getTransaction");

    // The next time only what is new is asked for.
    let change = instruction::record::archive(&world.patient.actor, &world.record, true);
    send(&world.honest, vec![change], &world.patient.wallet).await;
    let history = world.audit(&archive).await.unwrap();
    assert_eq!((history.count(), history.archived), (6, 5));
    assert_eq!(world.proxy.calls("getTransaction"), fetched + 1);

    // A node that has pruned everything: the archive suffices, and without it the gap is named.
    world.proxy.always("getSignaturesForAddress", Fault::Answer(json!([])));
    let history = world.audit(&archive).await.unwrap();
    assert_eq!((history.count(), history.archived), (6, 6));
    assert!(matches!(world.refusal("none").await, AuditError::Dropped { count: 1, .. }));

    // An account that takes entries back.
    world.lie_about_count(|count| count - 1);
    let error = world.audit(&archive).await.unwrap_err();
    assert!(
        matches!(error, ChainError::Audit(AuditError::CountBelowSeen { found: 5, seen: 6, .. })),
        "{error}"
    );

    // The folder's own trail: made, and a record filed.
    let folder = Scope::Folder(world.patient.folder);
    let history = world.honest.audit(folder, &world.archive("folder.jsonl")).await.unwrap();
    let actions: Vec<Action> = history.entries.iter().map(|entry| entry.entry.action).collect();
    assert_eq!(actions, [Action::FolderCreated, Action::RecordCreated]);
}

#[tokio::test]
async fn an_erased_record_leaves_a_trail_that_its_folder_vouches_for() {
    let Some(net) = Localnet::start().await else { return };
    let world = World::new(&net).await;
    let erase = instruction::record::erase(&world.patient.actor, &world.record);
    send(&world.honest, vec![erase], &world.patient.wallet).await;
    let folder = Scope::Folder(world.patient.folder);
    let folder = world.honest.audit(folder, &world.archive("folder.jsonl")).await.unwrap();
    let erased = folder.entries.last().unwrap().entry;
    assert_eq!(erased.action, Action::RecordErased);
    let archive = |slot| world.archive(&format!("record-{slot}.jsonl"));
    let history = world.honest.audit_erased(&erased, archive).await.unwrap();
    assert_eq!((history.count(), history.head), (5, world.record.audit_head));
    assert_eq!(history.created_slot, world.record.meta.created_slot);

    world.proxy.always(
        "getSignaturesForAddress",
        Fault::rewrite(|_, list| {
            list.as_array_mut().unwrap().remove(2);
        }),
    );
    let archive = |slot| world.archive(&format!("other-{slot}.jsonl"));
    let error = world.chain().await.audit_erased(&erased, archive).await.unwrap_err();
    assert!(matches!(error, ChainError::Audit(AuditError::Dropped { .. })), "{error}");
}

#[tokio::test]
async fn a_lying_node_is_caught_by_name() {
    let Some(net) = Localnet::start().await else { return };
    let world = World::new(&net).await;
    let scope = world.record.address;

    // Newest first, so the one at 1 is entry 4.
    for at in [0, 1, 4] {
        world.proxy.heal();
        world.proxy.always(
            "getSignaturesForAddress",
            Fault::rewrite(move |_, list| {
                list.as_array_mut().unwrap().remove(at);
            }),
        );
        let error = world.refusal("dropped").await;
        assert!(
            matches!(error, AuditError::Dropped { count, .. } if count == 5 - at as u64),
            "{error}"
        );
    }
    // Listed, and then said to have failed, or not to be there.
    for answer in
        [json!({ "meta": { "err": { "InstructionError": [0, { "Custom": 1 }] } } }), Value::Null]
    {
        world.proxy.heal();
        world.proxy.times("getTransaction", 1, Fault::Answer(answer.clone()));
        assert!(
            world.audit(&world.archive(&format!("once-{}", answer.is_null()))).await.is_ok(),
            "once may be chance"
        );
        world.proxy.always("getTransaction", Fault::Answer(answer));
        assert!(matches!(world.refusal("failed").await, AuditError::Dropped { count: 1, .. }));
    }

    // An entry more at the end, and a twin in the middle.
    let history = world.honest.audit(Scope::Record(scope), &world.archive("honest")).await.unwrap();
    for count in [6, 3] {
        world.proxy.heal();
        let last = history.entries[4];
        let mut invented = Audited { entry: last.entry, links: Vec::new() };
        invented.entry.action = Action::RecordOpened;
        let before = if count == 6 { last.head } else { history.entries[1].head };
        let head = aceso::state::audit::extend(&before, &invented.entry);
        invented.links.push(aceso::state::Link { scope, count, head });
        world.proxy.always(
            "getTransaction",
            Fault::rewrite(move |_, result| events::invent(result, &invented)),
        );
        let error = world.refusal("invented").await;
        assert!(
            matches!(error, AuditError::Invented { count: found, .. } if found == count),
            "{error}"
        );
    }

    // Entries 2 and 3 in each other's place; then with their numbers exchanged.
    world.proxy.heal();
    let (two, three) = (history.entries[1].entry, history.entries[2].entry);
    world.proxy.always(
        "getTransaction",
        Fault::rewrite(move |_, result| {
            events::change(result, |audited| {
                audited.entry = match counts_of(audited, scope) {
                    Some(2) => three,
                    Some(3) => two,
                    _ => return,
                };
            });
        }),
    );
    assert!(matches!(world.refusal("reordered").await, AuditError::Reordered { count: 2, .. }));
    world.proxy.heal();
    world.proxy.always(
        "getTransaction",
        Fault::rewrite(move |_, result| {
            events::change(result, |audited| {
                if let Some(count @ (2 | 3)) = counts_of(audited, scope) {
                    *count = 5 - *count;
                }
            });
        }),
    );
    assert!(matches!(world.refusal("renumbered").await, AuditError::Reordered { count: 2, .. }));
    // The order of the listing itself means nothing.
    world.proxy.heal();
    world.proxy.always(
        "getSignaturesForAddress",
        Fault::rewrite(|_, list| list.as_array_mut().unwrap().reverse()),
    );
    assert_eq!(world.audit(&world.archive("reversed")).await.unwrap().count(), 5);

    // Somebody else is said to have done it.
    world.proxy.heal();
    world.proxy.always(
        "getTransaction",
        Fault::rewrite(|_, result| {
            events::change(result, |audited| audited.entry.actor = Pubkey::new_from_array([9; 32]));
        }),
    );
    let error = world.refusal("changed").await;
    assert!(matches!(error, AuditError::HeadMismatch { count: 1, .. }), "{error}");

    // The account and the trail lie together: the archive of what was seen tells.
    world.proxy.heal();
    world.lie_about_count(|count| count + 1);
    let error = world.refusal("longer").await;
    assert!(matches!(error, AuditError::Dropped { count: 6, .. }), "{error}");
}

#[tokio::test]
async fn calls_of_other_programs_are_no_entries() {
    let Some(net) = Localnet::start().await else { return };
    let world = World::new(&net).await;
    let chain = world.chain().await;
    let signatures: Vec<Signature> =
        chain.rpc.signatures(&world.record.address, None).await.unwrap();
    assert_eq!(signatures.len(), 5);
    let seen = Arc::new(Mutex::new(0));
    let count = seen.clone();
    world.proxy.always(
        "getTransaction",
        Fault::rewrite(move |_, result| {
            // As if another program had been called with the same bytes.
            let keys = result["transaction"]["message"]["accountKeys"].as_array_mut().unwrap();
            for key in keys {
                if *key == json!(aceso::ID.to_string()) {
                    *key = json!(Pubkey::new_from_array([4; 32]).to_string());
                    *count.lock().unwrap() += 1;
                }
            }
        }),
    );
    assert_eq!(chain.rpc.events(&signatures[0]).await.unwrap(), Vec::<Event>::new());
    assert_eq!(*seen.lock().unwrap(), 1);
    assert!(matches!(world.refusal("foreign").await, AuditError::Dropped { count: 1, .. }));
}
