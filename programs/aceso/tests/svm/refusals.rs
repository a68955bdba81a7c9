//! Every valid call, broken in every way: refused by name, and nothing has moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{fixture::Fixture, fixtures, refusal::Cause};

const README: &str = include_str!("../../README.md");

/// Runs the fixtures of the instructions that `pick` takes; the tests below share the work between threads.
fn refuse(pick: impl Fn(&str) -> bool) {
    let picked = fixtures::all().into_iter().filter(|fixture| pick(fixture.instruction));
    let mut refused: BTreeMap<&str, Vec<Cause>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for fixture in picked {
        match fixture.refusals() {
            Ok(causes) => refused.entry(fixture.instruction).or_default().extend(causes),
            Err(what) => wrong.push(what),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // Fewer would mean that the derived mutations no longer reach this instruction.
    let thin: Vec<_> = refused
        .iter()
        .filter(|(_, causes)| causes.len() < 20)
        .map(|(instruction, causes)| (instruction, causes.len()))
        .collect();
    assert!(!refused.is_empty() && thin.is_empty(), "hardly any refusals: {thin:?}");
    let undescribed: Vec<String> =
        refused.iter().filter_map(|(name, causes)| described(name, causes).err()).collect();
    assert!(undescribed.is_empty(), "README, \"Instructions\":\n{}", undescribed.join("\n"));
}

/// README.md names the program's errors that were seen, in the row of the instruction or among those that many share.
fn described(instruction: &str, causes: &[Cause]) -> Result<(), String> {
    let (_, section) = README.split_once("\n## Instructions").expect("the section");
    let shared = section.split_once("are not repeated: ").expect("the shared errors").1;
    let shared = shared.split_once(", and Anchor's").expect("the end of the shared errors").0;
    let last_cell = |instruction: &str| {
        let row = section.lines().find(|line| line.starts_with(&format!("| `{instruction}` |")));
        row.expect("a row").rsplit('|').nth(1).expect("its last column").to_owned()
    };
    let own = last_cell(instruction);
    // Raised by code that both share, and shown in the tests of the other.
    let (own, borrowed) = match own.split_once("those of ") {
        Some((own, other)) => (own.to_owned(), last_cell(other.trim().trim_matches('`'))),
        None => (own, String::new()),
    };
    let names = |text: &str| -> BTreeSet<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (mut shared, own, borrowed) = (names(shared), names(&own), names(&borrowed));
    // Whatever takes a mint has these in common.
    let mints = README.split_once("\n**Mints.**").expect("the paragraph").1;
    shared.extend(names(mints.split_once('\n').expect("its end").0));
    let program = include_str!("../../src/error.rs");
    let seen: BTreeSet<String> = causes
        .iter()
        .filter_map(|cause| match cause {
            Cause::Named(name) if program.contains(&format!("    {name},\n")) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let said =
        |name: &&String| [&shared, &own, &borrowed].iter().any(|names| names.contains(*name));
    let missing: Vec<_> = seen.iter().filter(|name| !said(name)).collect();
    let unseen: Vec<_> = own.difference(&seen).collect();
    let twice: Vec<_> = own.intersection(&shared).collect();
    match missing.is_empty() && unseen.is_empty() && twice.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{instruction}: missing {missing:?}, never raised {unseen:?}, shared anyway {twice:?}"
        )),
    }
}

#[test]
fn of_config_profiles_and_migration() {
    refuse(|name| ["config_", "profile_", "account_"].iter().any(|noun| name.starts_with(noun)));
}

#[test]
fn of_folders_and_delegates() {
    refuse(|name| name.starts_with("folder") || name.starts_with("delegate"));
}

#[test]
fn of_records() {
    refuse(|name| name.starts_with("record"));
}

#[test]
fn of_grants() {
    refuse(|name| name.starts_with("grant"));
}

#[test]
fn of_requests() {
    refuse(|name| name.starts_with("request"));
}

#[test]
fn of_the_market_and_peers() {
    refuse(|name| ["market_", "beacon_", "peer_"].iter().any(|noun| name.starts_with(noun)));
}

#[test]
fn of_offers_and_terms() {
    refuse(|name| OFFERS.contains(&name));
}

#[test]
fn of_payments_and_ends() {
    refuse(|name| name.starts_with("lease_") && !OFFERS.contains(&name));
}

#[test]
fn of_proofs() {
    refuse(|name| ["set_", "proof_", "debt_", "spot_"].iter().any(|noun| name.starts_with(noun)));
}

const OFFERS: [&str; 7] = [
    "lease_open",
    "lease_accept",
    "lease_decline",
    "lease_expire",
    "lease_extend",
    "lease_amend",
    "lease_amend_accept",
];

/// The instructions as the program's source dispatches them.
fn instructions() -> BTreeSet<String> {
    let source = include_str!("../../src/lib.rs");
    let (_, program) = source.split_once("#[program]").expect("the program module");
    program
        .split("pub fn ")
        .skip(1)
        .map(|rest| rest.split('(').next().expect("a name").trim().to_owned())
        .collect()
}

/// What Anchor dispatches by: the first eight bytes of SHA-256("global:<name>").
fn discriminator(name: &str) -> [u8; 8] {
    let hash = solana_sha256_hasher::hashv(&[b"global:", name.as_bytes()]).to_bytes();
    hash[..8].try_into().expect("eight bytes")
}

#[test]
fn every_instruction_has_a_valid_call_and_runs_in_a_test_of_refusals() {
    let fixtures = fixtures::all();
    for Fixture { instruction, call, .. } in &fixtures {
        assert_eq!(call.data[..8], discriminator(instruction), "{instruction}: another call");
    }
    let covered: BTreeSet<String> = fixtures.iter().map(|f| f.instruction.to_owned()).collect();
    assert_eq!(covered, instructions());
    let nouns = [
        "account_",
        "config_",
        "profile_",
        "folder_",
        "delegate_",
        "record_",
        "grant_",
        "request_",
        "market_",
        "beacon_",
        "peer_",
        "lease_",
        "set_",
        "proof_",
        "debt_",
        "spot_",
    ];
    let stray: Vec<_> =
        covered.iter().filter(|name| !nouns.iter().any(|noun| name.starts_with(noun))).collect();
    assert!(stray.is_empty(), "no test of refusals takes {stray:?}");
}

/// Where the IDL is built, it names the same instructions as the source.
#[test]
fn the_idl_lists_the_same_instructions() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/aceso.json");
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let idl: serde_json::Value = serde_json::from_str(&text).expect("the IDL is JSON");
    let listed = idl["instructions"].as_array().expect("a list");
    let listed: BTreeSet<String> =
        listed.iter().map(|i| i["name"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(listed, instructions());
}
