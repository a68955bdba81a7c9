//! The storage market over days and weeks, with real proofs of real bytes: what single calls do not show.

use aceso::{error::AcesoError, state::*};
use anchor_lang::prelude::Pubkey;

use crate::support::{
    call::Call,
    clinic::Clinic,
    market::{market_terms, Market, EPOCHS, EPOCH_SECS, LONG_WEIGHT, PRICE_FLAT, PURSE},
    market_action::{self as action, Funds, Site},
    refusal::Cause,
    stored::Stored,
    token::error::ACCOUNT_FROZEN,
};

const LONG_PRICE: u64 = PRICE_FLAT + LONG_WEIGHT;
const PRICE: u64 = PRICE_FLAT + 2_048;

fn refused(market: &mut Market, call: &Call) -> Cause {
    let before = market.world.snapshot();
    let cause = market.send(call).expect_err("it is refused").cause;
    assert_eq!(market.world.snapshot(), before, "a refusal moves nothing");
    cause
}

fn must(market: &mut Market, call: Call) {
    market.must(call);
    for site in [market.gold, market.silver] {
        market.check_books(&site);
    }
}

fn settle(market: &mut Market, leases: &[Pubkey]) -> u64 {
    let gold = market.gold;
    let before = market.peer(&gold).earned;
    must(market, action::lease_settle(&gold, None, leases));
    market.peer(&gold).earned - before
}

#[test]
fn a_peer_is_paid_for_the_epochs_that_it_proves_and_no_others() {
    let mut market = Market::new();
    let Market { gold, live, small, neighbour_gold, .. } = market;
    // Day 0 is proven, day 1 nobody arms, day 2 is proven late, day 3 is armed and drawn but owed, day 4 proven.
    market.draw_epoch();
    market.prove(&gold);
    assert_eq!(settle(&mut market, &[live, small]), LONG_PRICE + PRICE);
    assert_eq!(settle(&mut market, &[live, small]), 0, "once");
    market.next_epoch();
    market.next_epoch();
    market.draw_epoch();
    market.world.wait(43_201);
    market.prove(&gold);
    assert!(market.owed(&gold).is_empty(), "a late answer clears the debt");
    market.next_epoch();
    market.draw_epoch();
    assert_eq!(settle(&mut market, &[live]), 0, "a late answer earns nothing");
    market.next_epoch();
    market.draw_epoch();
    // Day 3 comes first, and is late by now.
    market.prove(&gold);
    assert_eq!(settle(&mut market, &[small, live]), 0, "day 4 is not closed");
    market.prove(&gold);
    assert_eq!(settle(&mut market, &[small, live]), LONG_PRICE + PRICE);
    must(&mut market, action::peer_payout_set(&gold, Some(neighbour_gold)));
    must(&mut market, action::lease_settle(&gold, Some(neighbour_gold), &[]));
    assert_eq!(market.world.tokens(&neighbour_gold), PURSE - 40 * PRICE + 2 * (LONG_PRICE + PRICE));
    assert_eq!(market.peer(&gold).earned, 0);
}

/// The peer answers what names other leases, and nothing that names `lost`.
fn answer_without(market: &mut Market, lost: &Pubkey) {
    let gold = market.gold;
    let owed: Vec<_> = market.owed(&gold).into_iter().filter(|c| c.lease != *lost).collect();
    for challenges in owed.chunks(3) {
        let call = market.answer(&gold, challenges);
        market.must(call);
    }
}

