use solana_sha256_hasher::hashv;

use crate::{
    constants::{BEACON_LABEL, TARGET_SLOTS},
    error::AcesoError,
    event::{BeaconAction, BeaconChanged},
    layout,
    prelude::*,
    state::{epoch_at, Meta},
};

/// Where every peer's challenges come from: one seed an epoch, that nobody knew when the epoch was armed.
///
/// An epoch is `unix time / epoch_secs`. Epochs that somebody armed are numbered 0, 1, 2, ... (`seq`) in that order;
/// an epoch that nobody armed has no number, no challenges and no pay.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Beacon {
    pub meta: Meta,
    /// Seconds of unix time; never changes.
    pub epoch_secs: i64,
    /// The epoch armed last, or 0.
    pub armed_epoch: u64,
    /// The first slot whose hash may become the seed, or 0 when nothing is armed and undrawn.
    pub target_slot: u64,
    /// Epochs armed so far.
    pub arms: u64,
    /// Epochs drawn so far: `arms`, or one less.
    pub draws: u64,
    /// By `seq % 64`.
    pub ring: [Draw; Beacon::RING],
    /// For another source of randomness (drand).
    pub reserved: [u8; 64],
}
layout!(Beacon, 3_232);

/// An epoch's seed. 48 bytes.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct Draw {
    pub epoch: u64,
    /// Chain time, unix seconds: proofs earn from here until the window ends.
    pub drawn_at_secs: i64,
    pub seed: [u8; 32],
}

impl Beacon {
    /// Draws that it remembers.
    pub const RING: usize = 64;

    pub fn open(&mut self, epoch_secs: i64) -> Result<()> {
        self.epoch_secs = epoch_secs;
        self.invariant()
    }

    pub fn current_epoch(&self, now_secs: i64) -> Result<u64> {
        epoch_at(now_secs, self.epoch_secs)
    }

    /// An armed epoch that waits for its draw.
    pub fn is_armed(&self) -> bool {
        self.target_slot != 0
    }

    /// Arms the present epoch, never an earlier one. A seed follows from a slot that is still to come, so from now on
    /// each ledger's set counts as it stands.
    pub fn arm(&mut self, clock: &Clock) -> Result<()> {
        require!(!self.is_armed(), AcesoError::DrawPending);
        let epoch = self.current_epoch(clock.unix_timestamp)?;
        require!(self.arms == 0 || epoch > self.armed_epoch, AcesoError::EpochArmed);
        self.armed_epoch = epoch;
        self.arms = self.arms.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.aim(clock.slot)
    }

    /// Aims anew when nobody drew while the chain remembered the target. An armed epoch is drawn in the end, however
    /// late: giving it up would let a peer that lost its bytes wish for another day.
    pub fn rearm(&mut self, slot_hashes: &[u8], slot: u64) -> Result<()> {
        require!(self.is_armed(), AcesoError::NothingArmed);
        let forgotten = SlotHashes::new(slot_hashes)?.has_forgotten(self.target_slot);
        require!(forgotten, AcesoError::TargetDrawable);
        self.aim(slot)
    }

    fn aim(&mut self, slot: u64) -> Result<()> {
        self.target_slot = slot.checked_add(TARGET_SLOTS).ok_or(AcesoError::Overflow)?;
        self.invariant()
    }

    /// Draws from the first slot that is not before the target. The chain must remember a slot before the target, too:
    /// then no earlier one can be missing, and whoever draws, whenever, gets this seed.
    pub fn draw(&mut self, slot_hashes: &[u8], now_secs: i64) -> Result<()> {
        require!(self.is_armed(), AcesoError::NothingArmed);
        let hash = SlotHashes::new(slot_hashes)?.first_from(self.target_slot)?;
        let epoch = self.armed_epoch.to_le_bytes();
        let seed = hashv(&[BEACON_LABEL, crate::ID.as_ref(), &epoch, hash]).to_bytes();
        let draw = Draw { epoch: self.armed_epoch, drawn_at_secs: now_secs, seed };
        *self.ring.get_mut(ring_at(self.draws)).ok_or(AcesoError::InvariantBroken)? = draw;
        self.draws = self.arms;
        self.target_slot = 0;
        self.invariant()
    }

    /// The draw of the epoch of that number, as long as it is remembered.
    pub fn draw_of(&self, seq: u64) -> Result<&Draw> {
        require!(seq < self.draws, AcesoError::NotDrawn);
        let age = self.draws.saturating_sub(seq);
        require!(age <= Self::RING as u64, AcesoError::DrawForgotten);
        Ok(self.ring.get(ring_at(seq)).ok_or(AcesoError::InvariantBroken)?)
    }

    pub fn event(&self, action: BeaconAction) -> Result<BeaconChanged> {
        let seq = self.arms.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        let seed = if self.is_armed() { [0; 32] } else { self.draw_of(seq)?.seed };
        let (epoch, target_slot) = (self.armed_epoch, self.target_slot);
        Ok(BeaconChanged { action, epoch, seq, target_slot, seed })
    }

    pub fn invariant(&self) -> Result<()> {
        let undrawn = self.arms.checked_sub(self.draws);
        require!(
            self.epoch_secs > 0 && undrawn == Some(u64::from(self.is_armed())),
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}

/// Place in a ring of 64.
pub(crate) fn ring_at(seq: u64) -> usize {
    (seq & 63) as usize
}
const _: () = assert!(Beacon::RING == 64);

/// The SlotHashes sysvar as it lies in its account: a count, then slots and their hashes, newest first. Searched where
/// it lies: it has 20 KiB.
struct SlotHashes<'a> {
    entries: &'a [SlotHash],
}

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct SlotHash {
    slot: [u8; 8],
    hash: [u8; 32],
}

impl<'a> SlotHashes<'a> {
    fn new(data: &'a [u8]) -> Result<Self> {
        Self::parse(data).ok_or(AcesoError::SlotHashesUnreadable.into())
    }

    fn parse(data: &'a [u8]) -> Option<Self> {
        let (count, rest) = data.split_first_chunk::<8>()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        let bytes = rest.get(..count.checked_mul(core::mem::size_of::<SlotHash>())?)?;
        Some(Self { entries: bytemuck::try_cast_slice(bytes).ok()? })
    }

    /// How many entries are not before `target`. They come first.
    fn reaching(&self, target: u64) -> usize {
        self.entries.partition_point(|entry| u64::from_le_bytes(entry.slot) >= target)
    }

    /// Whether an entry that was needed may be gone: none before `target` is left.
    fn has_forgotten(&self, target: u64) -> bool {
        !self.entries.is_empty() && self.reaching(target) == self.entries.len()
    }

    /// Hash of the first slot that is not before `target`.
    fn first_from(&self, target: u64) -> Result<&'a [u8; 32]> {
        require!(!self.has_forgotten(target), AcesoError::TargetForgotten);
        let last = self.reaching(target).checked_sub(1).ok_or(AcesoError::TargetAhead)?;
        Ok(&self.entries.get(last).ok_or(AcesoError::InvariantBroken)?.hash)
    }
}
