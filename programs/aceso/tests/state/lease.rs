//! A lease from its offer to each of its ends, and what somebody might try in between.

use aceso::{constants::*, error::AcesoError, state::*};
use anchor_lang::prelude::*;

use crate::{
    beacon::EPOCH_SECS,
    world::{leaf, peer_args, root, terms, Id, World, OWNER, PROFILE},
};

fn refused<T: std::fmt::Debug>(result: Result<T>, error: AcesoError) {
    assert_eq!(result.expect_err("it is refused"), error.into());
}

const OFFER: Offer = Offer {
    kind: LeaseKind::Record,
    number: 0,
    root: [1; 32],
    digest: [2; 32],
    stored_len: 400,
    epochs: 10,
    price_max: 11,
};

fn offer() -> Offer {
    Offer { root: root(7, OFFER.stored_len), ..OFFER }
}

/// A peer with bond and one lease of 10 epochs at 11 tokens, live from the first day on.
fn live() -> (World, Id) {
    let mut world = World::new(terms());
    world.peer.add_bond(10_000).unwrap();
    world.pay_in(10_000);
    let id = world.open(&offer()).unwrap();
    world.accept(id, &acceptance(&world.leases[&id])).unwrap();
    world.check();
    (world, id)
}

fn acceptance(lease: &Lease) -> Acceptance {
    let Lease { root, stored_len, price, epochs, .. } = *lease;
    Acceptance { root, stored_len, price, epochs }
}

/// A day: armed, drawn and, if so, proven.
fn day(world: &mut World, proven: bool) {
    world.arm().unwrap();
    world.draw().unwrap();
    if proven {
        (0..world.terms.challenges).for_each(|k| world.answer(k).unwrap());
    }
    world.now_secs += EPOCH_SECS;
}

fn end(world: &mut World, id: Id) -> Result<()> {
    world.attempt(|w| w.ending(id, |l, p, ledger, b, now| l.end(p, ledger, b, now)))
}

fn cancel(world: &mut World, id: Id) -> Result<()> {
    world.attempt(|w| w.ending(id, |l, p, ledger, b, now| l.cancel(p, ledger, b, now)))
}

fn extend(world: &mut World, id: Id, epochs: u32) -> Result<()> {
    let epoch = world.epoch();
    world.attempt(|world| {
        let paid = world.with(id, |lease, peer, _, _, _| lease.extend(epochs, peer, epoch))?;
        world.pay_in(paid);
        Ok(())
    })
}

fn amend(world: &mut World, id: Id, amendment: Amendment) -> Result<()> {
    world.attempt(|w| w.with(id, |lease, _, _, _, _| lease.amend(&amendment)))
}

fn amend_accept(world: &mut World, id: Id, amendment: Amendment) -> Result<()> {
    world.attempt(|w| w.with(id, |lease, _, _, _, _| lease.accept_amendment(&amendment)))
}

