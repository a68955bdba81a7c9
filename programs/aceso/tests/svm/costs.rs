//! What each instruction costs: written to docs/costs.json and docs/costs.md, which CI compares with what is committed.

use std::{fmt::Write as _, path::Path};

use aceso::{instructions::RecordCreateArgs, state::LeaseKind};
use anchor_lang::prelude::Pubkey;
use serde_json::json;

use crate::support::{
    action, address,
    call::Call,
    clinic::Clinic,
    fixture::Fixture,
    fixtures,
    market::Market,
    market_action::{self, Funds},
    sample::{blob, content, id},
    stored::Stored,
    world::{wire_len, World, MAX_V0_LEN},
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
    let sponsored_bytes = wire_len(&transaction);
    let before = world.program_accounts();
    let meta = world.svm.send_transaction(transaction).expect("the call is valid");
    let made = world.program_accounts().into_iter().find(|key| !before.contains(key));
    let own = paid_by_signer(&fixture.clinic, &fixture.call, &signer);
    Cost {
        instruction: fixture.instruction,
        path: fixture.path,
        compute_units: meta.compute_units_consumed,
        bytes: wire_len(&world.sign_for(&signer, &[own.instruction()])),
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

/// Compute units of a settlement of so many leases, to the payout account.
fn settling(most: usize) -> Vec<u64> {
    let mut market = Market::new();
    let Market { gold, patient_gold, neighbour_gold, .. } = market;
    let (patient, sponsor) = (market.patient, market.sponsor);
    let letters = market.about_folder(patient, market.letters);
    let funds = Funds { funder: patient.wallet, source: patient_gold };
    let leases: Vec<Pubkey> = (0..most as u8)
        .map(|number| {
            let stored = Stored::named(&format!("pack {number}"), 900);
            let offer = Market::offer_args(LeaseKind::Pack, number, &stored, 40);
            let acting = patient.acting();
            let call = market_action::lease_open(sponsor, acting, &letters, &gold, funds, offer);
            market.must(call.clone());
            let lease = call.key("lease");
            let accept = market.accept_call(&gold, lease);
            market.must(accept);
            lease
        })
        .collect();
    market.must(market_action::peer_payout_set(&gold, Some(neighbour_gold)));
    // Three days are paid at once.
    for _ in 0..3 {
        market.good_epoch(&[gold]);
    }
    let cost = |count: usize| {
        let call = market_action::lease_settle(&gold, Some(neighbour_gold), &leases[..count]);
        let meta = market.world.clone().send(&[call.instruction()]).expect("a valid call");
        meta.compute_units_consumed
    };
    (1..=most).map(cost).collect()
}

/// Of one call with 1, 2, ... of something: compute units of the first, and the most that another adds.
#[derive(Clone, Copy)]
struct Steps {
    first: u64,
    more: u64,
}

impl Steps {
    fn of(costs: &[u64]) -> Self {
        let more = costs.windows(2).map(|two| two[1] - two[0]).max();
        Self { first: costs[0], more: more.expect("two at least") }
    }
}

fn write_docs(
    costs: &[Cost],
    program_bytes: usize,
    per_try: u64,
    proofs: (Steps, &[usize]),
    settling: Steps,
) {
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
        "proofs": {
            "compute_units": proofs.0.first,
            "compute_units_more": proofs.0.more,
            "bytes": proofs.1,
        },
        "settlement": { "compute_units": settling.first, "compute_units_more": settling.more },
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
    writeln!(
        table,
        "\n## At size\n\n\
         - **Proofs** at 20 levels, of a peer with 10,000 leases: {} compute units for one, at most {} for each more in the \
         transaction; {} bytes on the wire of v1 for one, two and three. Bounds: 15,000 and 8,000.\n\
         - **Settlement** of three epochs to the payout account: {} compute units for one lease, at most {} for each more. \
         Bounds: 20,000 and 4,000.",
        proofs.0.first,
        proofs.0.more,
        proofs.1.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        settling.first,
        settling.more,
    )
    .expect("a string");
    writeln!(table, "\nThe program has {program_bytes} bytes.").expect("a string");
    std::fs::write(docs.join("costs.md"), table).expect("docs/costs.md");
}

const HEAD: &str = "\
# What each instruction costs

Written by `cargo test -p aceso --test svm`; CI fails when it is not up to date. The program is the one of `make program` (upstream toolchain), run in LiteSVM with mainnet's features.

- **Compute units** of the whole transaction, with addresses whose bump is 255. A new account's canonical bump is searched on chain: each try adds @TRY@. Clients may choose the ids of profiles, folders, records and requests at random until the bump is 255 (two tries on average). The addresses of grants and delegations follow from who they are about: half of them cost nothing more, a quarter one try, an eighth two. So a bound that the tests hold (10,000 for `record_create` and `grant_create`) is one of bump 255: the dearest path of `grant_create` keeps it with one try more (three pairs of four), and not with two.
- **Bytes** on the wire of a v0 transaction with this instruction alone, without address tables: one wallet signs and pays everything, or a sponsor pays fees and rent (a second signature). A compute limit adds 8 bytes, a price 12, and the first of them 32 more. A transaction may have 1,232; what has more here is a transaction of v1, which may have 4,096.
- **Rent** in lamports of the account that it makes; it goes back to who paid it. A request's deposit comes on top.

| instruction | path | compute units | bytes | sponsored | rent |
|---|---|---:|---:|---:|---:|
";

#[test]
fn costs_are_within_their_bounds_and_documented() {
    let costs: Vec<Cost> = fixtures::all().iter().map(measure).collect();
    let (proving, bytes): (Vec<u64>, Vec<usize>) = super::proofs::costs().into_iter().unzip();
    let (proving, settling) = (Steps::of(&proving), Steps::of(&settling(12)));
    let program_bytes = crate::support::world::program_bytes().len();
    write_docs(&costs, program_bytes, per_try(), (proving, &bytes), settling);
    let bounds = [("record_create", 10_000), ("grant_create", 10_000), ("grant_open", 8_000)];
    let mut wrong = Vec::new();
    for (what, Steps { first, more }, most) in
        [("proof", proving, (15_000, 8_000)), ("lease settled", settling, (20_000, 4_000))]
    {
        if first > most.0 || more > most.1 {
            wrong.push(format!("{first} CU for a {what}, {more} for another: at most {most:?}"));
        }
    }
    if program_bytes > 1_000_000 {
        wrong.push(format!("the program has {program_bytes} bytes, at most 1,000,000"));
    }
    for Cost { instruction, path, compute_units, bytes, sponsored_bytes, .. } in &costs {
        let bound = bounds.iter().find(|(name, _)| name == instruction).map_or(20_000, |b| b.1);
        if *compute_units > bound {
            wrong.push(format!("{instruction} ({path}): {compute_units} CU, at most {bound}"));
        }
        // Proofs are what v1 is for.
        let long = ["proof_submit", "spot_answer"].contains(instruction);
        let most = if long { 4_096 } else { MAX_V0_LEN };
        if *bytes.max(sponsored_bytes) > most {
            wrong.push(format!("{instruction} ({path}): {sponsored_bytes} bytes, at most {most}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
