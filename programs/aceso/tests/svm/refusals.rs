//! Every valid call, broken in every way: refused by name, and nothing has moved.

use std::collections::BTreeMap;

use crate::support::fixtures;

#[test]
fn broken_calls_are_refused_and_nothing_moves() {
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for fixture in fixtures::all() {
        match fixture.refusals() {
            Ok(count) => *refused.entry(fixture.instruction).or_default() += count,
            Err(what) => wrong.push(what),
        }
    }
    println!("{refused:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
