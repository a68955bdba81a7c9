//! A market of one peer, played by the program's own rules: each chore is done as the program would, or the test fails.

use aceso::state::{
    Acceptance, Beacon, Layout, Lease, LeaseKind, Ledger, LedgerMut, MarketTerms, Meta, Named,
    Offer, Peer, SpotEnd,
};
use anchor_lang::{Discriminator, prelude::Clock};
use bytemuck::Zeroable;

use super::{Chore, Market, Stall, due};
use crate::chain::{ChainTime, Fetched, HashSlots, LedgerAccount, Pubkey, RawAccount, address};

const EPOCH: i64 = 86_400;
const DRAW_AHEAD: u64 = 32;
const PEER: Pubkey = Pubkey::new_from_array([1; 32]);
const PAYOUT: Pubkey = Pubkey::new_from_array([9; 32]);

struct World {
    now_secs: i64,
    slot: u64,
    beacon: Beacon,
    peer: Peer,
    ledger: Vec<u8>,
    leases: Vec<(Pubkey, Lease)>,
    done: Vec<&'static str>,
    paid: u64,
}

impl World {
    fn new(leases: u8) -> Self {
        let mut beacon = Beacon::zeroed();
        beacon.open(EPOCH).unwrap();
        let mut peer = Peer::zeroed();
        peer.meta = Meta::new(Pubkey::default(), 5, 255, 1);
        (peer.profile, peer.operator) = ([3; 32].into(), [4; 32].into());
        (peer.price_flat, peer.lock_floor, peer.bond_min) = (10, 100, 1000);
        peer.add_bond(1_000_000).unwrap();
        let terms = MarketTerms {
            challenges: 24,
            grace_draws: 3,
            losses_max: 3,
            window_secs: 43_200,
            lock_epochs: 30,
            notice_epochs: 5,
            offer_ttl_secs: 172_800,
            spot_deposit_lamports: 20_000,
            ..MarketTerms::default()
        };
        let mut head = Ledger::zeroed();
        head.meta = Meta::new(Pubkey::default(), 5, 255, Meta::LAYOUT);
        head.open(PEER, 5, terms, EPOCH).unwrap();
        head.capacity = 128;
        let mut ledger = vec![0; LedgerMut::space(128)];
        ledger[..8].copy_from_slice(Ledger::DISCRIMINATOR);
        ledger[8..Ledger::SPACE].copy_from_slice(bytemuck::bytes_of(&head));
        let (now_secs, slot) = (20_000 * EPOCH + 100, 1_000);
        let (done, paid) = Default::default();
        let mut world =
            Self { now_secs, slot, beacon, peer, ledger, leases: Vec::new(), done, paid };
        (0..leases).for_each(|n| world.offer(n));
        for n in 0..usize::from(leases) {
            world.accept(n);
        }
        world
    }