#[test]
fn past_the_grace_a_challenge_costs_the_lease_that_it_names_its_own_lock() {
    let mut market = Market::new();
    let Market { gold, live, small, patient_gold, .. } = market;
    market.good_epoch(&[gold]);
    let (lock, bond) = (market.state_of(&live).lock, market.peer(&gold).bond);
    assert_eq!(lock, 30 * LONG_PRICE);
    // The bytes of the long lease are gone.
    market.next_epoch();
    market.draw_epoch();
    answer_without(&mut market, &live);
    let open = market.owed(&gold)[0];
    assert_eq!(open.lease, live);
    for _ in 0..3 {
        let early = action::debt_default(&gold, live, open.k);
        assert_eq!(refused(&mut market, &early), AcesoError::GraceNotOver.into());
        market.next_epoch();
        market.draw_epoch();
    }
    let late = action::peer_default(&gold);
    assert_eq!(refused(&mut market, &late), AcesoError::PeerNotDefaulted.into());
    let open = market.owed(&gold);
    must(&mut market, action::debt_default(&gold, live, open[0].k));
    let lost = market.state_of(&live);
    // One epoch was proven, all else and the lock are the owner's; the others' locks stand.
    assert_eq!(lost.end, EndReason::Defaulted as u8);
    assert_eq!(lost.owed, u64::from(EPOCHS - 1) * LONG_PRICE + lock);
    assert_eq!(market.peer(&gold).bond, bond);
    assert!(market.state_of(&small).is_live());
    // The challenges that name it in the epochs since need no grace of their own: there is nothing left to lose.
    for challenge in &open[1..] {
        must(&mut market, action::debt_default(&gold, live, challenge.k));
    }
    for _ in 0..3 {
        answer_without(&mut market, &live);
        for challenge in market.owed(&gold) {
            must(&mut market, action::debt_default(&gold, live, challenge.k));
        }
    }
    assert!(market.owed(&gold).is_empty());
    // Only then may its weight leave, and the next epoch earns again.
    must(&mut market, action::set_apply(&gold, &[live]));
    market.good_epoch(&[gold]);
    assert_eq!(settle(&mut market, &[small]), 2 * PRICE);
    let (owner, before) = (market.patient.profile, market.world.tokens(&patient_gold));
    must(&mut market, action::lease_claim(&gold, live, owner, patient_gold));
    assert_eq!(market.world.tokens(&patient_gold) - before, lost.owed);
    let again = action::lease_claim(&gold, live, owner, patient_gold);
    assert_eq!(refused(&mut market, &again), AcesoError::NothingOwed.into());
}

#[test]
fn a_peer_that_answers_nothing_defaults_whole_and_every_owner_gets_its_lock() {
    let mut market = Market::new();
    let Market { gold, live, small, .. } = market;
    market.good_epoch(&[gold]);
    for _ in 0..4 {
        let call = action::peer_default(&gold);
        assert_eq!(refused(&mut market, &call), AcesoError::PeerNotDefaulted.into());
        market.next_epoch();
        market.draw_epoch();
    }
    let end = action::lease_end(&gold, live);
    assert_eq!(refused(&mut market, &end), AcesoError::PeerDefaultDue.into());
    // A peer that leases from itself does not save its lock by cancelling now.
    let cancel = action::lease_cancel(market.owner_acting(), &market.about_ecg(), &gold, live);
    assert_eq!(refused(&mut market, &cancel), AcesoError::PeerDefaultDue.into());
    let challenge = market.owed(&gold)[0];
    let answer = market.answer(&gold, &[challenge]);
    must(&mut market, action::peer_default(&gold));
    assert_eq!(refused(&mut market, &answer), AcesoError::PeerDefaulted.into());
    for (lease, price) in [(live, LONG_PRICE), (small, PRICE)] {
        must(&mut market, action::lease_end(&gold, lease));
        let state = market.state_of(&lease);
        assert_eq!(state.owed, u64::from(EPOCHS - 1) * price + 30 * price);
    }
    let peer = market.peer(&gold);
    assert_eq!((peer.locked, peer.live, peer.earned), (0, 0, LONG_PRICE + PRICE));
    wind_up(&mut market, gold);
}

#[test]
fn a_peer_that_loses_too_many_leases_defaults_whole() {
    let terms = MarketTerms { losses_max: 0, ..market_terms() };
    let mut market = Market::without_leases(Clinic::new(), terms);
    let Market { gold, .. } = market;
    let patient = market.patient;
    let (ecg, letter) = (market.about_ecg(), market.about_letter());
    let kind = LeaseKind::Record;
    let first = market.lease("one", patient, &ecg, &gold, kind, &Stored::named("one", 600));
    let second = market.lease("two", patient, &letter, &gold, kind, &Stored::named("two", 600));
    market.next_epoch();
    market.draw_epoch();
    answer_without(&mut market, &first);
    for _ in 0..3 {
        market.next_epoch();
        market.draw_epoch();
    }
    let k = market.owed(&gold)[0].k;
    must(&mut market, action::debt_default(&gold, first, k));
    must(&mut market, action::peer_default(&gold));
    must(&mut market, action::lease_end(&gold, second));
    assert_eq!(market.state_of(&second).end, EndReason::PeerDefaulted as u8);
    wind_up(&mut market, gold);
}

