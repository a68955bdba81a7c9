use crate::{
    constants::*,
    error::AcesoError,
    layout,
    prelude::*,
    state::{Action, Entry, Meta, Purpose},
};

/// What a grant or a request is about.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ScopeKind {
    /// Requests only: the owner chooses.
    OwnersChoice,
    Folder,
    Record,
}

/// What a reader is given: for what, how, from when, until when.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// [`Purpose`] as its number.
    pub purpose: u8,
    /// `PERMIT_*` flags.
    pub permissions: u16,
    /// First second of the receipts. The reader's packet is there at once, whatever stands here.
    pub from_secs: i64,
    /// Last second of the grant, or `NO_END`.
    pub until_secs: i64,
}

impl Terms {
    /// Ten years: a grant that begins later is taken for a mistake in the date.
    pub const MAX_WAIT_SECS: i64 = 10 * 366 * 24 * 60 * 60;

    pub fn validate(&self, now_secs: i64) -> Result<()> {
        Purpose::try_from(self.purpose)?;
        require_permissions(self.permissions)?;
        require!(
            self.until_secs > now_secs && self.until_secs > self.from_secs,
            AcesoError::EndsTooEarly
        );
        require!(
            self.from_secs <= now_secs.saturating_add(Self::MAX_WAIT_SECS),
            AcesoError::StartsTooLate
        );
        Ok(())
    }
}

/// Permissions that a grant may give and a request may ask for: known ones, opening among them.
pub fn require_permissions(permissions: u16) -> Result<()> {
    require!(
        permissions & PERMIT_OPEN != 0 && permissions & !PERMIT_ALL == 0,
        AcesoError::PermissionUnknown
    );
    Ok(())
}

/// A reader's right to open a folder's records, or one record.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    pub meta: Meta,
    /// Folder or record.
    pub scope: Pubkey,
    /// A profile.
    pub reader: Pubkey,
    pub owner: Pubkey,
    /// The folder itself, or the record's folder when it was granted.
    pub folder: Pubkey,
    /// The owner or a delegate.
    pub granted_by: Pubkey,
    pub scope_created_slot: u64,
    pub from_secs: i64,
    pub until_secs: i64,
    pub last_opened_at_secs: i64,
    /// Receipts written under this grant.
    pub openings: u32,
    /// Epoch of the folder, or version of the record, when it was granted.
    pub number: u32,
    /// The reader's key version that was sealed to.
    pub reader_key_version: u32,
    pub permissions: u16,
    pub purpose: u8,
    /// [`ScopeKind`].
    pub scope_kind: u8,
    pub reserved: [u8; 64],
}
layout!(Grant, 328);

impl Grant {
    pub fn set_terms(&mut self, terms: &Terms, now_secs: i64) -> Result<()> {
        terms.validate(now_secs)?;
        self.purpose = terms.purpose;
        self.permissions = terms.permissions;
        self.from_secs = terms.from_secs;
        self.until_secs = terms.until_secs;
        self.invariant()
    }

    /// A grant that has ended stays ended: its reader may be missing from the keyring since.
    pub fn update(&mut self, terms: &Terms, now_secs: i64) -> Result<()> {
        require!(now_secs <= self.until_secs, AcesoError::GrantEnded);
        self.set_terms(terms, now_secs)
    }

    pub fn require_scope(&self, scope: &Pubkey, created_slot: u64) -> Result<()> {
        require_keys_eq!(self.scope, *scope, AcesoError::WrongScope);
        require!(self.scope_created_slot == created_slot, AcesoError::ScopeRecreated);
        Ok(())
    }

    pub fn require_live(&self, now_secs: i64) -> Result<()> {
        require!(now_secs >= self.from_secs, AcesoError::GrantNotBegun);
        require!(now_secs <= self.until_secs, AcesoError::GrantEnded);
        Ok(())
    }

    pub fn require_ended(&self, now_secs: i64) -> Result<()> {
        require!(now_secs > self.until_secs, AcesoError::GrantNotEnded);
        Ok(())
    }

    /// Counts a receipt for `version` of a record whose current one is `current`.
    pub fn open_receipt(&mut self, version: u32, current: u32, now_secs: i64) -> Result<()> {
        self.require_live(now_secs)?;
        let needed = if version < current { PERMIT_OPEN | PERMIT_HISTORY } else { PERMIT_OPEN };
        require!(
            version > 0 && version <= current && self.permissions & needed == needed,
            AcesoError::NotPermitted
        );
        self.openings = self.openings.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.last_opened_at_secs = now_secs;
        Ok(())
    }

    /// An audit entry about this grant.
    pub fn entry(&self, action: Action, actor: Pubkey, clock: &Clock) -> Entry {
        Entry {
            purpose: self.purpose,
            permissions: self.permissions,
            from_secs: self.from_secs,
            until_secs: self.until_secs,
            ..Entry::new(action, actor, self.reader, clock)
        }
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.number > 0
                && self.reader_key_version > 0
                && self.until_secs > self.from_secs
                && self.reader != self.owner
                && (self.scope_kind == ScopeKind::Folder as u8
                    || self.scope_kind == ScopeKind::Record as u8)
                && (self.scope_kind == ScopeKind::Folder as u8) == (self.scope == self.folder),
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}
