use bytemuck::{Pod, Zeroable};

use crate::{
    constants::*,
    error::AcesoError,
    event::{MarketAction, MarketChanged},
    prelude::*,
};

/// The storage market's part of Config. All zeros: the market is not open.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct Market {
    /// Length of an epoch, in seconds of unix time. Never changes: an epoch's number is `unix_timestamp / epoch_secs`.
    pub epoch_secs: i64,
    /// Terms of the peers that register from now on.
    pub terms: MarketTerms,
    /// Mints that peers may be paid in, in no order; an empty place is all zeros.
    pub mints: [Mint; MAX_MINTS],
}

/// What a peer and its owners can rely on: copied into the ledger at registration. An argument too: no padding.
// Not `#[zero_copy]`, which describes the type to the IDL a second time.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct MarketTerms {
    /// Challenges of a peer in each epoch.
    pub challenges: u8,
    /// Draws that a debt may stay open before each of its challenges defaults the lease that it names.
    pub grace_draws: u8,
    /// Leases that a peer may lose within 30 days without defaulting whole.
    pub losses_max: u8,
    /// Where the seeds come from: 0, the SlotHashes sysvar, is all there is (reserved for drand).
    pub beacon_kind: u8,
    /// Seconds after the draw within which proofs credit the epoch.
    pub window_secs: u32,
    /// Epochs of its price that a lease locks of the peer's bond.
    pub lock_epochs: u16,
    /// Epochs between a peer's notice and the release of its leases.
    pub notice_epochs: u16,
    /// Seconds that an offer stands.
    pub offer_ttl_secs: u32,
    /// What a spot check costs whom it finds wrong.
    pub spot_deposit_lamports: u64,
}

/// A mint that peers may be paid in. Amounts in its base units.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mint {
    pub mint: Pubkey,
    /// Least penalty that a lease locks: covers storing the bytes anew elsewhere.
    pub lock_floor: u64,
    /// Bond, free and locked together, without which a peer gets no new lease.
    pub bond_min: u64,
}

impl MarketTerms {
    /// Refuses what is out of bounds for epochs of this length.
    pub fn validate(&self, epoch_secs: i64) -> Result<()> {
        let window_secs = i64::from(self.window_secs);
        require!(
            (1..=MAX_CHALLENGES).contains(&self.challenges)
                && (MIN_GRACE_DRAWS..=MAX_GRACE_DRAWS).contains(&self.grace_draws)
                && self.losses_max <= MAX_LOSSES
                && self.beacon_kind == 0
                && (epoch_secs >> 2..=epoch_secs >> 1).contains(&window_secs)
                && (1..=MAX_LOCK_EPOCHS).contains(&self.lock_epochs)
                && (1..=MAX_NOTICE_EPOCHS).contains(&self.notice_epochs)
                && (MIN_OFFER_TTL_SECS..=MAX_OFFER_TTL_SECS).contains(&self.offer_ttl_secs)
                && (MIN_SPOT_DEPOSIT_LAMPORTS..=MAX_SPOT_DEPOSIT_LAMPORTS)
                    .contains(&self.spot_deposit_lamports),
            AcesoError::OutOfBounds
        );
        Ok(())
    }
}

impl Market {
    /// Once: what has been settled by epochs of one length means nothing by epochs of another.
    pub fn open(&mut self, epoch_secs: i64, terms: MarketTerms) -> Result<()> {
        require!(self.epoch_secs == 0, AcesoError::MarketAlreadyOpen);
        self.epoch_secs = epoch_secs;
        self.terms = terms;
        self.invariant()
    }

    /// For peers that register from now on; those that have keep their terms.
    pub fn update(&mut self, terms: MarketTerms) -> Result<()> {
        self.require_open()?;
        self.terms = terms;
        self.invariant()
    }

    pub fn require_open(&self) -> Result<()> {
        require!(self.epoch_secs > 0, AcesoError::MarketNotOpen);
        Ok(())
    }

    /// Number of the epoch at that time.
    pub fn epoch(&self, now_secs: i64) -> Result<u64> {
        self.require_open()?;
        epoch_at(now_secs, self.epoch_secs)
    }

    /// Adds a mint, or changes what it demands of peers that register from now on.
    pub fn set_mint(&mut self, mint: Mint) -> Result<()> {
        self.require_open()?;
        let place = self.place(&mint.mint).or_else(|| self.place(&Pubkey::default()));
        let place = place.and_then(|place| self.mints.get_mut(place));
        *place.ok_or(AcesoError::MintListFull)? = mint;
        Ok(())
    }

    /// Takes no more money in this mint. Peers that have it keep it: everything paid in goes out as agreed.
    pub fn remove_mint(&mut self, mint: &Pubkey) -> Result<Mint> {
        self.mint(mint)?;
        let place = self.place(mint).and_then(|place| self.mints.get_mut(place));
        Ok(core::mem::take(place.ok_or(AcesoError::MintNotAccepted)?))
    }

    /// A listed mint.
    pub fn mint(&self, mint: &Pubkey) -> Result<Mint> {
        require_keys_neq!(*mint, Pubkey::default(), AcesoError::MintNotAccepted);
        let place = self.place(mint).and_then(|place| self.mints.get(place));
        Ok(*place.ok_or(AcesoError::MintNotAccepted)?)
    }

    pub fn event(&self, action: MarketAction, mint: Mint) -> MarketChanged {
        MarketChanged {
            action,
            epoch_secs: self.epoch_secs,
            terms: self.terms,
            mint: mint.mint,
            lock_floor: mint.lock_floor,
            bond_min: mint.bond_min,
        }
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            (MIN_EPOCH_SECS..=MAX_EPOCH_SECS).contains(&self.epoch_secs),
            AcesoError::OutOfBounds
        );
        self.terms.validate(self.epoch_secs)
    }

    fn place(&self, mint: &Pubkey) -> Option<usize> {
        self.mints.iter().position(|place| place.mint == *mint)
    }
}

/// Number of the epoch at that time, which every part of the market counts alike.
pub fn epoch_at(now_secs: i64, epoch_secs: i64) -> Result<u64> {
    // Unsigned, because the processor of the chain divides nothing else.
    let (now, length) = (u64::try_from(now_secs), u64::try_from(epoch_secs));
    let epoch = now.ok().zip(length.ok()).and_then(|(now, length)| now.checked_div(length));
    Ok(epoch.ok_or(AcesoError::InvariantBroken)?)
}
