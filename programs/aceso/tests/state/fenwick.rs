//! The tree of weights against a list of weights.

use aceso::{error::AcesoError, state::fenwick};
use proptest::prelude::*;

/// The slot and the rest by walking the list.
fn walk(weights: &[u64], offset: u64) -> Option<(u32, u64)> {
    let mut rest = offset;
    for (slot, weight) in weights.iter().enumerate() {
        if rest < *weight {
            return Some((u32::try_from(slot).unwrap(), rest));
        }
        rest -= weight;
    }
    None
}

/// Every boundary between slots, one before, one after, and the last offset.
fn check(nodes: &[u64], weights: &[u64]) {
    let used = u32::try_from(weights.len()).unwrap();
    let find = |offset| fenwick::find(nodes, used, offset).ok();
    let mut sum = 0;
    for (slot, weight) in weights.iter().enumerate() {
        let slot = u32::try_from(slot).unwrap();
        assert_eq!(fenwick::weight(nodes, used, slot).unwrap(), *weight, "slot {slot}");
        if *weight > 0 {
            assert_eq!(find(sum), Some((slot, 0)));
            assert_eq!(find(sum + weight / 2), Some((slot, weight / 2)));
            assert_eq!(find(sum + weight - 1), Some((slot, weight - 1)));
        }
        sum += weight;
    }
    assert_eq!(find(sum), None, "the sum itself is outside");
    assert_eq!(find(u64::MAX), None);
}

#[derive(Clone, Debug)]
enum Step {
    Append(u64),
    Remove(prop::sample::Index),
    /// Room for more slots, with what a careless allocator would leave there.
    Grow(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop_oneof![2_048u64..10_000, Just(1 << 25), 1u64..4].prop_map(Step::Append),
        2 => any::<prop::sample::Index>().prop_map(Step::Remove),
        1 => (1usize..40).prop_map(Step::Grow),
    ]
}

proptest! {
    #[test]
    fn it_finds_what_a_walk_along_the_list_finds(steps in prop::collection::vec(step(), 1..300), at in any::<u64>()) {
        let (mut nodes, mut weights) = (vec![], Vec::<u64>::new());
        for step in steps {
            let used = u32::try_from(weights.len()).unwrap();
            match step {
                Step::Append(weight) => {
                    let done = fenwick::append(&mut nodes, used, weight).is_ok();
                    prop_assert_eq!(done, weights.len() < nodes.len(), "appended exactly when there is room");
                    if done {
                        weights.push(weight);
                    }
                }
                Step::Remove(at) if !weights.is_empty() => {
                    let slot = at.index(weights.len());
                    let (number, weight) = (u32::try_from(slot).unwrap(), weights[slot]);
                    let before = nodes.clone();
                    prop_assert!(fenwick::remove(&mut nodes, used, number, weight + 1).is_err());
                    prop_assert!(fenwick::remove(&mut nodes, used, used, 0).is_err(), "no such slot");
                    prop_assert_eq!(&nodes, &before);
                    fenwick::remove(&mut nodes, used, number, weight).unwrap();
                    weights[slot] = 0;
                }
                Step::Remove(_) => {}
                Step::Grow(by) => nodes.resize(nodes.len() + by, 0xdead_beef),
            }
        }
        check(&nodes, &weights);
        let sum: u64 = weights.iter().sum();
        if sum > 0 {
            let used = u32::try_from(weights.len()).unwrap();
            prop_assert_eq!(fenwick::find(&nodes, used, at % sum).ok(), walk(&weights, at % sum));
        }
    }
}

#[test]
fn a_new_node_at_a_power_of_two_starts_from_the_prefix_that_exists() {
    for size in [1usize, 2, 3, 4, 5, 7, 8, 9, 127, 128, 129, 255, 256, 257, 1_023, 1_024, 1_025] {
        let weights: Vec<u64> = (0..size as u64).map(|n| 2_048 + n * n % 977).collect();
        let mut nodes = Vec::new();
        for (used, weight) in weights.iter().enumerate() {
            // Room for one slot at a time: every append is also a growth.
            nodes.push(u64::MAX);
            fenwick::append(&mut nodes, u32::try_from(used).unwrap(), *weight).unwrap();
        }
        check(&nodes, &weights);
    }
}

#[test]
fn a_tree_of_ten_thousand_slots_empties_to_nothing() {
    let mut nodes = vec![0; 10_000];
    for used in 0..10_000 {
        fenwick::append(&mut nodes, used, 2_048 + u64::from(used)).unwrap();
    }
    for slot in (0..10_000).rev().step_by(2).chain((0..10_000).step_by(2)) {
        fenwick::remove(&mut nodes, 10_000, slot, 2_048 + u64::from(slot)).unwrap();
    }
    assert!(nodes.iter().all(|node| *node == 0));
    assert!(fenwick::find(&nodes, 10_000, 0).is_err());
}

#[test]
fn it_refuses_what_it_has_no_room_for_and_what_it_cannot_count() {
    let refused = |result: anchor_lang::Result<()>, error: AcesoError| {
        assert_eq!(result.unwrap_err(), error.into());
    };
    refused(fenwick::append(&mut [], 0, 1), AcesoError::LedgerFull);
    refused(fenwick::append(&mut [1], 1, 1), AcesoError::LedgerFull);
    let mut nodes = [u64::MAX, 0];
    refused(fenwick::append(&mut nodes, 1, 1), AcesoError::Overflow);
    assert!(fenwick::find(&[], 0, 0).is_err());
    assert!(fenwick::find(&[5], 2, 7).is_err(), "fewer nodes than slots");
}
