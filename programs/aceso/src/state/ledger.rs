use core::ops::{Deref, DerefMut};

use anchor_lang::Discriminator;
use solana_sha256_hasher::hashv;

use crate::{
    constants::{CHALLENGE_LABEL, LOSSES_SECS},
    error::AcesoError,
    layout,
    prelude::*,
    state::{
        beacon::ring_at, fenwick, proof, Beacon, Draw, Layout, Lease, LeaseStatus, MarketTerms,
        Meta,
    },
};

/// What a peer must prove, what of it it has proven, and which epochs that earned.
///
/// The header, behind which lie the nodes of the tree of weights ([`fenwick`]), u64 each, in the same account:
/// [`LedgerMut`] shows both. An accepted lease gets the next slot; a slot is never used again, so an account at Solana's
/// limit of 10 MiB holds the 1.3 million leases of a peer's whole life.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Ledger {
    pub meta: Meta,
    pub peer: Pubkey,
    /// Slots and leases of an earlier peer at the same address do not count.
    pub peer_created_slot: u64,
    /// Seconds, as in the beacon.
    pub epoch_secs: i64,
    /// As Config had them when the peer registered; never changes.
    pub terms: MarketTerms,
    /// Sum of the weights in the tree.
    pub total: u64,
    /// Slots used so far, the emptied ones included.
    pub slots: u32,
    /// Nodes that the account has room for.
    pub capacity: u32,
    /// Slots whose lease has left the set.
    pub removals: u32,
    /// Bit k: challenge k of `next_seq` was answered.
    pub answered: u32,
    /// Bit k: challenge k of `next_seq` was given up.
    pub defaulted: u32,
    /// 1 when an epoch went past its grace without one answer: clearing its challenges one by one does not hide it.
    pub failed: u8,
    /// 1 when the peer has defaulted whole: nothing is proven any more. Here, too, so that a proof need not name the peer.
    pub closed: u8,
    pub padding: [u8; 2],
    /// Epochs (by number) before this one have their range in `ranges`.
    pub pinned: u64,
    /// The oldest epoch, by number, that still owes answers. All answers go to it.
    pub next_seq: u64,
    /// Total at the time of arming, by `seq % 64`: challenges fall below it.
    pub ranges: [u64; Beacon::RING],
    /// Unix seconds at which the last four lost leases were found out, the newest last; 0 for none.
    pub losses: [i64; 4],
    /// The newest credited epoch and one more, or 0.
    pub credited_until: u64,
    /// Bit `epoch % 4096`, for the last 4,096 epochs before `credited_until`.
    pub credited: [u64; 64],
    pub reserved: [u8; 64],
}
layout!(Ledger, 1_304);

/// An epoch that has no open challenge any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    pub seq: u64,
    pub epoch: u64,
    /// All was answered within the window: the epoch is paid.
    pub credited: bool,
}

impl Ledger {
    /// Epochs whose credit it remembers.
    pub const CREDITS: u64 = 4096;
    /// Slots by which an account grows: one KiB, a tenth of what one instruction may add.
    pub const GROWTH: u32 = 128;

    pub fn open(
        &mut self,
        peer: Pubkey,
        peer_created_slot: u64,
        terms: MarketTerms,
        epoch_secs: i64,
    ) -> Result<()> {
        self.peer = peer;
        self.peer_created_slot = peer_created_slot;
        self.terms = terms;
        self.epoch_secs = epoch_secs;
        self.invariant()
    }

    /// Pins what was armed since the last call at the present total. Whatever changes the set calls it first, so the
    /// total is still the one of the arming.
    pub fn sync(&mut self, beacon: &Beacon) -> Result<()> {
        if self.is_idle() {
            self.next_seq = beacon.arms;
        } else {
            // Ranges that the ring would overwrite at once are not written.
            let first = self.pinned.max(beacon.arms.saturating_sub(Beacon::RING as u64));
            for seq in first..beacon.arms {
                *self.ranges.get_mut(ring_at(seq)).ok_or(AcesoError::InvariantBroken)? = self.total;
            }
        }
        self.pinned = beacon.arms;
        self.invariant()
    }

    /// Nothing is in the set, nor owed: epochs pass by.
    fn is_idle(&self) -> bool {
        self.next_seq == self.pinned && self.total == 0
    }

    /// `next_seq` as it will be after `sync`.
    fn next(&self, beacon: &Beacon) -> u64 {
        if self.is_idle() {
            return beacon.arms;
        }
        self.next_seq
    }