    fn ledger(&mut self) -> LedgerMut<'_> {
        LedgerMut::new(&mut self.ledger).unwrap()
    }

    fn offer(&mut self, n: u8) {
        let scope = Named { key: [20 + n; 32].into(), created_slot: 5 };
        let offer = Offer {
            kind: LeaseKind::Record,
            number: 0,
            root: [1; 32],
            digest: [2; 32],
            stored_len: 1000,
            epochs: 20,
            price_max: u64::MAX,
        };
        let mut lease = Lease::zeroed();
        let until = self.now_secs + 172_800;
        lease.open(&offer, [2; 32].into(), scope, PEER, &mut self.peer, until).unwrap();
        lease.peer_created_slot = 5;
        let at = address::lease(&scope.key, &PEER, LeaseKind::Record, 0);
        self.leases.push((at, lease));
    }

    fn accept(&mut self, n: usize) {
        let mut lease = self.leases[n].1;
        let (beacon, now_secs) = (self.beacon, self.now_secs);
        let slot = self.ledger().append(&beacon, lease.weight).unwrap();
        let (stored_len, price, epochs) = (lease.stored_len, lease.price, lease.epochs);
        let accepted = Acceptance { root: lease.root, stored_len, price, epochs };
        let head: Ledger = *self.ledger();
        lease.accept(&accepted, &mut self.peer, &head, &beacon, slot, now_secs).unwrap();
        self.leases[n].1 = lease;
    }

    /// Slots are seconds here; the chain remembers 512 of them.
    fn pass(&mut self, secs: i64) {
        self.now_secs += secs;
        self.slot += secs as u64;
    }

    fn slot_hashes(&self) -> Vec<u8> {
        let slots = self.slot - 512..self.slot;
        let mut bytes = 512u64.to_le_bytes().to_vec();
        for slot in slots.rev() {
            bytes.extend(slot.to_le_bytes());
            // Any 32 bytes that differ from slot to slot.
            bytes.extend(slot.to_le_bytes().repeat(4));
        }
        bytes
    }

    fn market(&self) -> Market {
        let (lamports, slot) = (1, self.slot);
        let beacon = Fetched { address: address::beacon(), account: self.beacon, lamports, slot };
        let raw = RawAccount {
            owner: address::PROGRAM,
            lamports,
            data: self.ledger.clone(),
            slot: self.slot,
        };
        let ledger = LedgerAccount::decode(address::ledger(&PEER), &raw).unwrap();
        let lease = |(address, lease): &(Pubkey, Lease)| Fetched {
            address: *address,
            account: *lease,
            lamports,
            slot,
        };
        let leases = self.leases.iter().map(lease).collect();
        let peer = Fetched { address: PEER, account: self.peer, lamports, slot };
        Market {
            now: ChainTime { slot: self.slot, unix_secs: self.now_secs },
            hash_slots: Some(HashSlots { oldest: self.slot - 512, newest: self.slot - 1 }),
            beacon,
            stalls: vec![Stall { peer, ledger, leases, payout: Some(PAYOUT) }],
        }
    }

    fn due(&self) -> Vec<Chore> {
        due(&self.market()).unwrap()
    }

    fn names(&self) -> Vec<&'static str> {
        self.due().iter().map(Chore::name).collect()
    }

    /// Does all that is due, as often as there is something; each step has to be accepted.
    fn work(&mut self) {
        for _ in 0..1000 {
            let Some(chore) = self.due().into_iter().next() else { return };
            self.perform(&chore);
            self.done.push(chore.name());
        }
        panic!("never done: {:?}", self.names());
    }

    fn perform(&mut self, chore: &Chore) {
        let (beacon, now_secs, slot) = (self.beacon, self.now_secs, self.slot);
        let clock = Clock { slot, unix_timestamp: now_secs, ..Clock::default() };
        match chore {
            Chore::Arm { .. } => self.beacon.arm(&clock).unwrap(),
            Chore::Rearm { .. } => self.beacon.rearm(&self.slot_hashes(), slot).unwrap(),
            Chore::Draw { .. } => self.beacon.draw(&self.slot_hashes(), now_secs).unwrap(),
            Chore::PeerDefault { .. } => {
                assert!(self.ledger().whole_default_due(&beacon, now_secs));
                self.peer.default_whole().unwrap();
                self.ledger().close();
            }
            Chore::DebtDefault { lease, k, .. } => {
                self.with(lease, |lease, peer, ledger, beacon| {
                    ledger.sync(beacon).unwrap();
                    let draw = *ledger.owed(beacon).unwrap();
                    ledger.named_leaf(&draw, *k, lease).unwrap();
                    ledger.default_challenge(beacon, *k, lease.is_lost()).unwrap();
                    if lease.is_live() {
                        lease.default_lost(peer, ledger, beacon, now_secs).unwrap();
                    }
                    ledger.finish(beacon, now_secs).unwrap();
                });
            }
            Chore::SpotDefault { lease } => {
                let end: SpotEnd = self.with(lease, |lease, peer, ledger, beacon| {
                    lease.default_spot(peer, ledger, beacon, now_secs).unwrap()
                });
                assert_eq!(end.deposit_lamports, 20_000);
            }
            Chore::Settle { leases, payout, .. } => {
                assert_eq!(*payout, Some(PAYOUT));
                for lease in leases {
                    let paid = self.with(lease, |lease, peer, ledger, beacon| {
                        lease.settle(peer, ledger, beacon).unwrap()
                    });
                    assert!(paid > 0, "no transaction for nothing");
                    self.paid += paid;
                }
            }
            Chore::Expire { lease } => self.with(lease, |lease, peer, _, _| {
                lease.expire(peer, now_secs).unwrap();
            }),
            Chore::End { lease } => self.with(lease, |lease, peer, ledger, beacon| {
                lease.end(peer, ledger, beacon, now_secs).unwrap();
            }),
            Chore::Apply { leases, .. } => {
                for lease in leases {
                    self.with(lease, |lease, _, ledger, beacon| {
                        ledger.release(beacon, lease).unwrap();
                    });
                }
            }
            Chore::SpotOpen { .. } => panic!("nothing that is due"),
        }
    }

    fn position(&self, lease: &Pubkey) -> usize {
        self.leases.iter().position(|(at, _)| at == lease).unwrap()
    }

    fn with<T>(
        &mut self,
        lease: &Pubkey,
        f: impl FnOnce(&mut Lease, &mut Peer, &mut LedgerMut<'_>, &Beacon) -> T,
    ) -> T {
        let at = self.position(lease);
        let Self { beacon, peer, ledger, leases, .. } = self;
        let mut ledger = LedgerMut::new(ledger).unwrap();
        f(&mut leases[at].1, peer, &mut ledger, beacon)
    }

    /// The peer answers open challenges, all or some of them.
    fn answer(&mut self, which: impl Fn(u8) -> bool) {
        let (beacon, now_secs) = (self.beacon, self.now_secs);
        let mut ledger = self.ledger();
        ledger.sync(&beacon).unwrap();
        if ledger.owed(&beacon).is_err() {
            return;
        }
        (0..24).filter(|k| which(*k)).for_each(|k| ledger.answer(k).unwrap());
        ledger.finish(&beacon, now_secs).unwrap();
    }

    /// A day of watching, in which the peer does its part or not.
    fn day(&mut self, answers: impl Fn(u8) -> bool) {
        self.morning();
        self.answer(answers);
        self.evening();
    }

    fn morning(&mut self) {
        for _ in 0..4 {
            self.pass(200);
            self.work();
        }
    }

    fn evening(&mut self) {
        self.work();
        self.pass(EPOCH - 800);
    }

    /// Slots that the open challenges of the oldest owed epoch name.
    fn named(&mut self) -> Vec<(u8, u32)> {
        let closed = self.ledger().answered | self.ledger().defaulted;
        let open: Vec<u8> = (0..24).filter(|k| closed >> k & 1 == 0).collect();
        let market = self.market();
        let named = market.stalls[0].ledger.challenges(&market.beacon, &open).unwrap();
        named.iter().map(|challenge| (challenge.k, challenge.slot)).collect()
    }

    fn count(&self, name: &str) -> usize {
        self.done.iter().filter(|done| **done == name).count()
    }
}

