//! A storage market without a chain: one peer after the other at one address, their leases, the beacon, and every token
//! that goes in or out. What handlers do between the rules is done here in the same order; a step that is refused leaves
//! nothing behind, as a transaction does.

use std::collections::{BTreeMap, BTreeSet};

use aceso::{constants::*, state::*};
use anchor_lang::{prelude::*, Discriminator};
use bytemuck::Zeroable;
use solana_sha256_hasher::hashv;

use crate::beacon::{beacon, clock, Chain, EPOCH_SECS};

pub const PEER: Pubkey = Pubkey::new_from_array([77; 32]);
pub const PROFILE: Pubkey = Pubkey::new_from_array([78; 32]);
pub const OWNER: Pubkey = Pubkey::new_from_array([79; 32]);
pub const DAY_ZERO: i64 = 20_000;

/// Accepted and not ended, or as challenges see it: by its number in the world.
pub type Id = u64;

#[derive(Clone, Debug)]
pub struct World {
    pub terms: MarketTerms,
    pub peer: Peer,
    /// The ledger's account, as u64, because the data of an account are aligned so.
    pub ledger: Vec<u64>,
    pub beacon: Beacon,
    pub leases: BTreeMap<Id, Lease>,
    pub next_id: Id,
    pub now_secs: i64,
    pub slot: u64,
    /// Tokens in the vault, and what came in and went out over it.
    pub vault: u64,
    pub paid_in: u128,
    pub paid_out: u128,
    /// Tokens that somebody sent to the vault past the program.
    pub donated: u64,
    /// Lamports of spot checks: lying on leases, and all that ever came and went.
    pub deposits_in: u64,
    pub deposits_out: u64,
    /// Epochs that some proof credited to the present peer.
    pub credited: BTreeSet<u64>,
    /// Epochs that each lease was paid for, and the one that it was slashed for.
    pub paid: BTreeMap<Id, BTreeSet<u64>>,
    pub slashed: BTreeMap<Id, u64>,
}

pub fn terms() -> MarketTerms {
    MarketTerms {
        challenges: 3,
        grace_draws: 2,
        losses_max: 3,
        beacon_kind: 0,
        window_secs: (EPOCH_SECS / 2) as u32,
        lock_epochs: 30,
        notice_epochs: 4,
        offer_ttl_secs: 2 * EPOCH_SECS as u32,
        spot_deposit_lamports: 20_000,
    }
}

pub fn peer_args(price_flat: u64, price_per_gib: u64) -> PeerArgs {
    PeerArgs {
        operator: Pubkey::new_from_array([80; 32]),
        price_flat,
        price_per_gib,
        endpoint: "https://peer.example".into(),
        share_key: [0; 32],
    }
}

/// The bytes of a lease that fits one leaf, and its root; longer ones nobody can prove here.
pub fn leaf(salt: u8, stored_len: u64) -> Vec<u8> {
    vec![salt; stored_len.min(LEAF_BYTES) as usize]
}

pub fn root(salt: u8, stored_len: u64) -> [u8; 32] {
    let hash = hashv(&[&[0], &leaf(salt, stored_len)]).to_bytes();
    proof::root(stored_len, &hash)
}

impl World {
    pub fn new(terms: MarketTerms) -> Self {
        let mut world = Self {
            terms,
            peer: Peer::zeroed(),
            ledger: Vec::new(),
            beacon: beacon(),
            leases: BTreeMap::new(),
            next_id: 1,
            now_secs: DAY_ZERO * EPOCH_SECS,
            slot: 1_000,
            vault: 0,
            paid_in: 0,
            paid_out: 0,
            donated: 0,
            deposits_in: 0,
            deposits_out: 0,
            credited: BTreeSet::new(),
            paid: BTreeMap::new(),
            slashed: BTreeMap::new(),
        };
        world.register(1_000, 100).unwrap();
        world
    }