    /// Nothing is owed, and no epoch armed that is not drawn: the set may shrink.
    pub fn is_settled(&self, beacon: &Beacon) -> bool {
        self.next(beacon) == beacon.arms
    }

    pub fn require_settled(&self, beacon: &Beacon) -> Result<()> {
        require!(self.is_settled(beacon), AcesoError::ProofsOwed);
        Ok(())
    }

    /// The draw that answers are owed for. Call `sync` first.
    pub fn owed<'a>(&self, beacon: &'a Beacon) -> Result<&'a Draw> {
        require!(self.next_seq < self.pinned, AcesoError::NoProofOwed);
        require!(!self.is_forgotten(beacon), AcesoError::DrawForgotten);
        beacon.draw_of(self.next_seq)
    }

    /// Where challenge `k` of the oldest owed epoch, whose draw is `draw`, falls in the range pinned for it.
    pub fn offset(&self, draw: &Draw, k: u8) -> Result<u64> {
        require!(k < self.terms.challenges, AcesoError::ChallengeUnknown);
        let range = *self.ranges.get(ring_at(self.next_seq)).ok_or(AcesoError::InvariantBroken)?;
        let hash = hashv(&[CHALLENGE_LABEL, &draw.seed, self.peer.as_ref(), &[k]]).to_bytes();
        let (number, _) = hash.split_first_chunk::<16>().ok_or(AcesoError::InvariantBroken)?;
        // Of 2^128 numbers, the bias towards small offsets is below one in 2^64.
        let offset = u128::from_le_bytes(*number).checked_rem(u128::from(range));
        Ok(offset.ok_or(AcesoError::NoProofOwed)? as u64)
    }

    fn open_bit(&self, k: u8) -> Result<u32> {
        require!(k < self.terms.challenges, AcesoError::ChallengeUnknown);
        let bit = 1u32.checked_shl(u32::from(k)).ok_or(AcesoError::ChallengeUnknown)?;
        require!((self.answered | self.defaulted) & bit == 0, AcesoError::ChallengeClosed);
        Ok(bit)
    }

    /// Notes that challenge `k` was proven. `finish` is due after the last of a call.
    pub fn answer(&mut self, k: u8) -> Result<()> {
        self.answered |= self.open_bit(k)?;
        Ok(())
    }

    /// Gives challenge `k` up. `lost`: the lease that it names has defaulted before. Such a challenge need not wait for
    /// the grace, because there is nothing left to prove or to lose: else a peer could pay for what it lost but not get
    /// its set settled, nor earn, while new challenges keep naming it. `finish` is due afterwards.
    pub fn default_challenge(&mut self, beacon: &Beacon, k: u8, lost: bool) -> Result<()> {
        require!(lost || self.is_past_grace(beacon), AcesoError::GraceNotOver);
        self.defaulted |= self.open_bit(k)?;
        Ok(())
    }

    /// Goes on to the next epoch when no challenge of the oldest one is open; says which it was.
    pub fn finish(&mut self, beacon: &Beacon, now_secs: i64) -> Result<Option<Finished>> {
        if (self.answered | self.defaulted).count_ones() < u32::from(self.terms.challenges) {
            return Ok(None);
        }
        let draw = self.owed(beacon)?;
        let end_secs = draw.drawn_at_secs.checked_add(i64::from(self.terms.window_secs));
        let in_time = now_secs <= end_secs.ok_or(AcesoError::Overflow)?;
        let credited = self.defaulted == 0 && in_time;
        if credited {
            self.credit(draw.epoch)?;
        }
        if self.answered == 0 && self.is_past_grace(beacon) {
            self.failed = 1;
        }
        let finished = Finished { seq: self.next_seq, epoch: draw.epoch, credited };
        self.next_seq = self.next_seq.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.answered = 0;
        self.defaulted = 0;
        self.invariant()?;
        Ok(Some(finished))
    }

    /// Sets the bit of an epoch, later than all before, and clears those of the epochs in between, which the ring last
    /// held for epochs 4,096 earlier.
    fn credit(&mut self, epoch: u64) -> Result<()> {
        require!(epoch >= self.credited_until, AcesoError::InvariantBroken);
        let until = epoch.checked_add(1).ok_or(AcesoError::Overflow)?;
        let stale = self.credited_until.max(until.saturating_sub(Self::CREDITS))..until;
        words(stale, |word, mask| {
            if let Some(bits) = self.credited.get_mut(word) {
                *bits &= !mask;
            }
        });
        words(epoch..until, |word, mask| {
            if let Some(bits) = self.credited.get_mut(word) {
                *bits |= mask;
            }
        });
        self.credited_until = until;
        Ok(())
    }

    /// How many of the epochs `from..to` are credited. Those older than the ring count as not.
    pub fn credited_between(&self, from: u64, to: u64) -> u64 {
        let oldest = self.credited_until.saturating_sub(Self::CREDITS);
        let mut count = 0u64;
        words(from.max(oldest)..to.min(self.credited_until), |word, mask| {
            let bits = self.credited.get(word).map_or(0, |bits| bits & mask);
            count = count.saturating_add(u64::from(bits.count_ones()));
        });
        count
    }

    /// Epochs before this one are decided: credited or not, for good. Once the oldest debt is forgotten, that is no more
    /// than what is credited, which may be less than it was: terms do not run out before the peer has defaulted.
    pub fn closed_epoch(&self, beacon: &Beacon) -> u64 {
        let next = self.next(beacon);
        if beacon.arms == 0 {
            return 0;
        }
        if next == beacon.arms {
            return beacon.armed_epoch.saturating_add(1);
        }
        if next == beacon.draws {
            return beacon.armed_epoch;
        }
        if self.is_forgotten(beacon) {
            return self.credited_until;
        }
        beacon.draw_of(next).map_or(self.credited_until, |draw| draw.epoch)
    }

    /// Open challenges of the oldest owed epoch may be given up by anyone. Counted in draws: while the chain halts,
    /// nobody draws and no grace runs out.
    pub fn is_past_grace(&self, beacon: &Beacon) -> bool {
        let later = beacon.draws.checked_sub(self.next(beacon)).and_then(|n| n.checked_sub(1));
        later.is_some_and(|later| later >= u64::from(self.terms.grace_draws))
    }

    /// The debt is older than what beacon and ledger remember.
    pub fn is_forgotten(&self, beacon: &Beacon) -> bool {
        beacon.arms.saturating_sub(self.next(beacon)) > Beacon::RING as u64
    }

    /// A live lease was found lost.
    pub fn record_loss(&mut self, now_secs: i64) {
        self.losses.rotate_left(1);
        if let Some(last) = self.losses.last_mut() {
            *last = now_secs;
        }
    }

    /// The peer is to lose all its leases: it answered nothing of an epoch until past its grace, or lost more leases
    /// than its terms allow in 30 days, or owes for longer than anybody remembers.
    pub fn whole_default_due(&self, beacon: &Beacon, now_secs: i64) -> bool {
        let since_secs = now_secs.saturating_sub(LOSSES_SECS);
        let lost = self.losses.iter().filter(|at| **at != 0 && **at > since_secs).count();
        self.failed != 0
            || (self.answered == 0 && self.is_past_grace(beacon))
            || lost > usize::from(self.terms.losses_max)
            || self.is_forgotten(beacon)
    }

    /// The peer defaults whole.
    pub fn close(&mut self) {
        self.closed = 1;
    }

    pub fn require_open(&self) -> Result<()> {
        require!(self.closed == 0, AcesoError::PeerDefaulted);
        Ok(())
    }

    pub fn invariant(&self) -> Result<()> {
        let all = (1u64.wrapping_shl(u32::from(self.terms.challenges))).wrapping_sub(1);
        require!(
            self.next_seq <= self.pinned
                && self.slots <= self.capacity
                && self.removals <= self.slots
                && self.answered & self.defaulted == 0
                && u64::from(self.answered | self.defaulted) & !all == 0
                && self.epoch_secs > 0,
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}

/// Calls `f` with each word of the ring of credits that `epochs` (at most 4,096) touch, and the bits of them in it.
fn words(epochs: core::ops::Range<u64>, mut f: impl FnMut(usize, u64)) {
    let mut epoch = epochs.start;
    while epoch < epochs.end {
        let bit = epoch & 63;
        let bits = epochs.end.wrapping_sub(epoch).min(64u64.wrapping_sub(bit));
        let mask = u64::MAX.wrapping_shr(64u32.wrapping_sub(bits as u32)).wrapping_shl(bit as u32);
        f(((epoch >> 6) & 63) as usize, mask);
        epoch = epoch.wrapping_add(bits);
    }
}

/// A ledger's account with both its parts.
#[derive(Debug)]
pub struct LedgerMut<'a> {
    head: &'a mut Ledger,
    nodes: &'a mut [u64],
}

