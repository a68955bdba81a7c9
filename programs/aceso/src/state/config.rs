use crate::{
    constants::*,
    error::AcesoError,
    event::{ConfigAction, ConfigChanged},
    layout,
    prelude::*,
    state::{Market, Meta},
};

/// The program's settings. One account; an admin changes it within bounds, and hands over in two steps.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Config {
    pub meta: Meta,
    pub admin: Pubkey,
    /// Proposed admin, or all zeros.
    pub pending_admin: Pubkey,
    /// Least deposit of a request; back to its payer unless it expires unanswered.
    pub request_deposit_lamports: u64,
    /// What the program keeps of a deposit when a request expires.
    pub request_fee_lamports: u64,
    /// Longest life of a request.
    pub request_ttl_secs: i64,
    /// Fees kept so far and not withdrawn: they lie on this account, above its rent.
    pub fees_lamports: u64,
    /// `PAUSE_*` flags.
    pub paused: u32,
    pub padding: [u8; 4],
    /// Accepted mints and terms of the storage market.
    pub market: Market,
    pub reserved: [u8; 96],
}
layout!(Config, 672);

/// What the admin may set.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    pub request_deposit_lamports: u64,
    pub request_fee_lamports: u64,
    pub request_ttl_secs: i64,
}

impl Config {
    pub fn open(&mut self, admin: Pubkey, settings: Settings) -> Result<()> {
        self.admin = admin;
        self.update(settings)
    }

    pub fn update(&mut self, settings: Settings) -> Result<()> {
        self.request_deposit_lamports = settings.request_deposit_lamports;
        self.request_fee_lamports = settings.request_fee_lamports;
        self.request_ttl_secs = settings.request_ttl_secs;
        self.invariant()
    }

    pub fn pause(&mut self, flags: u32) -> Result<()> {
        require!(flags & !PAUSE_ALL == 0, AcesoError::PauseFlagUnknown);
        self.paused = flags;
        Ok(())
    }

    pub fn require_running(&self, area: u32) -> Result<()> {
        require!(self.paused & area == 0, AcesoError::Paused);
        Ok(())
    }

    /// Proposing all zeros takes a proposal back. Proposing the present admin is harmless and allowed.
    pub fn propose_admin(&mut self, candidate: Pubkey) {
        self.pending_admin = candidate;
    }

    pub fn accept_admin(&mut self, signer: Pubkey) -> Result<()> {
        require!(
            self.pending_admin != Pubkey::default() && signer == self.pending_admin,
            AcesoError::NotProposed
        );
        self.admin = signer;
        self.pending_admin = Pubkey::default();
        Ok(())
    }

    pub fn collect_fee(&mut self, lamports: u64) -> Result<()> {
        self.fees_lamports =
            self.fees_lamports.checked_add(lamports).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    /// All fees kept, which the caller now moves.
    pub fn withdraw_fees(&mut self) -> Result<u64> {
        require!(self.fees_lamports > 0, AcesoError::NothingToWithdraw);
        Ok(core::mem::take(&mut self.fees_lamports))
    }

    pub fn event(&self, action: ConfigAction, paid_lamports: u64) -> ConfigChanged {
        ConfigChanged {
            action,
            admin: self.admin,
            pending_admin: self.pending_admin,
            settings: Settings {
                request_deposit_lamports: self.request_deposit_lamports,
                request_fee_lamports: self.request_fee_lamports,
                request_ttl_secs: self.request_ttl_secs,
            },
            paused: self.paused,
            paid_lamports,
        }
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.request_deposit_lamports <= MAX_REQUEST_DEPOSIT_LAMPORTS
                && self.request_fee_lamports <= self.request_deposit_lamports
                && (MIN_REQUEST_TTL_SECS..=MAX_REQUEST_TTL_SECS).contains(&self.request_ttl_secs),
            AcesoError::OutOfBounds
        );
        Ok(())
    }
}