    pub fn register(&mut self, lock_floor: u64, bond_min: u64) -> Result<()> {
        let mint = Mint { mint: Pubkey::new_from_array([81; 32]), lock_floor, bond_min };
        let vault = PeerVault {
            mint,
            token_program: aceso::token::TOKEN_2022,
            vault: Pubkey::new_from_array([82; 32]),
        };
        self.peer = Peer::zeroed();
        self.peer.meta = Meta::new(PROFILE, self.slot, 255, 1);
        self.peer.open(PROFILE, vault, &peer_args(10, 1_000))?;
        let mut head = Ledger::zeroed();
        head.open(PEER, self.slot, self.terms, EPOCH_SECS)?;
        let bytes = [Ledger::DISCRIMINATOR, bytemuck::bytes_of(&head)].concat();
        self.ledger = vec![0; Ledger::SPACE / 8];
        bytemuck::cast_slice_mut(&mut self.ledger).copy_from_slice(&bytes);
        self.credited.clear();
        Ok(())
    }

    /// All of it or nothing.
    pub fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let mut next = self.clone();
        step(&mut next)?;
        *self = next;
        Ok(())
    }

    pub fn head(&self) -> &Ledger {
        let bytes: &[u8] = bytemuck::cast_slice(&self.ledger);
        bytemuck::from_bytes(&bytes[8..Ledger::SPACE])
    }

    pub fn epoch(&self) -> u64 {
        (self.now_secs / EPOCH_SECS) as u64
    }

    /// Runs a rule over a lease and all that it may touch.
    pub fn with<T>(
        &mut self,
        id: Id,
        rule: impl FnOnce(&mut Lease, &mut Peer, &mut LedgerMut, &mut Beacon, i64) -> Result<T>,
    ) -> Result<T> {
        let lease = self.leases.get_mut(&id).expect("a lease of the world");
        lease.require_peer(&PEER, &self.peer)?;
        let mut ledger = LedgerMut::new(bytemuck::cast_slice_mut(&mut self.ledger))?;
        rule(lease, &mut self.peer, &mut ledger, &mut self.beacon, self.now_secs)
    }

    pub fn pay_in(&mut self, amount: u64) {
        self.vault += amount;
        self.paid_in += u128::from(amount);
    }

    pub fn pay_out(&mut self, amount: u64) {
        self.vault = self.vault.checked_sub(amount).expect("the vault holds what is paid out");
        assert!(self.vault >= self.peer.books().unwrap());
        self.paid_out += u128::from(amount);
    }

    pub fn open(&mut self, offer: &Offer) -> Result<Id> {
        let until_secs = self.now_secs + i64::from(self.terms.offer_ttl_secs);
        let mut lease = Lease::zeroed();
        lease.meta = Meta::new(OWNER, self.slot, 255, 1);
        let scope = Named { key: Pubkey::new_from_array([83; 32]), created_slot: 3 };
        let paid = lease.open(offer, OWNER, scope, PEER, &mut self.peer, until_secs)?;
        self.pay_in(paid);
        let id = self.next_id;
        self.next_id += 1;
        self.leases.insert(id, lease);
        Ok(id)
    }

    pub fn accept(&mut self, id: Id, accepted: &Acceptance) -> Result<()> {
        let full = self.head().slots == self.head().capacity;
        if full {
            let space = LedgerMut::space(self.head().capacity + Ledger::GROWTH);
            self.ledger.resize(space / 8, 0);
            LedgerMut::grown(bytemuck::cast_slice_mut(&mut self.ledger))?;
        }
        self.with(id, |lease, peer, ledger, beacon, now| {
            lease.require_offered()?;
            let slot = ledger.append(beacon, lease.weight)?;
            lease.accept(accepted, peer, ledger, beacon, slot, now)
        })
    }

    /// Notes what a lease was paid for by a step, and that it was the credited ones of the epochs settled by it, each for
    /// the first time.
    pub fn note_paid(&mut self, id: Id, before: u64, paid: u64) {
        let lease = self.leases[&id];
        let epochs: BTreeSet<u64> =
            self.credited.range(before..lease.settled_epoch.max(before)).copied().collect();
        assert_eq!(paid, lease.price * epochs.len() as u64, "{epochs:?} of {lease:?}");
        assert!(epochs.iter().all(|epoch| *epoch >= lease.from_epoch));
        for epoch in epochs {
            assert!(self.paid.entry(id).or_default().insert(epoch), "epoch {epoch} paid twice");
            assert_ne!(self.slashed.get(&id), Some(&epoch), "epoch {epoch} slashed and paid");
        }
    }

    pub fn settle(&mut self, ids: &[Id], payout: bool) -> Result<()> {
        for id in ids {
            let before = self.leases[id].settled_epoch;
            let paid = self
                .with(*id, |lease, peer, ledger, beacon, _| lease.settle(peer, ledger, beacon))?;
            self.note_paid(*id, before, paid);
        }
        if payout {
            let amount = self.peer.pay_out();
            self.pay_out(amount);
        }
        Ok(())
    }

    /// A rule that ends a lease and says what the peer was paid by it.
    pub fn ending(
        &mut self,
        id: Id,
        rule: impl FnOnce(&mut Lease, &mut Peer, &mut LedgerMut, &mut Beacon, i64) -> Result<u64>,
    ) -> Result<()> {
        let before = self.leases[&id].settled_epoch;
        let paid = self.with(id, rule)?;
        self.note_paid(id, before, paid);
        Ok(())
    }

    pub fn claim(&mut self, id: Id) -> Result<()> {
        let paid = self.with(id, |lease, peer, _, _, _| lease.claim(peer))?;
        self.pay_out(paid);
        Ok(())
    }

    pub fn close(&mut self, id: Id) -> Result<()> {
        self.with(id, |lease, peer, _, _, _| {
            lease.require_closable(peer)?;
            peer.lease_removed()
        })?;
        self.leases.remove(&id);
        Ok(())
    }

    pub fn arm(&mut self) -> Result<()> {
        self.slot += 100;
        self.beacon.arm(&clock(self.slot, self.now_secs))
    }

    pub fn draw(&mut self) -> Result<()> {
        let target = self.beacon.target_slot;
        let mut chain = Chain::default();
        chain.block(target.saturating_sub(1));
        chain.block(target);
        self.slot = self.slot.max(target + 1);
        self.beacon.draw(&chain.sysvar(), self.now_secs)
    }

    /// The lease that a challenge of the oldest owed epoch names.
    pub fn named(&mut self, k: u8) -> Result<Id> {
        let mut ledger = LedgerMut::new(bytemuck::cast_slice_mut(&mut self.ledger))?;
        ledger.sync(&self.beacon)?;
        let draw = ledger.owed(&self.beacon)?;
        let (slot, _) = ledger.challenge(draw, k)?;
        let named = self.leases.iter().find(|(_, lease)| {
            lease.has_slot == 1 && lease.slot == slot && ledger.named_leaf(draw, k, lease).is_ok()
        });
        Ok(*named.expect("no challenge names what is not there").0)
    }

    /// Answers a challenge, as a right proof does.
    pub fn answer(&mut self, k: u8) -> Result<()> {
        if self.peer.is_defaulted() {
            return Err(aceso::error::AcesoError::PeerDefaulted.into());
        }
        let id = self.named(k)?;
        let finished = self.with(id, |_, _, ledger, beacon, now| {
            ledger.answer(k)?;
            ledger.finish(beacon, now)
        })?;
        if let Some(epoch) = finished.filter(|finished| finished.credited) {
            assert!(self.credited.insert(epoch.epoch), "an epoch is credited once");
        }
        Ok(())
    }

    pub fn debt_default(&mut self, k: u8) -> Result<()> {
        if self.peer.is_defaulted() {
            return Err(aceso::error::AcesoError::PeerDefaulted.into());
        }
        let id = self.named(k)?;
        let owed_epoch = self.head().owed(&self.beacon)?.epoch;
        let lease = self.leases[&id];
        self.with(id, |lease, _, ledger, beacon, _| {
            ledger.default_challenge(beacon, k, lease.is_lost())
        })?;
        if lease.is_live() {
            self.ending(id, |lease, peer, ledger, beacon, now| {
                lease.default_lost(peer, ledger, beacon, now)
            })?;
            assert!(!self.paid.get(&id).is_some_and(|paid| paid.contains(&owed_epoch)));
            self.slashed.insert(id, owed_epoch);
            assert_eq!(
                self.leases[&id].owed,
                lease.lock + lease.escrow - self.paid_now(id, &lease)
            );
        }
        let finished = self.with(id, |_, _, ledger, beacon, now| ledger.finish(beacon, now))?;
        assert!(!finished.is_some_and(|finished| finished.credited), "given up, not credited");
        Ok(())
    }

    fn paid_now(&self, id: Id, before: &Lease) -> u64 {
        let paid = self.paid.get(&id);
        let epochs = paid.map_or(0, |paid| paid.range(before.settled_epoch..).count());
        before.price * epochs as u64
    }

    pub fn peer_default(&mut self) -> Result<()> {
        let mut ledger = LedgerMut::new(bytemuck::cast_slice_mut(&mut self.ledger))?;
        ledger.sync(&self.beacon)?;
        let due = ledger.whole_default_due(&self.beacon, self.now_secs);
        if !due {
            return Err(aceso::error::AcesoError::PeerNotDefaulted.into());
        }
        self.peer.default_whole()
    }

    pub fn spot_open(&mut self, id: Id, offset: u64) -> Result<()> {
        let lamports = self.with(id, |lease, _, ledger, beacon, now| {
            lease.open_spot(Pubkey::new_from_array([84; 32]), offset, ledger, beacon, now)
        })?;
        self.deposits_in += lamports;
        Ok(())
    }

    pub fn spot_answer(&mut self, id: Id, leaf: &[u8]) -> Result<()> {
        let end = self.with(id, |lease, _, _, _, _| lease.answer_spot(leaf, &[]))?;
        self.deposits_out += end.deposit_lamports;
        Ok(())
    }

    pub fn spot_default(&mut self, id: Id) -> Result<()> {
        let before = self.leases[&id].settled_epoch;
        let end = self.with(id, |lease, peer, ledger, beacon, now| {
            lease.default_spot(peer, ledger, beacon, now)
        })?;
        self.note_paid(id, before, end.defaulted.unwrap_or(0));
        self.deposits_out += end.deposit_lamports;
        Ok(())
    }

    pub fn set_apply(&mut self, ids: &[Id]) -> Result<()> {
        ids.iter().try_for_each(|id| {
            self.with(*id, |lease, _, ledger, beacon, _| ledger.release(beacon, lease))
        })
    }

    /// Everything that is left goes to the peer, and another one comes to the address.
    pub fn retire(&mut self) -> Result<()> {
        self.peer.retire()?;
        let rest = self.vault;
        self.pay_out(rest);
        self.donated = 0;
        self.slot += 1;
        self.register(1_000, 100)
    }

    /// What must hold at any moment.
    pub fn check(&self) {
        assert_eq!(self.vault, self.peer.books().unwrap() + self.donated);
        assert_eq!(self.paid_in, self.paid_out + u128::from(self.vault));
        self.peer.invariant().unwrap();
        self.head().invariant().unwrap();
        let sum = |f: fn(&Lease) -> u64| self.leases.values().map(f).sum::<u64>();
        assert_eq!(sum(|lease| lease.escrow), self.peer.escrow);
        assert_eq!(sum(|lease| lease.owed), self.peer.owed);
        assert_eq!(sum(|lease| lease.lock), self.peer.locked);
        assert_eq!(sum(|lease| u64::from(lease.is_live())), u64::from(self.peer.live));
        assert_eq!(self.leases.len(), self.peer.leases as usize);
        let deposits = sum(|lease| lease.spot_deposit_lamports);
        assert_eq!(self.deposits_in, self.deposits_out + deposits);
        if !self.peer.is_defaulted() {
            let weight = |lease: &Lease| if lease.has_slot == 1 { lease.weight } else { 0 };
            assert_eq!(sum(weight), self.head().total, "the set is the leases that have a slot");
        }
        for lease in self.leases.values() {
            lease.invariant().unwrap();
            assert!(!lease.is_live() || lease.has_slot == 1);
            assert!(
                lease.settled_epoch <= self.head().closed_epoch(&self.beacon).max(lease.from_epoch)
                    || self.head().is_forgotten(&self.beacon)
            );
        }
    }
}
