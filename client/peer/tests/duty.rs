//! Duties, played against the program's own rules: a peer that does what [`due`] says, whenever it looks and wherever it is
//! killed, is never refused and earns every epoch.

mod support;

use std::collections::BTreeMap;

use aceso::state::{
    Acceptance, Beacon, Layout, Lease, LeaseKind, Ledger, LedgerMut, MarketTerms, Meta, Named,
    Offer, Peer,
};
use aceso_peer::{
    config::Margins,
    duty::{Duty, Held, Unwanted, View, due, in_force, pending},
    holdings::Leased,
    index::{Condition, LeaseEntry, ObjectEntry},
};
use aceso_sdk::chain::Pubkey;
use anchor_lang::{Discriminator, prelude::Clock};
use bytemuck::Zeroable;
use support::{daemon::leased, sample};

const EPOCH: i64 = 86_400;
const START: i64 = 20_000 * EPOCH;
/// Slots are longer here than on a real chain, and looks rarer: what counts is that some fit into the 512 that it remembers.
const SLOT_SECS: i64 = 10;
const PEER: Pubkey = Pubkey::new_from_array([1; 32]);
const OWNER: Pubkey = Pubkey::new_from_array([2; 32]);

fn terms() -> MarketTerms {
    MarketTerms {
        challenges: 24,
        grace_draws: 3,
        losses_max: 3,
        window_secs: (EPOCH / 2) as u32,
        lock_epochs: 30,
        notice_epochs: 5,
        offer_ttl_secs: 2 * EPOCH as u32,
        spot_deposit_lamports: 20_000,
        ..MarketTerms::default()
    }
}

fn margins() -> Margins {
    Margins {
        arm_after_secs: 30,
        prove_within_percent: 25,
        settle_every_epochs: 7,
        accept_before_secs: 60,
        delete_after_secs: 86_400,
    }
}

/// The chain's side, by the program's own state.
struct World {
    now: i64,
    slot: u64,
    beacon: Beacon,
    peer: Peer,
    ledger: Vec<u8>,
    leases: BTreeMap<Pubkey, Lease>,
    held: Vec<Leased>,
    room: u64,
    done: BTreeMap<&'static str, u32>,
    credited: u32,
    paid: u64,
}

impl Held for World {
    fn holds(&self, leased: &Leased) -> bool {
        self.held.contains(leased)
    }

    fn has_room(&self, len: u64) -> bool {
        len <= self.room
    }
}

impl World {
    fn new() -> Self {
        let mut beacon = Beacon::zeroed();
        beacon.open(EPOCH).unwrap();
        let mut peer = Peer::zeroed();
        peer.meta = Meta::new(Pubkey::default(), 5, 255, 1);
        (peer.profile, peer.operator) =
            (Pubkey::new_from_array([3; 32]), Pubkey::new_from_array([4; 32]));
        (peer.price_flat, peer.price_per_gib, peer.lock_floor, peer.bond_min) =
            (10, 1000, 100, 1000);
        peer.add_bond(1_000_000).unwrap();
        let mut ledger = vec![0; LedgerMut::space(128)];
        let mut head = Ledger::zeroed();
        head.open(PEER, 5, terms(), EPOCH).unwrap();
        head.capacity = 128;
        ledger[..8].copy_from_slice(Ledger::DISCRIMINATOR);
        ledger[8..Ledger::SPACE].copy_from_slice(bytemuck::bytes_of(&head));
        let world = Self {
            now: START + 100,
            slot: 1_000,
            beacon,
            peer,
            ledger,
            leases: BTreeMap::new(),
            held: Vec::new(),
            room: 1 << 40,
            done: BTreeMap::new(),
            credited: 0,
            paid: 0,
        };
        world
    }