#[test]
fn a_chain_that_halts_for_days_slashes_nobody() {
    let mut market = Market::new();
    let Market { gold, live, small, .. } = market;
    market.next_epoch();
    market.must(action::beacon_arm());
    // Five days without a block, in the middle of an armed epoch; then the slots go on where they stood.
    let (slot, now_secs) = (market.world.clock().slot, market.world.now_secs());
    market.world.set_clock(slot + 40, now_secs + 5 * EPOCH_SECS);
    market.world.remember_slots();
    for call in [action::peer_default(&gold), action::lease_end(&gold, live)] {
        refused(&mut market, &call);
    }
    market.must(action::beacon_draw());
    let k = market.owed(&gold)[0].k;
    let call = action::debt_default(&gold, market.owed(&gold)[0].lease, k);
    assert_eq!(refused(&mut market, &call), AcesoError::GraceNotOver.into());
    market.prove(&gold);
    assert_eq!(
        settle(&mut market, &[live, small]),
        LONG_PRICE + PRICE,
        "its window begins with the draw"
    );
    // The days that nobody could arm are not owed, nor paid.
    market.good_epoch(&[gold]);
    assert_eq!(settle(&mut market, &[live, small]), LONG_PRICE + PRICE);
    assert_eq!(market.beacon().arms, 2);
}

#[test]
fn an_epoch_is_armed_and_drawn_once_and_aimed_anew_when_the_slot_is_forgotten() {
    let mut market = Market::new();
    market.must(action::beacon_arm());
    assert_eq!(refused(&mut market, &action::beacon_arm()), AcesoError::DrawPending.into());
    market.world.remember_slots();
    assert_eq!(refused(&mut market, &action::beacon_draw()), AcesoError::TargetAhead.into());
    assert_eq!(refused(&mut market, &action::beacon_rearm()), AcesoError::TargetDrawable.into());
    // Nobody came for an hour.
    market.world.wait(3_600);
    market.world.remember_slots();
    assert_eq!(refused(&mut market, &action::beacon_draw()), AcesoError::TargetForgotten.into());
    let epoch = market.epoch();
    // Nor the whole day: the epoch is still the one that was armed.
    market.next_epoch();
    market.world.remember_slots();
    assert_eq!(refused(&mut market, &action::beacon_arm()), AcesoError::DrawPending.into());
    market.must(action::beacon_rearm());
    assert_eq!(refused(&mut market, &action::beacon_rearm()), AcesoError::TargetDrawable.into());
    market.world.wait(30);
    market.world.remember_slots();
    // Whoever draws, and whenever: the same seed.
    let mut other = market.clone();
    other.world.wait(100);
    other.world.remember_slots();
    market.must(action::beacon_draw());
    other.must(action::beacon_draw());
    assert_eq!(market.beacon().ring[0].seed, other.beacon().ring[0].seed);
    assert_eq!(market.beacon().ring[0].epoch, epoch);
    assert_eq!(refused(&mut market, &action::beacon_draw()), AcesoError::NothingArmed.into());
    market.must(action::beacon_arm());
    assert_eq!(market.beacon().armed_epoch, epoch + 1);
}

