//! The market as the program's own state plays it, for one peer: what a duty asks for is done, or fails where the program
//! would refuse.

use std::collections::BTreeMap;

use aceso::state::{
    Acceptance, Amendment, Beacon, Layout, Lease, LeaseKind, Ledger, LedgerMut, MarketTerms, Meta,
    Named, Offer, Peer,
};
use aceso_peer::{
    config::Margins,
    duty::{Duty, Held, View, due, in_force, pending},
    holdings::Leased,
    index::LeaseEntry,
};
use aceso_sdk::chain::Pubkey;
use anchor_lang::{Discriminator, prelude::Clock};
use bytemuck::Zeroable;

use super::{daemon::leased, sample};

pub const EPOCH: i64 = 86_400;
pub const START: i64 = 20_000 * EPOCH;
/// Slots are longer here than on a real chain, and looks rarer: what counts is that some fit into the 512 that it remembers.
pub const SLOT_SECS: i64 = 10;
pub const PEER: Pubkey = Pubkey::new_from_array([1; 32]);
pub const OWNER: Pubkey = Pubkey::new_from_array([2; 32]);

pub fn terms() -> MarketTerms {
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

pub fn margins() -> Margins {
    Margins {
        arm_after_secs: 30,
        prove_within_percent: 25,
        settle_every_epochs: 7,
        accept_before_secs: 60,
        delete_after_secs: 86_400,
    }
}

/// The chain's side, by the program's own state.
pub struct World {
    pub now: i64,
    pub slot: u64,
    pub beacon: Beacon,
    pub peer: Peer,
    pub ledger: Vec<u8>,
    pub leases: BTreeMap<Pubkey, Lease>,
    pub held: Vec<Leased>,
    pub room: u64,
    pub done: BTreeMap<&'static str, u32>,
    pub credited: u32,
    pub paid: u64,
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
    pub fn new() -> Self {
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
        Self {
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
        }
    }

    pub fn ledger(&mut self) -> LedgerMut<'_> {
        LedgerMut::new(&mut self.ledger).unwrap()
    }

    pub fn offer(&mut self, seed: u8, epochs: u32) -> Pubkey {
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

    pub fn upload(&mut self, at: &Pubkey) {
        self.held.push(in_force(&self.leases[at]));
    }

    pub fn due(&mut self) -> Vec<Duty> {
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

    pub fn pass(&mut self, secs: i64) {
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
    pub fn execute(&mut self, duty: &Duty) {
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
                let amendment = Amendment {
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
    pub fn work(&mut self) {
        for _ in 0..50 {
            let Some(duty) = self.due().into_iter().next() else { return };
            self.execute(&duty);
        }
        panic!("never done: {:?}", self.due());
    }

    pub fn count(&self, name: &str) -> u32 {
        self.done.get(name).copied().unwrap_or(0)
    }
}
