//! Duties, played against the program's own rules: a peer that does what [`due`] says, whenever it looks and wherever it is
//! killed, is never refused and earns every epoch.

mod support;

use aceso::state::{Amendment, Layout, Lease, Ledger};
use aceso_peer::{
    duty::{Duty, Unwanted, View, due, in_force},
    index::{Condition, LeaseEntry, ObjectEntry},
};
use aceso_sdk::chain::Pubkey;
use bytemuck::Zeroable;
use support::{
    daemon::leased,
    market::{EPOCH, OWNER, PEER, World, margins},
    sample,
};

/// Ninety days of a peer that looks every ten minutes.
#[test]
fn a_peer_that_does_what_is_due_earns_every_epoch() {
    let mut world = World::new();
    let leases: Vec<Pubkey> = (10..14).map(|seed| world.offer(seed, 60)).collect();
    world.work();
    assert_eq!(world.count("accept"), 0, "nothing was uploaded");
    for at in &leases {
        world.upload(at);
    }
    world.work();
    assert_eq!(world.count("accept"), 4);
    for _ in 0..90 * 144 {
        world.pass(600);
        world.work();
    }
    // The epoch of the acceptance counts as well: it was not armed yet.
    assert_eq!(world.count("arm"), world.count("draw"));
    assert_eq!((world.count("rearm"), world.count("end"), world.credited), (0, 4, 60));
    assert_eq!(world.paid, 60 * leases.iter().map(|at| world.leases[at].price).sum::<u64>());
    assert!(world.leases.values().all(|lease| lease.is_ended() && lease.has_slot == 0));
    // Paid in sevens and at the end, not in sixty transactions.
    assert!((4..=12).contains(&world.count("settle")), "{:?}", world.done);
    assert_eq!(world.ledger().total, 0);
}

/// Looked at rarely and at odd times, with the chain's memory of slots gone in between.
#[test]
fn who_looks_rarely_still_arms_draws_and_proves() {
    for every in [6_007, 20_011] {
        let mut world = World::new();
        let at = world.offer(10, 30);
        world.upload(&at);
        world.work();
        for _ in 0..40 * EPOCH / every {
            world.pass(every);
            world.work();
        }
        assert!(world.count("rearm") > 0, "{every}: {:?}", world.done);
        // Alone and that slow it never comes within 512 slots of the target; nothing is refused, nothing is lost.
        assert!(!world.peer.is_defaulted());
    }
}

#[test]
fn a_debt_is_cleared_late_and_the_next_epochs_earn_again() {
    let mut world = World::new();
    let at = world.offer(10, 30);
    world.upload(&at);
    world.work();
    let step = |world: &mut World, epochs: i64| {
        for _ in 0..epochs * 144 {
            world.pass(600);
            world.work();
        }
    };
    step(&mut world, 3);
    let before = world.credited;
    // Others arm and draw while this daemon is down for two days.
    for _ in 0..2 * 144 {
        world.pass(600);
        for duty in world.due() {
            if matches!(duty, Duty::Arm | Duty::Draw | Duty::Rearm) {
                world.execute(&duty);
            }
        }
    }
    let owed: Vec<_> =
        world.due().into_iter().filter(|duty| matches!(duty, Duty::Prove { .. })).collect();
    assert_eq!(owed.len(), 1, "one epoch at a time, the oldest first");
    step(&mut world, 5);
    assert!(world.credited >= before + 5, "{} then {}", before, world.credited);
    assert_eq!(world.leases[&at].end, 0);
}

/// Its set stands for ever, and earns nothing any more: arming and drawing would only cost it fees.
#[test]
fn a_peer_that_has_defaulted_arms_and_draws_no_more() {
    let mut world = World::new();
    let at = world.offer(10, 30);
    world.upload(&at);
    world.work();
    let of_the_beacon = |world: &mut World| {
        world.due().iter().any(|duty| matches!(duty, Duty::Arm | Duty::Draw | Duty::Rearm))
    };
    world.pass(EPOCH);
    assert!(of_the_beacon(&mut world));
    world.peer.default_whole().unwrap();
    for _ in 0..3 * 144 {
        assert!(!of_the_beacon(&mut world));
        world.pass(600);
    }
    assert!(world.ledger().total > 0);
}

#[test]
fn half_answered_epochs_are_finished() {
    let mut world = World::new();
    let at = world.offer(10, 30);
    world.upload(&at);
    world.work();
    while !matches!(world.due().first(), Some(Duty::Prove { .. })) {
        for duty in world.due() {
            world.execute(&duty);
        }
        world.pass(60);
    }
    let beacon = world.beacon;
    let mut ledger = world.ledger();
    ledger.sync(&beacon).unwrap();
    for k in [0, 3, 23] {
        ledger.answer(k).unwrap();
    }
    let Some(Duty::Prove { challenges, seq: 0, until_secs }) = world.due().into_iter().next()
    else {
        panic!()
    };
    assert_eq!(challenges.len(), 21);
    assert!([0, 3, 23].iter().all(|k| !challenges.contains(k)));
    assert_eq!(until_secs, world.beacon.ring[0].drawn_at_secs + EPOCH / 2);
    world.work();
    assert_eq!(world.credited, 1);
}