#[test]
fn a_draining_peer_is_challenged_until_its_notice_is_over() {
    let mut market = Market::new();
    let Market { gold, live, small, offered, .. } = market;
    must(&mut market, action::peer_drain(&gold));
    let accept = market.accept_call(&gold, offered);
    assert_eq!(refused(&mut market, &accept), AcesoError::PeerDraining.into());
    for _ in 0..29 {
        market.good_epoch(&[gold]);
        let end = action::lease_end(&gold, live);
        assert_eq!(refused(&mut market, &end), AcesoError::LeaseTermNotOver.into());
    }
    market.next_epoch();
    market.draw_epoch();
    let end = action::lease_end(&gold, live);
    assert_eq!(refused(&mut market, &end), AcesoError::LeaseTermNotOver.into(), "it owes a proof");
    market.prove(&gold);
    must(&mut market, end);
    must(&mut market, action::lease_end(&gold, small));
    let state = market.state_of(&live);
    assert_eq!((state.end, state.owed), (EndReason::Released as u8, 10 * LONG_PRICE));
    assert_eq!(market.peer(&gold).earned, 30 * (LONG_PRICE + PRICE));
    wind_up(&mut market, gold);
}

#[test]
fn an_amendment_counts_from_its_acceptance_even_while_challenges_are_open() {
    let mut market = Market::owing();
    let Market { gold, live, .. } = market;
    let (acting, about) = (market.owner_acting(), market.about_ecg());
    let new = Stored::named("ecg, second version", 900_001);
    let amendment = Amendment { root: new.root(), digest: new.digest, stored_len: new.len() };
    must(&mut market, action::lease_amend(acting, &about, live, amendment));
    let owed: Vec<_> = market.owed(&gold).into_iter().filter(|c| c.lease == live).collect();
    let (old_answer, late) = (market.answer(&gold, &owed[..1]), market.answer(&gold, &owed[1..2]));
    must(&mut market, old_answer);
    must(&mut market, action::lease_amend_accept(&gold, live, amendment));
    let cause = refused(&mut market, &late);
    let wrong = [AcesoError::ProofWrong, AcesoError::PathLength, AcesoError::LeafLength];
    assert!(wrong.into_iter().any(|error| cause == error.into()), "{cause:?}");
    // The same offset, in the tree that is in force now.
    market.prove(&gold);
    assert_eq!(settle(&mut market, &[live]), LONG_PRICE, "weight and price stay");
    // An amendment to bytes that nobody ever uploads stays pending, and is dropped in the end.
    let never = Amendment { root: [9; 32], ..amendment };
    let acting = market.owner_acting();
    must(&mut market, action::lease_amend(acting, &about, live, never));
    market.good_epoch(&[gold]);
    assert_eq!(settle(&mut market, &[live]), LONG_PRICE);
    let acting = market.owner_acting();
    must(&mut market, action::lease_cancel(acting, &about, &gold, live));
    assert_eq!(market.state_of(&live).next_len, 0);
}

#[test]
fn a_spot_check_is_answered_or_costs_the_lease() {
    let mut market = Market::new();
    let Market { gold, live, small, .. } = market;
    let (checker, answerer) = (market.stranger.wallet, market.nurse.wallet);
    let before = market.world.lamports(&checker);
    must(&mut market, action::spot_open(checker, &gold, live, LONG_WEIGHT - 1));
    must(&mut market, action::spot_open(checker, &gold, small, 2_047));
    assert_eq!(market.world.lamports(&checker), before - 40_000);
    let state = market.state_of(&live);
    let leaf = (LONG_WEIGHT - 1) % state.stored_len.div_ceil(512);
    let proof = Stored::of(&state.root).prove(0, leaf);
    assert_eq!(proof.leaf.len(), 384, "the last leaf");
    let gain = market.world.lamports(&answerer);
    must(&mut market, action::spot_answer(live, answerer, proof.clone()));
    assert_eq!(market.world.lamports(&answerer) - gain, 20_000);
    let again = action::spot_answer(live, answerer, proof);
    assert_eq!(refused(&mut market, &again), AcesoError::SpotNotOpen.into());
    // Time alone does not do, nor do draws.
    market.world.wait(5 * EPOCH_SECS);
    let default = action::spot_default(&gold, small, checker);
    assert_eq!(refused(&mut market, &default), AcesoError::SpotNotDue.into());
    for _ in 0..4 {
        assert_eq!(refused(&mut market, &default), AcesoError::SpotNotDue.into());
        market.good_epoch(&[gold]);
    }
    must(&mut market, default);
    assert_eq!(market.world.lamports(&checker), before - 20_000, "its deposit is back");
    let lost = market.state_of(&small);
    assert_eq!((lost.end, lost.owed), (EndReason::Defaulted as u8, 36 * PRICE + 30 * PRICE));
    assert!(market.state_of(&live).is_live());
}

