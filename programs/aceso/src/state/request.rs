use crate::{
    constants::*,
    error::AcesoError,
    event::{RequestAction, RequestChanged},
    layout,
    prelude::*,
    state::{grant::require_permissions, Blob, Config, Meta, Purpose, ScopeKind, Terms},
};

/// A reader's question to an owner, with a deposit against spam. Closed when it is answered.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub meta: Meta,
    pub owner: Pubkey,
    /// A profile.
    pub requester: Pubkey,
    /// A folder or record of the owner, or all zeros: the owner's choice.
    pub scope: Pubkey,
    pub id: [u8; 16],
    /// Packet to the owner with the reason in words.
    pub reason_digest: [u8; 32],
    /// How long the reader wants to read.
    pub duration_secs: i64,
    pub created_at_secs: i64,
    pub expires_at_secs: i64,
    /// Lies on this account, above its rent. Goes back to `meta.payer`.
    pub deposit_lamports: u64,
    /// What the program keeps on expiry, unless granting is paused then: Config's fee when the request was made.
    pub fee_lamports: u64,
    pub reason_len: u32,
    pub permissions: u16,
    /// [`Purpose`].
    pub purpose: u8,
    /// [`ScopeKind`].
    pub scope_kind: u8,
    pub reserved: [u8; 64],
}
layout!(Request, 312);

/// What a reader asks for.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    pub scope_kind: ScopeKind,
    /// All zeros for the owner's choice. Not checked to exist: the owner sees what it names.
    pub scope: Pubkey,
    pub purpose: u8,
    pub permissions: u16,
    pub duration_secs: i64,
    pub reason: Blob,
    /// How long the question stands, at most Config's `request_ttl_secs`.
    pub ttl_secs: i64,
    pub deposit_lamports: u64,
}

impl Request {
    pub fn open(
        &mut self,
        owner: Pubkey,
        requester: Pubkey,
        id: [u8; 16],
        ask: &Ask,
        config: &Config,
        now_secs: i64,
    ) -> Result<()> {
        require_keys_neq!(owner, requester, AcesoError::ToOneself);
        ask.reason.validate()?;
        Purpose::try_from(ask.purpose)?;
        require_permissions(ask.permissions)?;
        require!(
            (ask.scope_kind == ScopeKind::OwnersChoice) == (ask.scope == Pubkey::default()),
            AcesoError::WrongScope
        );
        require!(ask.duration_secs > 0, AcesoError::EndsTooEarly);
        require!(
            ask.ttl_secs > 0 && ask.ttl_secs <= config.request_ttl_secs,
            AcesoError::OutOfBounds
        );
        require!(
            ask.deposit_lamports >= config.request_deposit_lamports,
            AcesoError::DepositTooLow
        );
        require!(ask.deposit_lamports <= MAX_REQUEST_DEPOSIT_LAMPORTS, AcesoError::OutOfBounds);
        self.owner = owner;
        self.requester = requester;
        self.scope = ask.scope;
        self.id = id;
        self.reason_digest = ask.reason.digest;
        self.reason_len = ask.reason.len;
        self.duration_secs = ask.duration_secs;
        self.created_at_secs = now_secs;
        self.expires_at_secs = now_secs.checked_add(ask.ttl_secs).ok_or(AcesoError::Overflow)?;
        self.deposit_lamports = ask.deposit_lamports;
        self.fee_lamports = config.request_fee_lamports;
        self.permissions = ask.permissions;
        self.purpose = ask.purpose;
        self.scope_kind = ask.scope_kind as u8;
        self.invariant()
    }

    pub fn require_open(&self, now_secs: i64) -> Result<()> {
        require!(now_secs <= self.expires_at_secs, AcesoError::RequestEnded);
        Ok(())
    }

    pub fn require_expired(&self, now_secs: i64) -> Result<()> {
        require!(now_secs > self.expires_at_secs, AcesoError::RequestNotEnded);
        Ok(())
    }

    /// An approval gives what was asked, or less: never another scope or purpose, nor longer.
    pub fn require_covers(&self, scope: &Pubkey, terms: &Terms, now_secs: i64) -> Result<()> {
        require!(self.scope == Pubkey::default() || self.scope == *scope, AcesoError::WrongScope);
        let latest_end = now_secs.max(terms.from_secs).saturating_add(self.duration_secs);
        require!(
            terms.purpose == self.purpose
                && terms.permissions & !self.permissions == 0
                && terms.until_secs <= latest_end,
            AcesoError::ExceedsRequest
        );
        Ok(())
    }

    /// What the program keeps on expiry. Nothing while it pauses granting: nobody can say yes then, and the admin who
    /// paused takes the fees.
    pub fn fee_due(&self, config: &Config) -> u64 {
        if config.paused & PAUSE_GRANT == 0 {
            self.fee_lamports
        } else {
            0
        }
    }

    pub fn event(&self, action: RequestAction, key: Pubkey, kept_lamports: u64) -> RequestChanged {
        RequestChanged {
            action,
            request: key,
            owner: self.owner,
            requester: self.requester,
            scope: self.scope,
            deposit_lamports: self.deposit_lamports,
            kept_lamports,
        }
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.fee_lamports <= self.deposit_lamports
                && self.expires_at_secs > self.created_at_secs
                && self.owner != self.requester,
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}