#[test]
fn an_honest_peer_is_paid_and_let_go_by_watchers_alone() {
    let mut world = World::new(2);
    (0..22).for_each(|_| world.day(|_| true));
    assert_eq!(world.paid, 2 * 20 * world.leases[0].1.price);
    assert_eq!((world.count("end"), world.count("apply")), (2, 1));
    assert_eq!((world.peer.locked, world.peer.live, world.ledger().total), (0, 0, 0));
    // With nothing in any set, no epoch is armed.
    assert!(world.due().is_empty());
}

#[test]
fn a_target_that_nobody_drew_is_aimed_at_anew() {
    let mut world = World::new(1);
    assert_eq!(world.names(), ["arm"]);
    world.perform(&world.due()[0].clone());
    world.pass(DRAW_AHEAD as i64);
    assert!(world.due().is_empty(), "the target's slot has no hash yet");
    world.pass(1);
    assert_eq!(world.names(), ["draw"]);
    world.pass(512);
    assert_eq!(world.names(), ["rearm"]);
    world.work();
    world.pass(DRAW_AHEAD as i64 + 1);
    world.work();
    assert_eq!(world.done, ["rearm", "draw"]);
}

#[test]
fn a_peer_that_is_silent_loses_everything_and_one_that_lost_bytes_what_it_lost() {
    let mut silent = World::new(2);
    silent.day(|_| true);
    (0..4).for_each(|_| silent.day(|_| false));
    assert!(silent.peer.is_defaulted(), "{:?}", silent.done);
    let owed: u64 = silent.leases.iter().map(|(_, lease)| lease.owed).sum();
    let price = silent.leases[0].1.price;
    assert_eq!(owed, 2 * (19 * price + 30 * price));
    assert_eq!(silent.count("debt_default"), 0);
    assert!(silent.due().is_empty());

    // What names the second lease stays unanswered.
    let mut half = World::new(2);
    half.day(|_| true);
    for _ in 0..8 {
        half.morning();
        let named = half.named();
        half.answer(|k| named.contains(&(k, 0)));
        half.evening();
    }
    assert!(!half.peer.is_defaulted(), "{:?}", half.done);
    assert!(half.leases[0].1.is_live() && half.leases[1].1.is_lost(), "{:?}", half.done);
    assert!(half.count("debt_default") > 0);
}

#[test]
fn offers_that_nobody_took_and_checks_that_nobody_answered_are_cleared_away() {
    let mut world = World::new(1);
    world.offer(7);
    world.pass(172_801);
    assert!(world.names().contains(&"expire"));
    let lease = world.leases[0].0;
    let (now_secs, checker) = (world.now_secs, Pubkey::new_from_array([8; 32]));
    world.with(&lease, |lease, _, ledger, beacon| {
        lease.open_spot(checker, 5, ledger, beacon, now_secs).unwrap();
    });
    // Three days of grace and half a day of window.
    for day in 0..4 {
        assert!(!world.names().contains(&"spot_default"), "day {day}");
        world.day(|_| true);
    }
    world.work();
    assert_eq!((world.count("expire"), world.count("spot_default")), (1, 1));
    assert!(world.leases[0].1.is_lost());
}
