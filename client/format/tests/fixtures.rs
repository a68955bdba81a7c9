//! Frozen fixtures: objects made from fixed seeds, and one-step mutations of them, each with the error that it must give.
//!
//! `ACESO_BLESS=1` writes `testdata/fixtures.json`; otherwise its bytes must be the ones made here. `client/wasm` runs the
//! same file. See `support/` for how they are made and run.

mod support;

use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fixtures.json");

/// One test, so that blessing and reading do not race.
#[test]
fn fixtures_are_frozen_and_give_what_they_say() {
    are_frozen();
    give_what_they_say();
}

fn are_frozen() {
    let made = serde_json::to_string_pretty(&support::forge::all()).unwrap() + "\n";
    if std::env::var_os("ACESO_BLESS").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let frozen = std::fs::read_to_string(PATH).unwrap();
    assert!(
        made == frozen,
        "the bytes of the format changed: if that is meant, bless them and say so in SPEC.md"
    );
}

fn give_what_they_say() {
    let frozen: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    let mut refusals = std::collections::BTreeSet::new();
    for case in frozen["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let expect = case["expect"].as_str().unwrap();
        let found = support::run::case(&frozen, case);
        match found {
            Ok(value) => {
                assert_eq!(expect, "ok", "{name} must be refused");
                assert_eq!(value, case["value"], "{name}");
            }
            Err(error) => {
                assert_eq!(error.name(), expect, "{name}: {error}");
                refusals.insert(error.name());
            }
        }
    }
    assert!(refusals.len() >= 15, "{refusals:?}");
}