#[test]
fn an_offer_must_make_sense() {
    let mut world = World::new(terms());
    let mut open = |offer: Offer| world.attempt(|world| world.open(&offer).map(|_| ()));
    refused(open(OFFER), AcesoError::BondBelowMinimum);
    world.peer.add_bond(10_000).unwrap();
    world.pay_in(10_000);
    let mut open = |offer: Offer| world.attempt(|world| world.open(&offer).map(|_| ()));
    refused(open(Offer { root: [0; 32], ..OFFER }), AcesoError::DigestMissing);
    refused(open(Offer { digest: [0; 32], ..OFFER }), AcesoError::DigestMissing);
    refused(open(Offer { number: 1, ..OFFER }), AcesoError::LeaseNumber);
    open(Offer { number: 255, kind: LeaseKind::Pack, ..OFFER }).unwrap();
    refused(open(Offer { epochs: 0, ..OFFER }), AcesoError::LeaseTerm);
    refused(open(Offer { epochs: 3_651, ..OFFER }), AcesoError::LeaseTerm);
    refused(open(Offer { stored_len: 0, ..OFFER }), AcesoError::StoredLength);
    refused(open(Offer { stored_len: MAX_STORED_LEN + 1, ..OFFER }), AcesoError::StoredLength);
    refused(open(Offer { price_max: 10, ..OFFER }), AcesoError::PriceAboveMax);
    world.peer.update(&peer_args(u64::MAX / 4, 0)).unwrap();
    let dear = Offer { price_max: u64::MAX, ..OFFER };
    refused(world.attempt(|world| world.open(&dear).map(|_| ())), AcesoError::Overflow);
    world.peer.update(&peer_args(u64::MAX, 1)).unwrap();
    refused(world.attempt(|w| w.open(&dear).map(|_| ())), AcesoError::PriceOutOfBounds);
    world.check();
    // A profile does not lease from its own peer.
    let (mut world, _) = live();
    world.peer.profile = OWNER;
    refused(world.attempt(|w| w.open(&OFFER).map(|_| ())), AcesoError::ToOneself);
    world.peer.profile = PROFILE;
    for (status, error) in [(1, AcesoError::PeerDraining), (2, AcesoError::PeerDefaulted)] {
        (world.peer.status, world.peer.drain_epoch) = (status, 1);
        refused(world.attempt(|w| w.open(&OFFER).map(|_| ())), error);
    }
}

#[test]
fn what_is_accepted_is_what_was_offered_and_in_time() {
    let mut world = World::new(terms());
    world.peer.add_bond(1_500).unwrap();
    world.pay_in(1_500);
    let id = world.open(&offer()).unwrap();
    let right = acceptance(&world.leases[&id]);
    // The owner takes the offer back and makes another one at the same address: the peer's acceptance does not fit.
    for wrong in [
        Acceptance { root: [9; 32], ..right },
        Acceptance { stored_len: 401, ..right },
        Acceptance { price: 12, ..right },
        Acceptance { epochs: 11, ..right },
    ] {
        refused(world.attempt(|w| w.accept(id, &wrong)), AcesoError::LeaseChanged);
    }
    let mut late = world.clone();
    late.now_secs += i64::from(late.terms.offer_ttl_secs);
    late.clone().accept(id, &right).unwrap();
    refused(late.with(id, |l, p, _, _, now| l.expire(p, now)), AcesoError::OfferNotExpired);
    late.now_secs += 1;
    refused(late.attempt(|w| w.accept(id, &right)), AcesoError::OfferExpired);
    late.with(id, |l, p, _, _, now| l.expire(p, now)).unwrap();
    assert_eq!((late.leases[&id].owed, late.peer.owed), (110, 110));

    // The floor of the mint is more than 30 epochs of the price.
    world.accept(id, &right).unwrap();
    assert_eq!((world.leases[&id].lock, world.peer.bond), (1_000, 500));
    refused(world.attempt(|w| w.accept(id, &right)), AcesoError::LeaseNotOffered);
    let second = world.open(&offer()).unwrap();
    refused(world.attempt(|w| w.accept(second, &right)), AcesoError::BondTooSmall);
    world.with(second, |l, p, _, _, now| l.decline(p, now)).unwrap();
    refused(world.with(second, |l, p, _, _, now| l.decline(p, now)), AcesoError::LeaseNotOffered);
    world.check();
}

#[test]
fn pay_begins_with_the_first_epoch_whose_challenges_can_name_it() {
    let (world, id) = live();
    assert_eq!(world.leases[&id].from_epoch, world.epoch(), "not armed yet");
    let mut world = World::new(terms());
    world.peer.add_bond(10_000).unwrap();
    world.pay_in(10_000);
    world.arm().unwrap();
    let id = world.open(&offer()).unwrap();
    world.accept(id, &acceptance(&world.leases[&id])).unwrap();
    assert_eq!(world.leases[&id].from_epoch, world.epoch() + 1, "the range was pinned without it");
}

