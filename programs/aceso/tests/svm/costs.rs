//! What each instruction costs: written to docs/costs.json and docs/costs.md, which CI compares with what is committed.

use std::{fmt::Write as _, path::Path};

use anchor_lang::prelude::Pubkey;
use serde_json::json;

use aceso::instructions::RecordCreateArgs;

use crate::support::{
    action, address,
    call::Call,
    clinic::Clinic,
    fixture::Fixture,
    fixtures,
    sample::{blob, content, id},
    world::World,
};

struct Cost {
    instruction: &'static str,
    path: &'static str,
    compute_units: u64,
    /// One wallet signs and pays everything.
    bytes: usize,
    /// Another wallet pays fees and rent.
    sponsored_bytes: usize,
    /// Rent of the account that it makes, or 0.
    rent_lamports: u64,
}

fn measure(fixture: &Fixture) -> Cost {
    let sponsor = fixture.call.find("payer").map_or(fixture.clinic.sponsor, |s| s.meta.pubkey);
    let signer = fixture.call.slots.iter().find(|s| s.meta.is_signer && s.name != "payer");
    let signer = signer.map_or(sponsor, |slot| slot.meta.pubkey);
    let mut world = fixture.clinic.world.clone();
    let transaction = world.sign_for(&sponsor, &[fixture.call.instruction()]);
    let sponsored_bytes = size(&transaction);
    let before = world.program_accounts();
    let meta = world.svm.send_transaction(transaction).expect("the call is valid");
    let made = world.program_accounts().into_iter().find(|key| !before.contains(key));
    let own = paid_by_signer(&fixture.clinic, &fixture.call, &signer);
    Cost {
        instruction: fixture.instruction,
        path: fixture.path,
        compute_units: meta.compute_units_consumed,
        bytes: size(&world.sign_for(&signer, &[own.instruction()])),
        sponsored_bytes,
        rent_lamports: made.map_or(0, |key| rent(&world, &key)),
    }
}

/// What one more try for the bump of a new account costs: records that differ in nothing but their ids.
fn per_try() -> u64 {
    let clinic = Clinic::new();
    let cost = |tries: u8| {
        let (patient, mut world) = (clinic.patient, clinic.world.clone());
        let named = (0..).map(|n| id(&format!("try {n}")));
        let found = |id: &[u8; 16]| address::record(&patient.profile, id).1 == 255 - tries;
        let id = { named }.find(found).expect("some id has it");
        let args = RecordCreateArgs {
            id,
            content: content("try"),
            head: blob("try"),
            sealed_to: clinic.epoch_of(&clinic.chart),
        };
        let acting = patient.acting();
        let call =
            action::record_create(clinic.sponsor, acting, patient.profile, clinic.chart, args);
        world.send(&[call.instruction()]).expect("a valid call").compute_units_consumed
    };
    let (none, two) = (cost(0), cost(2));
    assert_eq!((two - none) % 2, 0, "each try costs the same");
    (two - none) / 2
}

/// Without what lies on the account above its rent (a deposit).
fn rent(world: &World, key: &Pubkey) -> u64 {
    let account = world.account(key).expect("it was made");
    world.rent(account.data.len())
}

fn paid_by_signer(clinic: &Clinic, call: &Call, signer: &Pubkey) -> Call {
    let mut call = call.clone();
    for slot in &mut call.slots {
        let pays = ["payer", "rent_payer"].contains(&slot.name);
        if pays || slot.meta.pubkey == clinic.sponsor {
            slot.meta.pubkey = *signer;
        }
    }
    call
}

fn size(transaction: &solana_transaction::versioned::VersionedTransaction) -> usize {
    let message = transaction.message.serialize();
    // A length byte and 64 bytes a signature.
    1 + 64 * transaction.signatures.len() + message.len()
}

fn write_docs(costs: &[Cost], program_bytes: usize, per_try: u64) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::create_dir_all(&docs).expect("docs/");
    let list: Vec<_> = costs
        .iter()
        .map(|cost| {
            json!({
                "instruction": cost.instruction,
                "path": cost.path,
                "compute_units": cost.compute_units,
                "bytes": cost.bytes,
                "sponsored_bytes": cost.sponsored_bytes,
                "rent_lamports": cost.rent_lamports,
            })
        })
        .collect();
    let document = json!({
        "program_bytes": program_bytes,
        "compute_units_per_bump": per_try,
        "instructions": list,
    });
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    std::fs::write(docs.join("costs.json"), text + "\n").expect("docs/costs.json");

    let mut table = HEAD.replace("@TRY@", &per_try.to_string());
    for cost in costs {
        let Cost { instruction, path, compute_units, bytes, sponsored_bytes, rent_lamports } = cost;
        writeln!(
            table,
            "| `{instruction}` | {path} | {compute_units} | {bytes} | {sponsored_bytes} | {rent_lamports} |"
        )
        .expect("a string");
    }
    writeln!(table, "\nThe program has {program_bytes} bytes.").expect("a string");
    std::fs::write(docs.join("costs.md"), table).expect("docs/costs.md");
}

const HEAD: &str = "\
# What each instruction costs

Written by `cargo test -p aceso --test svm`; CI fails when it is not up to date. The program is the one of `make program` (upstream toolchain), run in LiteSVM with mainnet's features.

- **Compute units** of the whole transaction, with addresses whose bump is 255. A new account's canonical bump is searched on chain: each try adds @TRY@. Clients may choose the ids of profiles, folders, records and requests at random until the bump is 255 (two tries on average). The addresses of grants and delegations follow from who they are about: half of them cost nothing more, a quarter one try, an eighth two. So a bound that the tests hold (10,000 for `record_create` and `grant_create`) is one of bump 255: the dearest path of `grant_create` keeps it with one try more (three pairs of four), and not with two.
- **Bytes** on the wire of a v0 transaction with this instruction alone, without address tables: one wallet signs and pays everything, or a sponsor pays fees and rent (a second signature). A compute limit adds 8 bytes, a price 12, and the first of them 32 more. A transaction may have 1,232.
- **Rent** in lamports of the account that it makes; it goes back to who paid it. A request's deposit comes on top.

| instruction | path | compute units | bytes | sponsored | rent |
|---|---|---:|---:|---:|---:|
";

#[test]
fn costs_are_within_their_bounds_and_documented() {
    let costs: Vec<Cost> = fixtures::all().iter().map(measure).collect();
    write_docs(&costs, crate::support::world::program_bytes().len(), per_try());
    let bounds = [("record_create", 10_000), ("grant_create", 10_000), ("grant_open", 8_000)];
    let mut wrong = Vec::new();
    for Cost { instruction, path, compute_units, bytes, sponsored_bytes, .. } in &costs {
        let bound = bounds.iter().find(|(name, _)| name == instruction).map_or(20_000, |b| b.1);
        if *compute_units > bound {
            wrong.push(format!("{instruction} ({path}): {compute_units} CU, at most {bound}"));
        }
        if *bytes.max(sponsored_bytes) > 1_232 {
            wrong.push(format!("{instruction} ({path}): {sponsored_bytes} bytes, at most 1232"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