    fn ledger(&mut self) -> LedgerMut<'_> {
        LedgerMut::new(&mut self.ledger).unwrap()
    }

    fn offer(&mut self, seed: u8, epochs: u32) -> Pubkey {
        let at = Pubkey::new_from_array([seed; 32]);
        let bytes = leased(&sample(1000 + usize::from(seed), u64::from(seed)));
        let offer = Offer {
            kind: LeaseKind::Record,
            number: 0,
            root: bytes.root,
            digest: bytes.address.digest,
            stored_len: bytes.address.len,
            epochs,
            price_max: u64::MAX,
        };
        let mut lease = Lease::zeroed();
        let scope = Named { key: at, created_slot: 5 };
        lease.open(&offer, OWNER, scope, PEER, &mut self.peer, self.now + 2 * EPOCH).unwrap();
        self.leases.insert(at, lease);
        at
    }

    fn upload(&mut self, at: &Pubkey) {
        self.held.push(in_force(&self.leases[at]));
    }

    fn due(&mut self) -> Vec<Duty> {
        let head: Ledger = *self.ledger();
        let leases: Vec<_> = self
            .leases
            .iter()
            .map(|(at, account)| (*at, LeaseEntry { account: *account, slot: self.slot }))
            .collect();
        let view = View {
            now_secs: self.now,
            slot: self.slot,
            oldest_hash_slot: self.slot.saturating_sub(512),
            beacon: &self.beacon,
            peer_at: PEER,
            peer: &self.peer,
            ledger: &head,
            leases: &leases,
            unneeded: &[],
        };
        due(&view, self, &margins())
    }

    fn pass(&mut self, secs: i64) {
        self.now += secs;
        self.slot += (secs / SLOT_SECS) as u64;
    }

    /// SlotHashes as the chain has them.
    fn slot_hashes(&self) -> Vec<u8> {
        let mut bytes = 512u64.to_le_bytes().to_vec();
        for slot in (self.slot.saturating_sub(511)..=self.slot).rev() {
            bytes.extend_from_slice(&slot.to_le_bytes());
            bytes.extend_from_slice(&sample(32, slot));
        }
        bytes
    }

    /// Does a duty as the program would, and fails where it would refuse.
    fn execute(&mut self, duty: &Duty) {
        *self.done.entry(duty.name()).or_default() += 1;
        let (now, beacon) = (self.now, self.beacon);
        let clock = Clock { unix_timestamp: now, slot: self.slot, ..Clock::default() };
        match duty {
            Duty::Arm => self.beacon.arm(&clock).unwrap(),
            Duty::Draw => {
                let hashes = self.slot_hashes();
                self.beacon.draw(&hashes, now).unwrap();
            }
            Duty::Rearm => {
                let hashes = self.slot_hashes();
                self.beacon.rearm(&hashes, self.slot).unwrap();
            }
            Duty::Prove { seq, challenges, .. } => self.prove(*seq, challenges),
            Duty::Accept { lease } => {
                let mut account = self.leases[lease];
                assert!(self.holds(&in_force(&account)), "accepted what is not here");
                let slot = self.ledger().append(&beacon, account.weight).unwrap();
                let accepted = Acceptance {
                    root: account.root,
                    stored_len: account.stored_len,
                    price: account.price,
                    epochs: account.epochs,
                };
                let head: Ledger = *self.ledger();
                account.accept(&accepted, &mut self.peer, &head, &beacon, slot, now).unwrap();
                self.leases.insert(*lease, account);
            }
            Duty::AcceptAmendment { lease } => {
                let account = self.leases.get_mut(lease).unwrap();
                let next = pending(account).unwrap();
                let amendment = aceso::state::Amendment {
                    root: next.root,
                    digest: next.address.digest,
                    stored_len: next.address.len,
                };
                account.accept_amendment(&amendment).unwrap();
            }
            Duty::Decline { lease, .. } => {
                self.leases.get_mut(lease).unwrap().decline(&mut self.peer, now).unwrap()
            }
            Duty::Settle { leases } => {
                let head: Ledger = *self.ledger();
                for at in leases {
                    let paid = self
                        .leases
                        .get_mut(at)
                        .unwrap()
                        .settle(&mut self.peer, &head, &beacon)
                        .unwrap();
                    assert!(paid > 0, "a fee for nothing");
                    self.paid += paid;
                }
            }
            Duty::End { lease } => {
                let head: Ledger = *self.ledger();
                self.paid += self
                    .leases
                    .get_mut(lease)
                    .unwrap()
                    .end(&mut self.peer, &head, &beacon, now)
                    .unwrap();
            }
            Duty::Apply { leases } => {
                for at in leases {
                    let mut account = self.leases[at];
                    self.ledger().release(&beacon, &mut account).unwrap();
                    self.leases.insert(*at, account);
                }
            }
            Duty::Close { lease } => {
                self.leases[lease].require_closable(&self.peer).unwrap();
                self.leases.remove(lease);
                self.peer.lease_removed().unwrap();
            }
            Duty::AnswerSpot { lease, leaf, .. } => {
                let account = self.leases[lease];
                assert_eq!(*leaf, account.spot_offset % account.stored_len.div_ceil(512));
                let account = self.leases.get_mut(lease).unwrap();
                (account.spot_checker, account.spot_until_secs, account.spot_deposit_lamports) =
                    Default::default();
            }
            Duty::Delete { .. } => {}
        }
    }

    fn prove(&mut self, seq: u64, challenges: &[u8]) {
        let beacon = self.beacon;
        let leases = self.leases.clone();
        let held = self.held.clone();
        let now = self.now;
        let mut ledger = self.ledger();
        ledger.sync(&beacon).unwrap();
        assert_eq!(ledger.next_seq, seq);
        let draw = *ledger.owed(&beacon).unwrap();
        for k in challenges {
            let (slot, _) = ledger.challenge(&draw, *k).unwrap();
            let lease =
                leases.values().find(|lease| lease.has_slot == 1 && lease.slot == slot).unwrap();
            ledger.named_leaf(&draw, *k, lease).unwrap();
            assert!(held.contains(&in_force(lease)), "challenge {k} of what was deleted");
            ledger.answer(*k).unwrap();
        }
        let finished = ledger.finish(&beacon, now).unwrap().expect("all were answered");
        self.credited += u32::from(finished.credited);
    }

    /// Looks and does, until nothing is due.
    fn work(&mut self) {
        for _ in 0..50 {
            let Some(duty) = self.due().into_iter().next() else { return };
            self.execute(&duty);
        }
        panic!("never done: {:?}", self.due());
    }

    fn count(&self, name: &str) -> u32 {
        self.done.get(name).copied().unwrap_or(0)
    }
}

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
    let amendment = aceso::state::Amendment {
        root: new.root,
        digest: new.address.digest,
        stored_len: new.address.len,
    };
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