#[test]
fn a_term_is_paid_epoch_by_epoch_and_no_other() {
    let (mut world, id) = live();
    for n in 0..10 {
        // Two days without a proof in time; one of them answered late.
        day(&mut world, n != 3 && n != 4);
        if n == 4 {
            (0..3).for_each(|k| world.answer(k).unwrap());
            (0..3).for_each(|k| world.answer(k).unwrap());
        }
        if n < 9 {
            refused(end(&mut world, id), AcesoError::LeaseTermNotOver);
        }
        world.settle(&[id, id], n % 2 == 0).unwrap();
        world.check();
    }
    assert_eq!(world.paid[&id].len(), 8);
    end(&mut world, id).unwrap();
    let lease = world.leases[&id];
    assert_eq!((lease.end, lease.owed), (EndReason::Term as u8, 22));
    assert_eq!(world.peer.bond, 10_000, "the lock is back");
    refused(world.close(id), AcesoError::LeaseOwes);
    world.claim(id).unwrap();
    refused(world.attempt(|w| w.claim(id)), AcesoError::NothingOwed);
    refused(world.close(id), AcesoError::LeaseInSet);
    world.set_apply(&[id]).unwrap();
    world.close(id).unwrap();
    world.check();
}

/// Loses its bytes on the last day of the term: the lock waits for what the open debt says.
#[test]
fn no_end_frees_a_lock_while_a_proof_is_owed() {
    let (mut world, id) = live();
    (0..9).for_each(|_| day(&mut world, true));
    day(&mut world, false);
    refused(end(&mut world, id), AcesoError::LeaseTermNotOver);
    // Past the grace the challenge takes the lock, and the last epoch is neither paid nor payable.
    (0..2).for_each(|_| day(&mut world, false));
    let mut lost = world.clone();
    lost.debt_default(0).unwrap();
    let lease = lost.leases[&id];
    assert_eq!((lease.end, lease.owed), (EndReason::Defaulted as u8, 1_000 + 11));
    assert_eq!(lost.paid[&id].len(), 9);
    lost.check();
    // Answered late instead: unpaid, but the lock is the peer's again.
    (0..3).for_each(|k| world.answer(k).unwrap());
    end(&mut world, id).unwrap();
    assert_eq!((world.leases[&id].owed, world.peer.bond), (11, 10_000));
    world.check();
}

#[test]
fn a_release_needs_the_whole_notice_and_nothing_owed() {
    let (mut world, id) = live();
    let epoch = world.epoch();
    world.peer.drain(epoch, 4).unwrap();
    refused(extend(&mut world, id, 1), AcesoError::PeerDraining);
    (0..4).for_each(|_| {
        refused(end(&mut world, id), AcesoError::LeaseTermNotOver);
        day(&mut world, true);
    });
    // From here on it might go, but not with an armed epoch open.
    let mut armed = world.clone();
    armed.arm().unwrap();
    refused(end(&mut armed, id), AcesoError::LeaseTermNotOver);
    end(&mut world, id).unwrap();
    let lease = world.leases[&id];
    assert_eq!((lease.end, lease.owed), (EndReason::Released as u8, 66));
    assert_eq!((world.peer.bond, world.peer.earned), (10_000, 44));
    world.check();
}

#[test]
fn an_owner_may_leave_in_every_state_but_the_last() {
    let mut world = World::new(terms());
    world.peer.add_bond(10_000).unwrap();
    world.pay_in(10_000);
    let id = world.open(&offer()).unwrap();
    cancel(&mut world, id).unwrap();
    assert_eq!((world.leases[&id].owed, world.peer.bond), (110, 10_000));
    refused(cancel(&mut world, id), AcesoError::LeaseNotLive);
    world.check();

    let (mut world, id) = live();
    (0..3).for_each(|_| day(&mut world, true));
    world.arm().unwrap();
    cancel(&mut world, id).unwrap();
    let lease = world.leases[&id];
    assert_eq!((lease.owed, lease.until_epoch), (77, lease.from_epoch + 3));
    assert_eq!((world.peer.earned, world.peer.bond), (33, 10_000));
    refused(cancel(&mut world, id), AcesoError::LeaseNotLive);
    // Credits of later are not paid on it.
    world.draw().unwrap();
    (0..3).for_each(|k| world.answer(k).unwrap());
    world.settle(&[id], true).unwrap();
    assert_eq!(world.peer.earned, 0);
    assert_eq!(world.paid[&id].len(), 3);
    world.check();
}

