//! Every valid call does exactly what it must: accounts, lamports, events, audit heads.

use crate::support::fixtures;

#[test]
fn every_call_leaves_exactly_what_it_must() {
    let wrong: Vec<String> =
        fixtures::all().iter().filter_map(|fixture| fixture.happens().err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