#[test]
fn a_spot_check_of_a_lease_that_ends_otherwise_gives_its_deposit_back() {
    let mut market = Market::new();
    let Market { gold, live, .. } = market;
    let checker = market.stranger.wallet;
    let before = market.world.lamports(&checker);
    must(&mut market, action::spot_open(checker, &gold, live, 7));
    let (acting, about) = (market.owner_acting(), market.about_ecg());
    must(&mut market, action::lease_cancel(acting, &about, &gold, live));
    must(&mut market, action::spot_default(&gold, live, checker));
    assert_eq!(market.world.lamports(&checker), before);
    assert_eq!(market.state_of(&live).end, EndReason::Cancelled as u8);
    assert_eq!(market.ledger(&gold).losses, [0; 4]);
}

/// A peer that has lost bytes leases to itself (by a friend) and cancels, to be challenged about those instead: they stay
/// in the set, must be proven like all others, and cannot leave while anything is owed.
#[test]
fn cancelled_leases_dilute_nothing() {
    let mut market = Market::new();
    let Market { gold, ended, offered, .. } = market;
    let (patient, chart) = (market.patient, market.about_chart());
    // An offer that is cancelled before it is accepted never had weight.
    let total = market.ledger(&gold).total;
    must(&mut market, action::lease_cancel(patient.acting(), &chart, &gold, offered));
    let apply = action::set_apply(&gold, &[offered]);
    assert_eq!(refused(&mut market, &apply), AcesoError::LeaseNotInSet.into());
    assert_eq!(market.ledger(&gold).total, total);
    market.next_epoch();
    market.draw_epoch();
    assert!(
        market.owed(&gold).iter().any(|c| c.lease == ended),
        "challenges name the cancelled one"
    );
    let apply = action::set_apply(&gold, &[ended]);
    assert_eq!(refused(&mut market, &apply), AcesoError::ProofsOwed.into());
    // What is accepted after the arming is not in the range, and earns nothing of this epoch.
    let stored = Stored::named("late", 800);
    let letters = market.about_folder(patient, market.letters);
    let late = market.lease("late", patient, &letters, &gold, LeaseKind::Keyring, &stored);
    assert_eq!(market.state_of(&late).from_epoch, market.epoch() + 1);
    assert!(market.owed(&gold).iter().all(|c| c.lease != late));
    answer_without(&mut market, &ended);
    assert_eq!(
        market.ledger(&gold).credited_until,
        0,
        "no credit without the cancelled one's proofs"
    );
    market.prove(&gold);
    assert_eq!(market.ledger(&gold).credited_until, market.epoch() + 1);
    assert_eq!(settle(&mut market, &[late]), 0);
    must(&mut market, apply);
    market.next_epoch();
    market.draw_epoch();
    assert!(market.owed(&gold).iter().all(|c| c.lease != ended));
    assert!(market.owed(&gold).iter().any(|c| c.lease == late));
}

#[test]
fn a_frozen_or_closed_payout_account_holds_nothing_up() {
    let mut market = Market::proven();
    let Market { gold, live, small, neighbour_gold, .. } = market;
    must(&mut market, action::peer_payout_set(&gold, Some(neighbour_gold)));
    market.world.freeze(&neighbour_gold);
    let pay = action::lease_settle(&gold, Some(neighbour_gold), &[live, small]);
    let frozen = solana_instruction_error::InstructionError::Custom(ACCOUNT_FROZEN);
    assert_eq!(refused(&mut market, &pay), frozen.into());
    assert_eq!(settle(&mut market, &[live, small]), LONG_PRICE + PRICE);
    market.world.close_tokens(&neighbour_gold);
    refused(&mut market, &pay);
    market.good_epoch(&[gold]);
    assert_eq!(settle(&mut market, &[live, small]), LONG_PRICE + PRICE);
    let (acting, about) = (market.owner_acting(), market.about_ecg());
    must(&mut market, action::lease_cancel(acting, &about, &gold, live));
    // It names another account, and gets it all.
    let purse = gold.purse;
    must(&mut market, action::peer_payout_set(&gold, Some(purse)));
    let before = market.world.tokens(&purse);
    must(&mut market, action::lease_settle(&gold, Some(purse), &[]));
    assert_eq!(market.world.tokens(&purse) - before, 2 * (LONG_PRICE + PRICE));
}