#[test]
fn offers_that_cannot_be_taken_are_sent_back() {
    let world = || {
        let mut world = World::new();
        let at = world.offer(10, 30);
        (world, at)
    };
    let (mut full, at) = world();
    full.room = 10;
    assert_eq!(full.due(), [Duty::Decline { lease: at, why: Unwanted::NoRoom }]);
    full.upload(&at);
    assert_eq!(full.due(), [Duty::Accept { lease: at }], "what is here needs no room");

    let (mut poor, at) = world();
    poor.upload(&at);
    poor.peer.withdraw_bond(1_000_000 - 50).unwrap();
    assert_eq!(poor.due(), [Duty::Decline { lease: at, why: Unwanted::BondTooSmall }]);
    poor.work();

    let (mut leaving, at) = world();
    leaving.upload(&at);
    leaving.peer.drain(20_000, 5).unwrap();
    assert_eq!(leaving.due(), [Duty::Decline { lease: at, why: Unwanted::Leaving }]);

    let (mut late, at) = world();
    late.upload(&at);
    late.now = late.leases[&at].offer_until_secs - 30;
    assert_eq!(late.due(), [], "too close to its end");
    late.now += 60;
    assert_eq!(late.due(), [], "anyone may expire it");
}

#[test]
fn one_pass_does_not_lock_the_same_bond_twice() {
    let mut world = World::new();
    let all: Vec<Pubkey> = (10..20).map(|seed| world.offer(seed, 30)).collect();
    for at in &all {
        world.upload(at);
    }
    // Enough for three penalties.
    let lock = (world.leases[&all[0]].price * 30).max(100);
    world.peer.withdraw_bond(1_000_000 - 3 * lock).unwrap();
    world.peer.bond_min = 0;
    let duties = world.due();
    assert_eq!(duties.iter().filter(|duty| matches!(duty, Duty::Accept { .. })).count(), 3);
    for duty in duties {
        world.execute(&duty);
    }
    world.work();
}

#[test]
fn a_pending_amendment_is_accepted_once_its_bytes_are_here() {
    let mut world = World::new();
    let at = world.offer(10, 30);
    world.upload(&at);
    world.work();
    let new = leased(&sample(2000, 77));
    let amendment =
        Amendment { root: new.root, digest: new.address.digest, stored_len: new.address.len };
    world.leases.get_mut(&at).unwrap().amend(&amendment).unwrap();
    assert_eq!(world.due(), []);
    world.held.push(new);
    assert_eq!(world.due(), [Duty::AcceptAmendment { lease: at }]);
    world.work();
    assert_eq!(in_force(&world.leases[&at]), new);
}

#[test]
fn a_spot_check_is_answered_first() {
    let mut world = World::new();
    let at = world.offer(10, 30);
    world.upload(&at);
    world.work();
    let head: Ledger = *world.ledger();
    let (beacon, now) = (world.beacon, world.now);
    world.leases.get_mut(&at).unwrap().open_spot(OWNER, 2047, &head, &beacon, now).unwrap();
    let first = world.due().into_iter().next();
    assert!(
        matches!(first, Some(Duty::AnswerSpot { leaf: 1, .. })),
        "{first:?}: 1010 bytes have two leaves"
    );
    world.held.clear();
    assert!(world.due().iter().all(|duty| !matches!(duty, Duty::AnswerSpot { .. })), "with what?");
}

#[test]
fn a_peer_that_leaves_ends_applies_and_closes() {
    let mut world = World::new();
    let all: Vec<Pubkey> = (10..13).map(|seed| world.offer(seed, 300)).collect();
    for at in &all {
        world.upload(at);
    }
    world.work();
    let epoch = world.beacon.current_epoch(world.now).unwrap();
    world.peer.drain(epoch, 5).unwrap();
    for _ in 0..8 * 144 {
        world.pass(600);
        world.work();
        // The owners claim what is theirs.
        for at in &all {
            if let Some(lease) = world.leases.get_mut(at).filter(|lease| lease.owed > 0) {
                lease.claim(&mut world.peer).unwrap();
            }
        }
    }
    assert!(world.leases.is_empty(), "{:?}", world.done);
    assert!(world.credited >= 5, "proven to the last day: {}", world.credited);
    assert!(world.paid > 0);
    world.peer.retire().unwrap();
}

#[test]
fn bytes_are_deleted_a_day_after_nobody_needs_them() {
    let mut world = World::new();
    let object = ObjectEntry {
        address: leased(b"old").address,
        root: [1; 32],
        read_at_secs: 0,
        condition: Condition::Sound,
    };
    let head: Ledger = *world.ledger();
    for (age, expected) in [(86_399, 0), (86_400, 1)] {
        let unneeded = [(object, world.now - age)];
        let view = View {
            now_secs: world.now,
            slot: world.slot,
            oldest_hash_slot: 0,
            beacon: &world.beacon,
            peer_at: PEER,
            peer: &world.peer,
            ledger: &head,
            leases: &[],
            unneeded: &unneeded,
        };
        assert_eq!(due(&view, &world, &margins()).len(), expected);
    }
}

/// An ended lease is challenged until its weight is out of the set: until then its bytes are needed.
#[test]
fn the_index_keeps_an_ended_lease_s_bytes_while_challenges_can_name_it() {
    let mut account = Lease::zeroed();
    (account.digest, account.status, account.has_slot) = ([7; 32], 2, 1);
    let needed = |account: Lease| LeaseEntry { account, slot: 0 }.objects().count();
    assert_eq!(needed(account), 1);
    account.has_slot = 0;
    assert_eq!(needed(account), 0);
    assert_eq!(Lease::SPACE, 552);
}