#[test]
fn an_extension_comes_before_the_end_and_at_no_higher_price() {
    let (mut world, id) = live();
    extend(&mut world, id, 5).unwrap();
    assert_eq!((world.leases[&id].escrow, world.paid_in), (165, 10_000 + 165));
    refused(extend(&mut world, id, 0), AcesoError::LeaseTerm);
    refused(extend(&mut world, id, 3_636), AcesoError::LeaseTerm);
    extend(&mut world.clone(), id, 3_635).unwrap();
    world.peer.update(&peer_args(11, 1_000)).unwrap();
    refused(extend(&mut world, id, 1), AcesoError::PriceRaised);
    world.peer.update(&peer_args(1, 1_000)).unwrap();
    extend(&mut world, id, 1).unwrap();
    assert_eq!(world.leases[&id].price, 11, "a lower price is for new leases");
    world.check();
    world.now_secs += 16 * EPOCH_SECS;
    refused(extend(&mut world, id, 1), AcesoError::LeaseTermOver);
    end(&mut world, id).unwrap();
    refused(extend(&mut world, id, 1), AcesoError::LeaseNotLive);
}

#[test]
fn an_amendment_counts_once_the_peer_names_it() {
    let (mut world, id) = live();
    let second = Amendment { root: root(8, 300), digest: [8; 32], stored_len: 300 };
    refused(amend_accept(&mut world, id, second), AcesoError::AmendmentChanged);
    let too_long = Amendment { stored_len: 2_048 * 512 + 1, ..second };
    refused(amend(&mut world, id, too_long), AcesoError::AmendmentTooLarge);
    amend(&mut world, id, Amendment { stored_len: 2_048 * 512, ..second }).unwrap();
    // Replaced meanwhile: the operator does not take on what it does not hold.
    amend(&mut world, id, second).unwrap();
    for wrong in [
        Amendment { root: [9; 32], ..second },
        Amendment { digest: [9; 32], ..second },
        Amendment { stored_len: 301, ..second },
    ] {
        refused(amend_accept(&mut world, id, wrong), AcesoError::AmendmentChanged);
    }
    assert_eq!(world.leases[&id].root, offer().root);
    // Naming what is in force takes it back.
    let present = Amendment { root: offer().root, digest: [2; 32], stored_len: 400 };
    amend(&mut world, id, present).unwrap();
    refused(amend_accept(&mut world, id, second), AcesoError::AmendmentChanged);
    amend(&mut world, id, second).unwrap();
    amend_accept(&mut world, id, second).unwrap();
    let lease = world.leases[&id];
    assert_eq!((lease.root, lease.stored_len, lease.next_len), (second.root, 300, 0));
    assert_eq!((lease.weight, lease.price), (2_048, 11));
    refused(amend_accept(&mut world, id, second), AcesoError::AmendmentChanged);
    amend(&mut world, id, present).unwrap();
    cancel(&mut world, id).unwrap();
    refused(amend_accept(&mut world, id, present), AcesoError::LeaseNotLive);
    refused(amend(&mut world, id, present), AcesoError::LeaseNotLive);
}