#[test]
fn a_lease_made_anew_at_its_address_is_not_the_old_one() {
    let mut market = Market::proven();
    let Market { gold, ended, neighbour_gold, .. } = market;
    let (neighbour, sponsor) = (market.neighbour, market.sponsor);
    must(&mut market, action::lease_claim(&gold, ended, neighbour.profile, neighbour_gold));
    must(&mut market, action::set_apply(&gold, &[ended]));
    let stale = market.acceptance(&ended);
    must(&mut market, action::lease_close(&gold, ended, sponsor));
    let about = market.about_theirs();
    let stored = Stored::named("their record, again", 3_000);
    let kind = LeaseKind::Record;
    let anew = market.offer("anew", neighbour, &about, &gold, kind, &stored);
    assert_eq!(anew, ended, "the same address");
    // The operator held other bytes for the earlier one.
    let accept = action::lease_accept(sponsor, &gold, anew, stale);
    assert_eq!(refused(&mut market, &accept), AcesoError::LeaseChanged.into());
    let accept = market.accept_call(&gold, anew);
    must(&mut market, accept);
    assert_eq!(market.state_of(&anew).slot, 3, "slots are not used again");
    assert_eq!(settle(&mut market, &[anew]), 0, "what was proven before is not its own");
    market.draw_epoch();
    market.prove(&gold);
    assert_eq!(settle(&mut market, &[anew]), PRICE);
}

#[test]
fn a_peer_made_anew_at_its_address_owes_nothing_of_the_old_one() {
    let mut market = Market::new();
    let Market { silver, elsewhere, patient_silver, .. } = market;
    let (patient, sponsor, about) = (market.patient, market.sponsor, market.about_ecg());
    must(&mut market, action::lease_cancel(patient.acting(), &about, &silver, elsewhere));
    let retire = action::peer_retire(&silver, silver.purse, sponsor);
    assert_eq!(refused(&mut market, &retire), AcesoError::PeerInUse.into());
    must(&mut market, action::lease_claim(&silver, elsewhere, patient.profile, patient_silver));
    must(&mut market, action::set_apply(&silver, &[elsewhere]));
    let old = market.world.account(&elsewhere).expect("it stands");
    must(&mut market, action::lease_close(&silver, elsewhere, sponsor));
    market.must(retire);
    market.world.wait(60);
    let args = crate::support::market::peer_args(silver.operator);
    market.must(action::peer_register(sponsor, &silver, args));
    // As if the lease had outlived its peer.
    market.world.put(elsewhere, old);
    let calls = [
        action::lease_settle(&silver, None, &[elsewhere]),
        action::set_apply(&silver, &[elsewhere]),
        action::lease_close(&silver, elsewhere, sponsor),
        action::lease_claim(&silver, elsewhere, patient.profile, patient_silver),
    ];
    for call in calls {
        assert_eq!(refused(&mut market, &call), AcesoError::WrongPeer.into());
    }
}