impl<'a> LedgerMut<'a> {
    /// All data of an account whose owner the caller has checked.
    pub fn new(data: &'a mut [u8]) -> Result<Self> {
        let ledger = Self::parts(data)?;
        require!(ledger.nodes.len() == ledger.head.capacity as usize, AcesoError::InvariantBroken);
        Ok(ledger)
    }

    /// Notes the room that an account has got ([`crate::account::grow_ledger`]).
    pub fn grown(data: &'a mut [u8]) -> Result<()> {
        let ledger = Self::parts(data)?;
        ledger.head.capacity =
            u32::try_from(ledger.nodes.len()).map_err(|_| AcesoError::Overflow)?;
        ledger.head.invariant()
    }

    fn parts(data: &'a mut [u8]) -> Result<Self> {
        require!(data.starts_with(Ledger::DISCRIMINATOR), AcesoError::InvariantBroken);
        let (head, nodes) =
            data.split_at_mut_checked(Ledger::SPACE).ok_or(AcesoError::InvariantBroken)?;
        let head = head.get_mut(8..).ok_or(AcesoError::InvariantBroken)?;
        let head: &mut Ledger =
            bytemuck::try_from_bytes_mut(head).map_err(|_| AcesoError::InvariantBroken)?;
        let nodes: &mut [u64] =
            bytemuck::try_cast_slice_mut(nodes).map_err(|_| AcesoError::InvariantBroken)?;
        Ok(Self { head, nodes })
    }

