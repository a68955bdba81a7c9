//! The ledger against a model that keeps everything: each arming with the set as it then was, each epoch with its answers.

use std::collections::BTreeSet;

use aceso::{error::AcesoError, state::*};
use anchor_lang::{prelude::*, Discriminator};
use bytemuck::Zeroable;
use proptest::prelude::*;

use crate::beacon::{clock, pass, Chain, EPOCH_SECS};

pub const PEER: Pubkey = Pubkey::new_from_array([77; 32]);
const DAY_ZERO: u64 = 20_000;

pub fn terms(challenges: u8) -> MarketTerms {
    MarketTerms {
        challenges,
        grace_draws: 3,
        losses_max: 3,
        window_secs: (EPOCH_SECS / 2) as u32,
        ..MarketTerms::zeroed()
    }
}

/// A ledger's account as it lies on chain, with nothing around it.
#[derive(Clone)]
pub struct Book {
    /// As u64, because the data of an account are aligned so.
    data: Vec<u64>,
}

impl Book {
    pub fn new(challenges: u8) -> Self {
        let mut head = Ledger::zeroed();
        head.open(PEER, 5, terms(challenges), EPOCH_SECS).unwrap();
        let mut data = vec![0; Ledger::SPACE / 8];
        let bytes = [Ledger::DISCRIMINATOR, bytemuck::bytes_of(&head)].concat();
        bytemuck::cast_slice_mut(&mut data).copy_from_slice(&bytes);
        Self { data }
    }

    pub fn view(&mut self) -> LedgerMut<'_> {
        LedgerMut::new(bytemuck::cast_slice_mut(&mut self.data)).unwrap()
    }

    pub fn head(&self) -> Ledger {
        let bytes: &[u8] = bytemuck::cast_slice(&self.data);
        bytemuck::pod_read_unaligned(&bytes[8..Ledger::SPACE])
    }

    /// As `account::grow_ledger` does it, without the rent.
    pub fn append(&mut self, beacon: &Beacon, weight: u64) -> u32 {
        if self.view().is_full() {
            let capacity = self.head().capacity + Ledger::GROWTH;
            let space = LedgerMut::space(capacity);
            assert_eq!(space % 8, 0);
            self.data.resize(space / 8, 0);
            LedgerMut::grown(bytemuck::cast_slice_mut(&mut self.data)).unwrap();
        }
        self.view().append(beacon, weight).unwrap()
    }

    /// Does nothing when it is refused, as a transaction.
    fn attempt<T>(&mut self, rule: impl FnOnce(&mut LedgerMut) -> Result<T>) -> Result<T> {
        let before = self.data.clone();
        let done = rule(&mut self.view());
        if done.is_err() {
            self.data = before;
        }
        done
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T>, error: AcesoError) {
    assert_eq!(result.expect_err("it is refused"), error.into());
}

#[derive(Clone, Debug)]
enum Step {
    Append(u64),
    Remove(prop::sample::Index),
    Arm,
    Draw,
    /// Arm and draw, so many days in a row.
    Days(u64),
    Answer(u8),
    /// All open ones.
    AnswerAll,
    Default {
        k: u8,
        lost: bool,
    },
    Wait {
        secs: i64,
    },
    WaitEpochs {
        epochs: i64,
    },
    Sync,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![Just(2_048u64), 2_048u64..1 << 25].prop_map(Step::Append),
        4 => any::<prop::sample::Index>().prop_map(Step::Remove),
        6 => Just(Step::Arm),
        6 => Just(Step::Draw),
        1 => (1..90u64).prop_map(Step::Days),
        4 => (0..5u8).prop_map(Step::Answer),
        8 => Just(Step::AnswerAll),
        3 => (0..5u8, prop::bool::weighted(0.3)).prop_map(|(k, lost)| Step::Default { k, lost }),
        6 => (1..EPOCH_SECS).prop_map(|secs| Step::Wait { secs }),
        1 => prop_oneof![1i64..70, 4_000i64..4_200].prop_map(|epochs| Step::WaitEpochs { epochs }),
        1 => Just(Step::Sync),
    ]
}

/// An armed epoch, and what the set was at that moment.
struct Owed {
    epoch: u64,
    weights: Vec<u64>,
    drawn_at_secs: Option<i64>,
    answered: BTreeSet<u8>,
    defaulted: BTreeSet<u8>,
    finished: bool,
}

