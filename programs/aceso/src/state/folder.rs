use crate::{
    constants::NO_END,
    error::AcesoError,
    layout,
    prelude::*,
    state::{audit, Blob, Entry, Link, Meta, Profile, SealedTo, Swap},
};

/// Who begins an epoch, and until when it may read the folder itself: the owner always, a delegate as long as its own
/// grant lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    pub profile: Pubkey,
    pub reads_until_secs: i64,
}

/// A set of records that share an epoch key: what is granted as a whole, and rotated when a reader leaves.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Folder {
    pub meta: Meta,
    pub owner: Pubkey,
    pub id: [u8; 16],
    /// Profile that wrote the keyring in force: its signature is on the blob.
    pub keyring_by: Pubkey,
    pub keyring_digest: [u8; 32],
    /// The last keyring that the owner wrote itself, kept while a delegate's is in force; else all zeros.
    pub previous_keyring_digest: [u8; 32],
    pub keyring_len: u32,
    pub previous_keyring_len: u32,
    /// Counts the epoch keys; the first is 1.
    pub epoch: u32,
    /// Grows with each grant made, changed or ended, and when a delegate leaves: what was sealed to the readers of then
    /// is stale.
    pub members_version: u32,
    pub records: u32,
    /// Grants on the folder itself.
    pub grants: u32,
    /// After this second no head may be sealed to this epoch: the first end of a live grant, as far as who began the
    /// epoch told the truth, and no later than its own.
    pub earliest_until_secs: i64,
    /// Beginning of the epoch: a grant that had ended by then is in none of its packets.
    pub epoch_at_secs: i64,
    pub audit_head: [u8; 32],
    pub audit_count: u64,
    /// 1 after a reader has left: no head may be sealed to this epoch.
    pub rotate_due: u8,
    pub padding: [u8; 7],
    /// Emergency access, credential demanded, split threshold (DESIGN.md sections 4 and 6).
    pub reserved_policy: [u8; 128],
    pub reserved: [u8; 56],
}
layout!(Folder, 472);

impl Folder {
    pub fn open(
        &mut self,
        key: &Pubkey,
        owner: Pubkey,
        id: [u8; 16],
        keyring: Blob,
        now_secs: i64,
    ) -> Result<()> {
        keyring.validate()?;
        self.owner = owner;
        self.id = id;
        self.keyring_by = owner;
        self.keyring_digest = keyring.digest;
        self.keyring_len = keyring.len;
        self.epoch = 1;
        self.earliest_until_secs = NO_END;
        self.epoch_at_secs = now_secs;
        self.audit_head = audit::genesis(key, self.meta.created_slot);
        self.invariant()
    }

    pub fn require_owner(&self, profile: &Pubkey) -> Result<()> {
        require_keys_eq!(self.owner, *profile, AcesoError::NotOwner);
        Ok(())
    }

    /// Heads may be sealed to this epoch only while everybody who holds its seed may still read.
    pub fn require_sealable(&self, now_secs: i64) -> Result<()> {
        require!(
            self.rotate_due == 0 && now_secs <= self.earliest_until_secs,
            AcesoError::FolderRotateDue
        );
        Ok(())
    }

    /// A head sealed to this folder's epoch: the writer must have used the keyring in force.
    pub fn require_epoch(
        &self,
        epoch: u32,
        keyring_digest: &[u8; 32],
        now_secs: i64,
    ) -> Result<()> {
        require!(
            self.epoch == epoch && self.keyring_digest == *keyring_digest,
            AcesoError::FolderChanged
        );
        self.require_sealable(now_secs)
    }

    /// [`SealedTo`] of a new head: the folder's epoch, or the key that the owner's bundle publishes.
    pub fn require_sealed_to(
        &self,
        sealed_to: &SealedTo,
        owner: &Profile,
        now_secs: i64,
    ) -> Result<()> {
        match sealed_to {
            SealedTo::Epoch { epoch, keyring_digest } => {
                self.require_epoch(*epoch, keyring_digest, now_secs)
            }
            SealedTo::Inbox { key_version, bundle_digest } => {
                require!(owner.key_version == *key_version, AcesoError::KeysChanged);
                owner.require_bundle(bundle_digest)
            }
        }
    }

