use crate::{
    constants::MAX_CONTENT_LEN,
    error::AcesoError,
    layout,
    prelude::*,
    state::{audit, Blob, Entry, Link, Meta, SealedTo, Swap},
};

/// One medical record: where its content and head are, and what happened to it.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    pub meta: Meta,
    pub owner: Pubkey,
    pub folder: Pubkey,
    /// Profile that filed it: the owner, or a delegate with `CAN_CREATE`.
    pub author: Pubkey,
    pub id: [u8; 16],
    /// Profile that wrote the head in force: its signature is on the blob.
    pub head_by: Pubkey,
    pub head_digest: [u8; 32],
    pub content_digest: [u8; 32],
    pub content_len: u64,
    pub head_len: u32,
    /// Counts the contents; the first is 1.
    pub version: u32,
    /// Epoch of the folder that the head is sealed to, or 0: sealed to the owner's own key (the inbox).
    pub epoch: u32,
    /// The owner's key version that the head is sealed to, or 0: sealed to an epoch.
    pub inbox_key_version: u32,
    /// Grows with each grant on this record made, changed or ended.
    pub members_version: u32,
    /// Grants on this record itself.
    pub grants: u32,
    pub created_at_secs: i64,
    pub updated_at_secs: i64,
    pub audit_head: [u8; 32],
    pub audit_count: u64,
    pub archived: u8,
    pub padding: [u8; 7],
    pub reserved: [u8; 64],
}
layout!(Record, 424);

/// Sealed content: SHA-256 and length of the ciphertext. The length fixes the CID.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    pub digest: [u8; 32],
    pub len: u64,
}

impl Content {
    pub fn validate(&self) -> Result<()> {
        require!(self.digest != [0; 32], AcesoError::DigestMissing);
        require!((1..=MAX_CONTENT_LEN).contains(&self.len), AcesoError::ContentLength);
        Ok(())
    }
}

/// The state of a record that a new head relies on.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadSwap {
    pub version: u32,
    pub members_version: u32,
    pub swap: Swap,
}

impl Record {
    #[allow(clippy::too_many_arguments, reason = "the fields of a new account; none is optional")]
    pub fn open(
        &mut self,
        key: &Pubkey,
        owner: Pubkey,
        folder: Pubkey,
        author: Pubkey,
        id: [u8; 16],
        content: Content,
        head: Blob,
        sealed_to: &SealedTo,
        now_secs: i64,
    ) -> Result<()> {
        self.owner = owner;
        self.folder = folder;
        self.author = author;
        self.id = id;
        self.version = 1;
        self.created_at_secs = now_secs;
        self.updated_at_secs = now_secs;
        self.audit_head = audit::genesis(key, self.meta.created_slot);
        self.set_content(content)?;
        self.set_head(head, author, sealed_to)?;
        self.invariant()
    }

    pub fn require_owner(&self, profile: &Pubkey) -> Result<()> {
        require_keys_eq!(self.owner, *profile, AcesoError::NotOwner);
        Ok(())
    }

    pub fn require_in(&self, folder: &Pubkey) -> Result<()> {
        require_keys_eq!(self.folder, *folder, AcesoError::WrongFolder);
        Ok(())
    }

    pub fn require_current(&self, version: u32, head_digest: &[u8; 32]) -> Result<()> {
        require!(
            self.version == version && self.head_digest == *head_digest,
            AcesoError::RecordChanged
        );
        Ok(())
    }

    /// New content under a new head: the next version.
    pub fn update(
        &mut self,
        change: &HeadSwap,
        content: Content,
        sealed_to: &SealedTo,
        writer: Pubkey,
        now_secs: i64,
    ) -> Result<()> {
        require!(self.archived == 0, AcesoError::RecordArchived);
        self.swap_head(change, sealed_to, writer)?;
        require!(content.digest != self.content_digest, AcesoError::BlobUnchanged);
        self.set_content(content)?;
        self.version = self.version.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.updated_at_secs = now_secs;
        self.invariant()
    }

    /// The same content under a new head: other recipients, or another epoch.
    pub fn swap_head(
        &mut self,
        change: &HeadSwap,
        sealed_to: &SealedTo,
        writer: Pubkey,
    ) -> Result<()> {
        change.swap.validate()?;
        self.require_current(change.version, &change.swap.expected)?;
        require!(self.members_version == change.members_version, AcesoError::RecordChanged);
        self.set_head(change.swap.blob, writer, sealed_to)?;
        self.invariant()
    }

    pub fn move_to(&mut self, folder: Pubkey) -> Result<()> {
        require_keys_neq!(self.folder, folder, AcesoError::WrongFolder);
        self.folder = folder;
        Ok(())
    }

    pub fn set_archived(&mut self, archived: bool) -> Result<()> {
        require!((self.archived == 1) != archived, AcesoError::RecordStatusSame);
        self.archived = u8::from(archived);
        Ok(())
    }

    pub fn grant_added(&mut self) -> Result<()> {
        self.grants = self.grants.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.grant_changed()
    }

    pub fn grant_removed(&mut self) -> Result<()> {
        self.grants = self.grants.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        self.grant_changed()
    }

    pub fn grant_changed(&mut self) -> Result<()> {
        self.members_version = self.members_version.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    pub fn require_ungranted(&self) -> Result<()> {
        require!(self.grants == 0, AcesoError::RecordInUse);
        Ok(())
    }

    pub fn append(&mut self, key: Pubkey, entry: &Entry) -> Result<Link> {
        audit::append(key, &mut self.audit_head, &mut self.audit_count, entry)
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.version > 0
                && self.head_len > 0
                && self.content_len > 0
                && self.archived <= 1
                && (self.epoch == 0) != (self.inbox_key_version == 0),
            AcesoError::InvariantBroken
        );
        Ok(())
    }

    fn set_content(&mut self, content: Content) -> Result<()> {
        content.validate()?;
        self.content_digest = content.digest;
        self.content_len = content.len;
        Ok(())
    }

    fn set_head(&mut self, head: Blob, writer: Pubkey, sealed_to: &SealedTo) -> Result<()> {
        head.validate()?;
        self.head_by = writer;
        self.head_digest = head.digest;
        self.head_len = head.len;
        (self.epoch, self.inbox_key_version) = match *sealed_to {
            SealedTo::Epoch { epoch, .. } => (epoch, 0),
            SealedTo::Inbox { key_version, .. } => (0, key_version),
        };
        Ok(())
    }
}