struct Model {
    book: Book,
    beacon: Beacon,
    now_secs: i64,
    challenges: u8,
    weights: Vec<u64>,
    epochs: Vec<Owed>,
    credited: BTreeSet<u64>,
    failed: bool,
}

impl Model {
    fn new(challenges: u8) -> Self {
        let mut beacon = Beacon::zeroed();
        beacon.open(EPOCH_SECS).unwrap();
        Self {
            book: Book::new(challenges),
            beacon,
            now_secs: DAY_ZERO as i64 * EPOCH_SECS,
            challenges,
            weights: Vec::new(),
            epochs: Vec::new(),
            credited: BTreeSet::new(),
            failed: false,
        }
    }

    fn arm(&mut self) {
        if self.beacon.arm(&clock(1_000 + self.beacon.arms * 100, self.now_secs)).is_ok() {
            self.epochs.push(Owed {
                epoch: (self.now_secs / EPOCH_SECS) as u64,
                weights: self.weights.clone(),
                drawn_at_secs: None,
                answered: BTreeSet::new(),
                defaulted: BTreeSet::new(),
                finished: self.weights.iter().sum::<u64>() == 0,
            });
        }
    }

    fn draw(&mut self) {
        let mut chain = Chain::default();
        chain.block(self.beacon.target_slot.saturating_sub(1));
        chain.block(self.beacon.target_slot);
        if self.beacon.draw(&chain.sysvar(), self.now_secs).is_ok() {
            self.epochs.last_mut().unwrap().drawn_at_secs = Some(self.now_secs);
        }
    }

    /// Number of the oldest epoch that owes anything.
    fn oldest(&self) -> Option<usize> {
        self.epochs.iter().position(|owed| !owed.finished)
    }

    fn draws(&self) -> usize {
        self.epochs.iter().filter(|owed| owed.drawn_at_secs.is_some()).count()
    }

    fn is_past_grace(&self) -> bool {
        self.oldest().is_some_and(|oldest| self.draws() >= oldest + 1 + 3)
    }

    /// Neither beacon nor ledger remember it any more: nothing can be answered.
    fn is_forgotten(&self) -> bool {
        self.oldest().is_some_and(|oldest| self.epochs.len() > oldest + 64)
    }

    fn challenge(&mut self, k: u8) -> Option<(u32, u64)> {
        let oldest = self.oldest()?;
        let weights = &self.epochs[oldest].weights;
        let draw = self.beacon.ring[oldest % 64];
        let label = b"aceso/challenge/v1";
        let bytes = [&label[..], &draw.seed, PEER.as_ref(), &[k]].concat();
        let hash = solana_sha256_hasher::hash(&bytes).to_bytes();
        let range: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let mut rest = (u128::from_le_bytes(hash[..16].try_into().unwrap()) % range) as u64;
        for (slot, weight) in (0u32..).zip(weights) {
            if rest < *weight {
                return Some((slot, rest));
            }
            rest -= weight;
        }
        unreachable!("it is below the range")
    }

    /// Whether a challenge of the oldest epoch can be answered at all: drawn and not forgotten.
    fn owed(&self) -> Option<usize> {
        self.oldest().filter(|n| self.epochs[*n].drawn_at_secs.is_some() && !self.is_forgotten())
    }

    fn answer(&mut self, k: u8) {
        let owed = self.owed();
        let open = owed.is_some_and(|n| self.is_open(n, k));
        let (beacon, now_secs) = (self.beacon, self.now_secs);
        let expected = owed.filter(|_| k < self.challenges).and_then(|_| self.challenge(k));
        let done = self.book.attempt(|ledger| {
            ledger.sync(&beacon)?;
            let draw = ledger.owed(&beacon)?;
            assert_eq!(ledger.challenge(draw, k).ok(), expected);
            ledger.answer(k)?;
            ledger.finish(&beacon, now_secs)
        });
        assert_eq!(done.is_ok(), open, "answer {k}: {done:?}");
        if let (Ok(finished), Some(n)) = (done, owed) {
            self.epochs[n].answered.insert(k);
            self.finish(n, finished);
        }
    }

