//! Every valid call, broken in every way: refused by name, and nothing has moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{fixture::Fixture, fixtures};

/// Runs the fixtures of the instructions that `pick` takes; the tests below share the work between threads.
fn refuse(pick: impl Fn(&str) -> bool) {
    let picked = fixtures::all().into_iter().filter(|fixture| pick(fixture.instruction));
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for fixture in picked {
        match fixture.refusals() {
            Ok(count) => *refused.entry(fixture.instruction).or_default() += count,
            Err(what) => wrong.push(what),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // Fewer would mean that the derived mutations no longer reach this instruction.
    let thin: Vec<_> = refused.iter().filter(|(_, count)| **count < 20).collect();
    assert!(!refused.is_empty() && thin.is_empty(), "hardly any refusals: {thin:?}");
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