    /// Same epoch, one packet more.
    pub fn swap_keyring(&mut self, swap: &Swap, epoch: u32, writer: Pubkey) -> Result<()> {
        swap.validate()?;
        require!(
            self.epoch == epoch && self.keyring_digest == swap.expected,
            AcesoError::FolderChanged
        );
        if writer == self.owner {
            self.previous_keyring_digest = [0; 32];
            self.previous_keyring_len = 0;
        } else if self.keyring_by == self.owner {
            self.previous_keyring_digest = self.keyring_digest;
            self.previous_keyring_len = self.keyring_len;
        }
        self.keyring_by = writer;
        self.keyring_digest = swap.blob.digest;
        self.keyring_len = swap.blob.len;
        self.invariant()
    }

    /// A new epoch: whoever is not in its keyring is shut out of what comes after.
    ///
    /// `earliest_until_secs` is the writer's word: the grants that remain are not here to be asked. It counts no longer
    /// than the writer reads itself: until then it could pass on what it reads anyway, so a false one gains nothing.
    /// `members_version` proves that it knew all grants.
    pub fn rotate(
        &mut self,
        swap: &Swap,
        epoch: u32,
        members_version: u32,
        earliest_until_secs: i64,
        writer: Writer,
        now_secs: i64,
    ) -> Result<()> {
        require!(self.members_version == members_version, AcesoError::FolderChanged);
        let earliest_until_secs = earliest_until_secs.min(writer.reads_until_secs);
        require!(earliest_until_secs > now_secs, AcesoError::EndsTooEarly);
        self.swap_keyring(swap, epoch, writer.profile)?;
        self.epoch = self.epoch.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.earliest_until_secs = earliest_until_secs;
        self.epoch_at_secs = now_secs;
        self.rotate_due = 0;
        self.invariant()
    }

    pub fn grant_added(&mut self, until_secs: i64) -> Result<()> {
        self.grants = self.grants.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.grant_changed(until_secs)
    }

    /// The earliest end only becomes earlier here; a rotation sets it anew.
    pub fn grant_changed(&mut self, until_secs: i64) -> Result<()> {
        self.earliest_until_secs = self.earliest_until_secs.min(until_secs);
        self.members_version = self.members_version.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    /// `until_secs` of the grant tells whether its reader can know this epoch's seed: clearing away a grant that
    /// had run out before the epoch began asks for no second rotation.
    pub fn grant_removed(&mut self, until_secs: i64) -> Result<()> {
        self.grants = self.grants.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        if until_secs >= self.epoch_at_secs {
            return self.reader_left();
        }
        self.members_version = self.members_version.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    /// Someone who knows the seed may no longer read what comes.
    pub fn reader_left(&mut self) -> Result<()> {
        self.rotate_due = 1;
        self.members_version = self.members_version.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    pub fn record_added(&mut self) -> Result<()> {
        self.records = self.records.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    pub fn record_removed(&mut self) -> Result<()> {
        self.records = self.records.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        Ok(())
    }

    pub fn require_empty(&self) -> Result<()> {
        require!(self.records == 0 && self.grants == 0, AcesoError::FolderInUse);
        Ok(())
    }

    pub fn append(&mut self, key: Pubkey, entry: &Entry) -> Result<Link> {
        audit::append(key, &mut self.audit_head, &mut self.audit_count, entry)
    }

    pub fn invariant(&self) -> Result<()> {
        let kept_for_owner = self.previous_keyring_len > 0;
        require!(
            self.epoch > 0
                && self.keyring_len > 0
                && self.rotate_due <= 1
                && kept_for_owner == (self.keyring_by != self.owner)
                && kept_for_owner == (self.previous_keyring_digest != [0; 32]),
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}