    fn default(&mut self, k: u8, lost: bool) {
        let owed = self.owed();
        let may = owed.is_some_and(|n| self.is_open(n, k)) && (lost || self.is_past_grace());
        let (beacon, now_secs) = (self.beacon, self.now_secs);
        let done = self.book.attempt(|ledger| {
            ledger.sync(&beacon)?;
            ledger.owed(&beacon)?;
            ledger.default_challenge(&beacon, k, lost)?;
            ledger.finish(&beacon, now_secs)
        });
        assert_eq!(done.is_ok(), may, "default {k}: {done:?}");
        if let (Ok(finished), Some(n)) = (done, owed) {
            self.epochs[n].defaulted.insert(k);
            self.finish(n, finished);
        }
    }

    fn is_open(&self, n: usize, k: u8) -> bool {
        let owed = &self.epochs[n];
        k < self.challenges && !owed.answered.contains(&k) && !owed.defaulted.contains(&k)
    }

    fn finish(&mut self, n: usize, finished: Option<Finished>) {
        let past_grace = self.is_past_grace();
        let owed = &mut self.epochs[n];
        if owed.answered.len() + owed.defaulted.len() < usize::from(self.challenges) {
            assert_eq!(finished, None);
            return;
        }
        owed.finished = true;
        let in_time = self.now_secs <= owed.drawn_at_secs.unwrap() + EPOCH_SECS / 2;
        let credited = owed.defaulted.is_empty() && in_time;
        assert_eq!(finished, Some(Finished { seq: n as u64, epoch: owed.epoch, credited }));
        self.failed |= owed.answered.is_empty() && past_grace;
        if credited {
            self.credited.insert(owed.epoch);
        }
    }

    fn remove(&mut self, at: prop::sample::Index) {
        if self.weights.is_empty() {
            return;
        }
        let slot = at.index(self.weights.len());
        let (beacon, weight) = (self.beacon, self.weights[slot]);
        let number = u32::try_from(slot).unwrap();
        let done = self.book.attempt(|ledger| ledger.remove(&beacon, number, weight));
        let may = weight > 0 && self.oldest().is_none();
        assert_eq!(done.is_ok(), may, "removal, once, when nothing is owed: {done:?}");
        if done.is_ok() {
            self.weights[slot] = 0;
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Append(weight) => {
                let slot = self.book.append(&self.beacon, weight);
                assert_eq!(slot as usize, self.weights.len());
                self.weights.push(weight);
            }
            Step::Remove(at) => self.remove(at),
            Step::Arm => self.arm(),
            Step::Draw => self.draw(),
            Step::Days(days) => {
                for _ in 0..days {
                    self.now_secs += EPOCH_SECS;
                    self.arm();
                    self.draw();
                }
            }
            Step::Answer(k) => self.answer(k),
            Step::AnswerAll => {
                for k in 0..self.challenges {
                    if self.owed().is_some_and(|n| self.is_open(n, k)) {
                        self.answer(k);
                    }
                }
            }
            Step::Default { k, lost } => self.default(k, lost),
            Step::Wait { secs } => self.now_secs += secs,
            Step::WaitEpochs { epochs } => self.now_secs += epochs * EPOCH_SECS,
            Step::Sync => {
                let beacon = self.beacon;
                self.book.view().sync(&beacon).unwrap();
            }
        }
        self.check();
    }