#[test]
fn a_peer_that_falls_silent_loses_every_lock() {
    let (mut world, first) = live();
    let second = world.open(&offer()).unwrap();
    world.accept(second, &acceptance(&world.leases[&second])).unwrap();
    day(&mut world, true);
    refused(world.attempt(World::peer_default), AcesoError::PeerNotDefaulted);
    (0..3).for_each(|_| day(&mut world, false));
    // Nothing ends well once the default is due, nor by giving its challenges up one by one.
    let epoch = world.epoch();
    (world.peer.status, world.peer.drain_epoch) = (1, epoch);
    refused(end(&mut world, first), AcesoError::PeerDefaultDue);
    refused(cancel(&mut world, first), AcesoError::PeerDefaultDue);
    let mut piecemeal = world.clone();
    (0..3).for_each(|k| piecemeal.debt_default(k).unwrap());
    piecemeal.attempt(World::peer_default).unwrap();

    world.attempt(World::peer_default).unwrap();
    end(&mut world, first).unwrap();
    // The owner who asks in the wrong words gets the lock all the same.
    cancel(&mut world, second).unwrap();
    for id in [first, second] {
        let lease = world.leases[&id];
        assert_eq!((lease.end, lease.owed), (EndReason::PeerDefaulted as u8, 1_000 + 99));
        world.claim(id).unwrap();
        world.close(id).unwrap();
    }
    assert_eq!((world.peer.bond, world.peer.earned), (8_000, 22), "free bond is not touched");
    world.check();
}

#[test]
fn a_spot_check_is_answered_or_takes_the_lock() {
    let (mut world, id) = live();
    refused(world.attempt(|w| w.spot_open(id, 2_048)), AcesoError::OutOfBounds);
    world.spot_open(id, 2_047).unwrap();
    refused(world.attempt(|w| w.spot_open(id, 0)), AcesoError::SpotOpen);
    refused(world.attempt(|w| w.spot_answer(id, &leaf(8, 400))), AcesoError::ProofWrong);
    let mut answered = world.clone();
    answered.spot_answer(id, &leaf(7, 400)).unwrap();
    refused(answered.attempt(|w| w.spot_answer(id, &leaf(7, 400))), AcesoError::SpotNotOpen);
    refused(answered.attempt(|w| w.spot_default(id)), AcesoError::SpotNotOpen);
    answered.check();

    // Neither time alone nor draws alone are enough.
    let mut halted = world.clone();
    halted.now_secs += 100 * EPOCH_SECS;
    refused(halted.attempt(|w| w.spot_default(id)), AcesoError::SpotNotDue);
    (0..2).for_each(|_| day(&mut world, true));
    refused(world.attempt(|w| w.spot_default(id)), AcesoError::SpotNotDue);
    day(&mut world, true);
    let mut late = world.clone();
    late.spot_answer(id, &leaf(7, 400)).unwrap();
    world.spot_default(id).unwrap();
    let lease = world.leases[&id];
    assert_eq!((lease.end, lease.owed), (EndReason::Defaulted as u8, 1_000 + 77));
    assert_eq!(world.head().losses[3], world.now_secs, "a loss like any other");
    world.check();
}

#[test]
fn a_spot_check_at_the_end_of_a_term_is_decided_first() {
    let (mut world, id) = live();
    (0..9).for_each(|_| day(&mut world, true));
    world.spot_open(id, 5).unwrap();
    day(&mut world, true);
    refused(end(&mut world, id), AcesoError::SpotOpen);
    let mut answered = world.clone();
    answered.spot_answer(id, &leaf(7, 400)).unwrap();
    refused(answered.attempt(|w| w.spot_open(id, 0)), AcesoError::LeaseTermOver);
    end(&mut answered, id).unwrap();
    // Cancelled, the check falls, and its deposit goes back before the lease can be closed.
    cancel(&mut world, id).unwrap();
    world.claim(id).unwrap_or(());
    world.set_apply(&[id]).unwrap();
    refused(world.attempt(|w| w.close(id)), AcesoError::SpotOpen);
    world.spot_default(id).unwrap();
    assert_eq!((world.deposits_in, world.deposits_out), (20_000, 20_000));
    world.close(id).unwrap();
    world.check();
}