#[test]
fn prices_and_epochs_that_cannot_be_counted_are_refused() {
    let mut market = Market::new();
    let Market { gold, live, patient_gold, .. } = market;
    let (patient, letters) = (market.patient, market.about_folder(market.patient, market.letters));
    let funds = Funds { funder: patient.wallet, source: patient_gold };
    let stored = Stored::named("dear", 800);
    // All the gold that there can be, twice.
    market.world.set_tokens(&patient_gold, u64::MAX / 2);
    let sponsor = market.sponsor;
    let offer = |epochs| Offer {
        price_max: u64::MAX,
        ..Market::offer_args(LeaseKind::Keyring, 0, &stored, epochs)
    };
    let open = |epochs| {
        action::lease_open(sponsor, patient.acting(), &letters, &gold, funds, offer(epochs))
    };
    market.world.tamper::<Peer>(&gold.peer, |peer| peer.price_flat = u64::MAX / 4);
    assert_eq!(refused(&mut market, &open(5)), AcesoError::Overflow.into());
    let one = open(1);
    market.must(one.clone());
    let lease = one.key("lease");
    // Its penalty is past all numbers, so nobody can accept it; it is refunded like any other.
    let accept = market.accept_call(&gold, lease);
    assert_eq!(refused(&mut market, &accept), AcesoError::Overflow.into());
    must(&mut market, action::lease_decline(&gold, lease));
    must(&mut market, action::lease_claim(&gold, lease, patient.profile, patient_gold));
    assert_eq!(market.world.tokens(&patient_gold), u64::MAX / 2);
    let about = market.about_ecg();
    let extend =
        |epochs| action::lease_extend(patient.acting(), &about, &gold, live, funds, epochs);
    assert_eq!(refused(&mut market, &extend(u32::MAX)), AcesoError::PriceRaised.into());
    market.world.tamper::<Peer>(&gold.peer, |peer| peer.price_flat = PRICE_FLAT);
    assert_eq!(refused(&mut market, &extend(u32::MAX)), AcesoError::LeaseTerm.into());
}

#[test]
fn the_ledger_grows_past_its_first_slots_and_still_names_every_lease() {
    let mut market = Market::without_leases(Clinic::new(), market_terms());
    let Market { gold, patient_gold, .. } = market;
    let (patient, sponsor) = (market.patient, market.sponsor);
    let letters = market.about_folder(patient, market.letters);
    let funds = Funds { funder: patient.wallet, source: patient_gold };
    market.world.set_tokens(&patient_gold, PURSE * 10);
    market.world.tamper::<Peer>(&gold.peer, |peer| peer.bond += 100_000_000);
    let held = market.world.tokens(&gold.vault);
    market.world.set_tokens(&gold.vault, held + 100_000_000);
    for number in 0..130u8 {
        let stored = Stored::named(&format!("pack {number}"), 600 + usize::from(number));
        let offer = Market::offer_args(LeaseKind::Pack, number, &stored, 3);
        let call = action::lease_open(sponsor, patient.acting(), &letters, &gold, funds, offer);
        market.must(call.clone());
        let accept = market.accept_call(&gold, call.key("lease"));
        market.must(accept);
    }
    let ledger = market.ledger(&gold);
    assert_eq!((ledger.slots, ledger.capacity, ledger.total), (130, 256, 130 * 2_048));
    let rent = market.world.rent(LedgerMut::space(256));
    assert_eq!(market.world.lamports(&gold.ledger), rent);
    market.good_epoch(&[gold]);
    assert!(market.owed(&gold).is_empty());
    market.check_books(&gold);
}

/// Everything that the peer has to do with is ended, claimed and closed, and it retires: nothing is stranded.
fn wind_up(market: &mut Market, site: Site) {
    let (sponsor, patient, neighbour) = (market.sponsor, market.patient, market.neighbour);
    for (key, lease) in market.leases(&site) {
        let (owner, purse) = match lease.owner == patient.profile {
            true => (patient, market.patient_gold),
            false => (neighbour, market.neighbour_gold),
        };
        if lease.status == LeaseStatus::Offered as u8 {
            must(market, action::lease_decline(&site, key));
        }
        if market.state_of(&key).owed > 0 {
            must(market, action::lease_claim(&site, key, owner.profile, purse));
        }
        if !market.peer(&site).is_defaulted() && market.state_of(&key).has_slot == 1 {
            must(market, action::set_apply(&site, &[key]));
        }
        must(market, action::lease_close(&site, key, sponsor));
    }
    let held = market.world.tokens(&site.vault);
    let before = market.world.tokens(&site.purse);
    market.must(action::peer_retire(&site, site.purse, sponsor));
    assert_eq!(market.world.tokens(&site.purse) - before, held);
    for key in [site.peer, site.ledger, site.vault] {
        assert!(market.world.account(&key).is_none(), "it is closed");
    }
}