    /// Bytes of an account with room for so many slots.
    pub fn space(capacity: u32) -> usize {
        Ledger::SPACE.saturating_add((capacity as usize).saturating_mul(8))
    }

    /// Whether another slot needs [`crate::account::grow_ledger`] first.
    pub fn is_full(&self) -> bool {
        self.head.slots == self.head.capacity
    }

    /// Appends a weight and says its slot. Epochs armed before do not challenge it.
    pub fn append(&mut self, beacon: &Beacon, weight: u64) -> Result<u32> {
        require!(weight > 0, AcesoError::InvariantBroken);
        self.head.sync(beacon)?;
        let slot = self.head.slots;
        fenwick::append(self.nodes, slot, weight)?;
        self.head.slots = slot.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.head.total = self.head.total.checked_add(weight).ok_or(AcesoError::Overflow)?;
        self.head.invariant()?;
        Ok(slot)
    }

    /// Takes a slot's weight out of the set, when nothing is owed on it.
    pub fn remove(&mut self, beacon: &Beacon, slot: u32, weight: u64) -> Result<()> {
        self.head.sync(beacon)?;
        self.head.require_settled(beacon)?;
        require!(weight > 0, AcesoError::InvariantBroken);
        fenwick::remove(self.nodes, self.head.slots, slot, weight)?;
        let head = &mut self.head;
        head.total = head.total.checked_sub(weight).ok_or(AcesoError::InvariantBroken)?;
        head.removals = head.removals.checked_add(1).ok_or(AcesoError::Overflow)?;
        head.invariant()
    }

    /// Takes the weight of an ended lease out.
    pub fn release(&mut self, beacon: &Beacon, lease: &mut Lease) -> Result<()> {
        self.require_lease(lease)?;
        require!(lease.status == LeaseStatus::Ended as u8, AcesoError::LeaseNotEnded);
        require!(lease.has_slot == 1, AcesoError::LeaseNotInSet);
        self.remove(beacon, lease.slot, lease.weight)?;
        lease.has_slot = 0;
        Ok(())
    }

    /// The leaf that challenge `k` names, when it names this lease: live or ended, as long as its weight is in the set.
    pub fn named_leaf(&self, draw: &Draw, k: u8, lease: &Lease) -> Result<u64> {
        self.require_lease(lease)?;
        let (slot, rest) = self.challenge(draw, k)?;
        require!(lease.has_slot == 1 && lease.slot == slot, AcesoError::ChallengeNamesOther);
        let leaf = rest.checked_rem(proof::leaf_count(lease.stored_len));
        Ok(leaf.ok_or(AcesoError::InvariantBroken)?)
    }

    fn require_lease(&self, lease: &Lease) -> Result<()> {
        let ours = lease.peer == self.peer && lease.peer_created_slot == self.peer_created_slot;
        require!(ours, AcesoError::WrongPeer);
        Ok(())
    }

    /// Slot that challenge `k` of the oldest owed epoch names, and how far into its weight.
    pub fn challenge(&self, draw: &Draw, k: u8) -> Result<(u32, u64)> {
        fenwick::find(self.nodes, self.head.slots, self.head.offset(draw, k)?)
    }
}

impl Deref for LedgerMut<'_> {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        self.head
    }
}

impl DerefMut for LedgerMut<'_> {
    fn deref_mut(&mut self) -> &mut Ledger {
        self.head
    }
}