    fn check(&self) {
        let (head, beacon, now) = (self.book.head(), &self.beacon, self.now_secs);
        head.invariant().unwrap();
        beacon.invariant().unwrap();
        assert_eq!(head.total, self.weights.iter().sum::<u64>());
        let emptied = self.weights.iter().filter(|weight| **weight == 0).count();
        assert_eq!((head.slots as usize, head.removals as usize), (self.weights.len(), emptied));
        assert_eq!(head.is_settled(beacon), self.oldest().is_none());
        assert_eq!(head.is_past_grace(beacon), self.is_past_grace());
        assert_eq!(head.is_forgotten(beacon), self.is_forgotten());
        let silent = self.oldest().is_some_and(|n| self.epochs[n].answered.is_empty());
        let due = self.failed || (silent && self.is_past_grace()) || self.is_forgotten();
        assert_eq!(head.whole_default_due(beacon, now), due);

        let closed = head.closed_epoch(beacon);
        let newest = self.credited.last().copied();
        match self.oldest() {
            None => assert_eq!(closed, self.epochs.last().map_or(0, |last| last.epoch + 1)),
            Some(_) if self.is_forgotten() => assert_eq!(closed, newest.map_or(0, |e| e + 1)),
            Some(n) => assert_eq!(closed, self.epochs[n].epoch),
        }
        // Nothing is paid of what can still turn out otherwise.
        assert!(newest.is_none_or(|newest| newest < closed));
        let remembered = newest.map_or(0, |newest| (newest + 1).saturating_sub(4_096));
        for (from, to) in [
            (0, u64::MAX),
            (0, closed),
            (DAY_ZERO, DAY_ZERO + 100),
            (DAY_ZERO + 63, DAY_ZERO + 64),
            (closed.saturating_sub(70), closed.saturating_sub(3)),
            (closed.saturating_sub(4_100), closed),
            (closed, 0),
        ] {
            let from_known = from.max(remembered);
            let count = match from_known < to {
                true => self.credited.range(from_known..to).count() as u64,
                false => 0,
            };
            assert_eq!(head.credited_between(from, to), count, "{from}..{to}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn histories_of_any_order_end_as_the_model_says(
        challenges in 1..5u8, steps in prop::collection::vec(step(), 1..150),
    ) {
        let mut model = Model::new(challenges);
        for step in steps {
            model.run(step);
        }
    }

    /// The ring of credits, over gaps of any length: what it held 4,096 epochs earlier is gone.
    #[test]
    fn credits_of_the_last_4096_epochs_are_kept_and_no_others(
        gaps in prop::collection::vec(prop_oneof![4 => 1u64..3, 2 => 1u64..200, 1 => 3_000u64..9_000], 1..80),
        credited in prop::collection::vec(prop::bool::weighted(0.7), 80),
        spans in prop::collection::vec((0u64..5_000, 0u64..5_000), 20),
    ) {
        let mut model = Model::new(1);
        model.run(Step::Append(2_048));
        for (gap, in_time) in gaps.into_iter().zip(credited) {
            model.now_secs += gap as i64 * EPOCH_SECS;
            model.arm();
            model.draw();
            if !in_time {
                model.now_secs += EPOCH_SECS / 2 + 1;
            }
            model.answer(0);
            model.now_secs -= model.now_secs % EPOCH_SECS;
            model.check();
        }
        let (head, newest) = (model.book.head(), model.credited.last().copied().unwrap_or(0));
        for (back, length) in spans {
            let from = newest.saturating_sub(back);
            let known = from.max((newest + 1).saturating_sub(4_096))..from + length;
            let kept = model.credited.iter().filter(|epoch| known.contains(epoch)).count();
            prop_assert_eq!(head.credited_between(from, from + length), kept as u64);
        }
    }
}

/// A ledger with one slot and a beacon that has drawn so many times since.
fn owing(challenges: u8, draws: u64) -> (Book, Beacon, i64) {
    let mut beacon = crate::beacon::beacon();
    let mut book = Book::new(challenges);
    book.append(&beacon, 2_048);
    let mut now = DAY_ZERO as i64 * EPOCH_SECS;
    for _ in 0..draws {
        now += EPOCH_SECS;
        pass(&mut beacon, now);
    }
    book.view().sync(&beacon).unwrap();
    (book, beacon, now)
}

#[test]
fn a_ledger_made_late_owes_nothing_of_what_passed_before() {
    let (_, beacon, now) = owing(1, 200);
    let mut book = Book::new(1);
    assert!(book.head().is_settled(&beacon));
    assert_eq!(book.head().closed_epoch(&beacon), beacon.armed_epoch + 1);
    book.append(&beacon, 2_048);
    assert!(book.head().is_settled(&beacon) && !book.head().whole_default_due(&beacon, now));
    refused(book.view().owed(&beacon), AcesoError::NoProofOwed);
}

#[test]
fn the_range_is_pinned_at_arming_and_the_oldest_debt_comes_first() {
    let (mut book, mut beacon, now) = owing(2, 1);
    book.append(&beacon, 1 << 20);
    pass(&mut beacon, now + EPOCH_SECS);
    // Armed after the second slot was appended, but owed after the first.
    for k in 0..2 {
        let ledger = book.view();
        assert_eq!(ledger.challenge(ledger.owed(&beacon).unwrap(), k).unwrap().0, 0);
    }
    let mut ledger = book.view();
    for k in 0..2 {
        ledger.answer(k).unwrap();
        refused(ledger.answer(k), AcesoError::ChallengeClosed);
        refused(ledger.default_challenge(&beacon, k, true), AcesoError::ChallengeClosed);
    }
    refused(ledger.answer(2), AcesoError::ChallengeUnknown);
    let late = ledger.finish(&beacon, now + EPOCH_SECS).unwrap().unwrap();
    assert_eq!((late.seq, late.credited), (0, false), "past its window it only clears the debt");
    ledger.sync(&beacon).unwrap();
    assert_eq!((ledger.next_seq, ledger.pinned), (1, 2));
    assert_eq!(ledger.ranges[1], 2_048 + (1 << 20));
}

#[test]
fn an_answer_earns_until_the_last_second_of_its_window() {
    for (late, credited) in [(0, true), (1, false)] {
        let (mut book, beacon, now) = owing(1, 1);
        let mut ledger = book.view();
        ledger.answer(0).unwrap();
        let done = ledger.finish(&beacon, now + EPOCH_SECS / 2 + late).unwrap().unwrap();
        assert_eq!(done.credited, credited);
        assert_eq!(ledger.credited_between(0, u64::MAX), u64::from(credited));
    }
}

#[test]
fn a_debt_stays_within_its_grace_for_three_more_draws() {
    let (mut book, beacon, now) = owing(2, 3);
    refused(book.view().default_challenge(&beacon, 0, false), AcesoError::GraceNotOver);
    assert!(!book.head().whole_default_due(&beacon, now));
    let (mut book, beacon, now) = owing(2, 4);
    assert!(book.head().whole_default_due(&beacon, now), "nothing answered");
    book.view().answer(1).unwrap();
    assert!(!book.head().whole_default_due(&beacon, now), "something answered");
    book.view().default_challenge(&beacon, 0, false).unwrap();
    let done = book.view().finish(&beacon, now).unwrap().unwrap();
    assert!(!done.credited);
    assert!(!book.head().whole_default_due(&beacon, now));
}

/// Its friends may clear the debt of a peer that answered nothing challenge by challenge: it defaults whole all the same.
#[test]
fn clearing_a_debt_unanswered_does_not_hide_it() {
    let (mut book, mut beacon, mut now) = owing(2, 4);
    for k in 0..2 {
        book.view().default_challenge(&beacon, k, false).unwrap();
    }
    book.view().finish(&beacon, now).unwrap().unwrap();
    assert_eq!((book.head().next_seq, book.head().failed), (1, 1));
    assert!(book.head().whole_default_due(&beacon, now));
    now += EPOCH_SECS;
    pass(&mut beacon, now);
    assert!(book.head().whole_default_due(&beacon, now + 365 * EPOCH_SECS));
}

/// What named a lease that was lost before is given up at once, so the set gets settled and can shrink.
#[test]
fn what_was_lost_before_does_not_hold_the_set_up() {
    let (mut book, mut beacon, mut now) = owing(1, 1);
    book.append(&beacon, 2_048);
    for _ in 0..3 {
        book.view().default_challenge(&beacon, 0, true).unwrap();
        assert!(!book.view().finish(&beacon, now).unwrap().unwrap().credited);
        assert!(book.head().is_settled(&beacon));
        assert!(!book.head().whole_default_due(&beacon, now), "within its grace");
        now += EPOCH_SECS;
        pass(&mut beacon, now);
        book.view().sync(&beacon).unwrap();
    }
    book.view().answer(0).unwrap();
    assert!(book.view().finish(&beacon, now).unwrap().unwrap().credited);
    book.view().remove(&beacon, 0, 2_048).unwrap();
    assert_eq!(book.head().total, 2_048);
}

#[test]
fn the_fourth_loss_within_thirty_days_is_one_too_many() {
    let day = 86_400;
    let (book, beacon, _) = owing(1, 1);
    let mut head = book.head();
    let start = 1_000 * day;
    for n in 0..3 {
        head.record_loss(start + n * day);
        assert!(!head.whole_default_due(&beacon, start + n * day));
    }
    let mut soon = head;
    soon.record_loss(start + 30 * day - 1);
    assert!(soon.whole_default_due(&beacon, start + 30 * day - 1));
    assert!(!soon.whole_default_due(&beacon, start + 30 * day), "the first is forgotten");
    head.record_loss(start + 30 * day);
    assert!(!head.whole_default_due(&beacon, start + 30 * day));
    head.record_loss(start + 30 * day + 1);
    assert!(head.whole_default_due(&beacon, start + 30 * day + 1));
    head.terms.losses_max = 0;
    assert!(head.whole_default_due(&beacon, start + 60 * day - 1));
    assert!(!head.whole_default_due(&beacon, start + 60 * day + 1));
}

#[test]
fn the_set_shrinks_only_when_nothing_is_owed_or_undrawn() {
    let (mut book, mut beacon, now) = owing(1, 1);
    refused(book.view().remove(&beacon, 0, 2_048), AcesoError::ProofsOwed);
    book.view().answer(0).unwrap();
    book.view().finish(&beacon, now).unwrap();
    beacon.arm(&clock(9_000, now + EPOCH_SECS)).unwrap();
    refused(book.view().remove(&beacon, 0, 2_048), AcesoError::ProofsOwed);
    assert_eq!(book.head().closed_epoch(&beacon), beacon.armed_epoch);
}

/// As the two handlers use it: a challenge names one lease of this very peer, and only ended ones leave the set.
#[test]
fn a_lease_is_named_by_its_slot_and_its_peers_birth() {
    let (mut book, beacon, now) = owing(1, 1);
    let mut lease = Lease {
        peer: PEER,
        peer_created_slot: 5,
        stored_len: 512 * 100,
        weight: 2_048,
        has_slot: 1,
        status: LeaseStatus::Live as u8,
        ..Lease::zeroed()
    };
    let draw = *beacon.draw_of(0).unwrap();
    let (_, rest) = book.view().challenge(&draw, 0).unwrap();
    assert_eq!(book.view().named_leaf(&draw, 0, &lease).unwrap(), rest % 100);
    let mut other = |change: fn(&mut Lease), error| {
        let mut lease = lease;
        change(&mut lease);
        refused(book.view().named_leaf(&draw, 0, &lease), error);
    };
    other(|lease| lease.slot = 1, AcesoError::ChallengeNamesOther);
    other(|lease| lease.has_slot = 0, AcesoError::ChallengeNamesOther);
    other(|lease| lease.peer_created_slot = 4, AcesoError::WrongPeer);
    other(|lease| lease.peer = Pubkey::default(), AcesoError::WrongPeer);

    book.view().answer(0).unwrap();
    book.view().finish(&beacon, now).unwrap();
    refused(book.view().release(&beacon, &mut lease), AcesoError::LeaseNotEnded);
    lease.status = LeaseStatus::Ended as u8;
    refused(
        book.view().release(&beacon, &mut Lease { peer_created_slot: 4, ..lease }),
        AcesoError::WrongPeer,
    );
    refused(
        book.view().release(&beacon, &mut Lease { weight: 2_049, ..lease }),
        AcesoError::InvariantBroken,
    );
    book.view().release(&beacon, &mut lease).unwrap();
    assert_eq!((lease.has_slot, book.head().total, book.head().removals), (0, 0, 1));
    refused(book.view().release(&beacon, &mut lease), AcesoError::LeaseNotInSet);
}

#[test]
fn an_account_that_is_no_ledger_is_not_viewed() {
    let (mut book, _, _) = owing(1, 1);
    let data: &mut [u8] = bytemuck::cast_slice_mut(&mut book.data);
    let len = data.len();
    assert_eq!(len, LedgerMut::space(128));
    assert!(LedgerMut::new(&mut data[..len - 8]).is_err(), "less room than it says");
    assert!(LedgerMut::new(&mut data[..len - 1]).is_err());
    assert!(LedgerMut::new(&mut data[..Ledger::SPACE - 8]).is_err());
    assert!(LedgerMut::new(&mut data[..4]).is_err());
    assert!(LedgerMut::new(&mut data[8..]).is_err(), "no discriminator");
    data[0] ^= 1;
    assert!(LedgerMut::new(data).is_err());
}

#[test]
fn a_full_ledger_takes_no_slot() {
    let beacon = crate::beacon::beacon();
    let mut book = Book::new(1);
    refused(book.view().append(&beacon, 2_048), AcesoError::LedgerFull);
    for n in 0..300 {
        assert_eq!(book.append(&beacon, 2_048 + n), u32::try_from(n).unwrap());
    }
    assert_eq!(book.head().capacity, 3 * Ledger::GROWTH);
    refused(book.view().append(&beacon, 0), AcesoError::InvariantBroken);
}
