//! The audit chain: `head = SHA-256(head ‖ entry)`, and a count, in each folder and record.
//!
//! One entry may extend several chains (a record filed extends the record's and the folder's); it is emitted
//! once, with where it stands in each. A client recomputes the heads and compares them with the accounts, so a
//! node can neither drop nor invent an entry unseen.

use bytemuck::NoUninit;
use solana_sha256_hasher::hashv;

use crate::{constants::AUDIT_LABEL, error::AcesoError, prelude::*};

/// What happened. Append only.
#[derive(AnchorSerialize, AnchorDeserialize, NoUninit, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Action {
    FolderCreated,
    FolderRotated,
    FolderClosed,
    RecordCreated,
    RecordUpdated,
    RecordResealed,
    RecordMoved,
    RecordArchived,
    RecordRestored,
    RecordErased,
    GrantCreated,
    GrantUpdated,
    GrantRevoked,
    GrantExpired,
    RecordOpened,
    DelegateRemoved,
}

/// One line of the trail. Fixed length (136 bytes), so that the digest needs no framing.
///
/// Its bytes in memory are its Borsh form: hashed and emitted as they are, without a serializer (500 compute units).
#[derive(AnchorSerialize, AnchorDeserialize, NoUninit, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Entry {
    pub action: Action,
    /// HL7 purpose of the grant concerned, or 0 ([`crate::state::Purpose`]).
    pub purpose: u8,
    /// Permission bits of the grant concerned, or 0.
    pub permissions: u16,
    /// Epoch of the folder's keyring, or version of the record.
    pub number: u32,
    /// Unix time in seconds.
    pub at_secs: i64,
    pub slot: u64,
    /// Beginning and end of the grant concerned (unix seconds), or 0.
    pub from_secs: i64,
    pub until_secs: i64,
    /// Who acted: a profile. All zeros where anybody may (expiry).
    pub actor: Pubkey,
    /// What it was about: the reader, the delegate, the record, or the folder. README, "Audit entries", has the table.
    pub subject: Pubkey,
    /// Digest of the keyring or head in force afterwards, or the head of the chain that ends here.
    pub digest: [u8; 32],
}

/// Where an entry stands in one chain. 72 bytes, in memory as in Borsh.
#[derive(AnchorSerialize, AnchorDeserialize, NoUninit, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Link {
    /// The folder or record.
    pub scope: Pubkey,
    /// Number of entries with this one; the first is 1.
    pub count: u64,
    /// Head with this entry.
    pub head: [u8; 32],
}

/// Event: an entry and the chains that it extends.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    pub entry: Entry,
    pub links: Vec<Link>,
}

/// Head of an empty chain.
pub fn genesis(scope: &Pubkey, created_slot: u64) -> [u8; 32] {
    hashv(&[AUDIT_LABEL, scope.as_ref(), &created_slot.to_le_bytes()]).to_bytes()
}

/// Head after `entry`.
pub fn extend(head: &[u8; 32], entry: &Entry) -> [u8; 32] {
    hashv(&[head, entry.bytes()]).to_bytes()
}

// On a big-endian machine memory and Borsh would differ; sBPF is little-endian, as is every machine that runs tests.
const _: () = assert!(cfg!(target_endian = "little"));
const _: () = assert!(core::mem::size_of::<Entry>() == Entry::LEN);
const _: () = assert!(core::mem::size_of::<Link>() == 72);

impl Entry {
    pub const LEN: usize = 1 + 1 + 2 + 4 + 8 * 4 + 32 * 3;

    /// What is hashed: the Borsh form.
    pub fn bytes(&self) -> &[u8] {
        bytemuck::bytes_of(self)
    }

    /// An entry of `action` with nothing said about a grant.
    pub fn new(action: Action, actor: Pubkey, subject: Pubkey, clock: &Clock) -> Self {
        Self {
            action,
            purpose: 0,
            permissions: 0,
            number: 0,
            at_secs: clock.unix_timestamp,
            slot: clock.slot,
            from_secs: 0,
            until_secs: 0,
            actor,
            subject,
            digest: [0; 32],
        }
    }

    pub fn number(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    pub fn digest(mut self, digest: [u8; 32]) -> Self {
        self.digest = digest;
        self
    }
}

/// Extends one chain in place and says where the entry stands in it.
pub fn append(scope: Pubkey, head: &mut [u8; 32], count: &mut u64, entry: &Entry) -> Result<Link> {
    *head = extend(head, entry);
    *count = count.checked_add(1).ok_or(AcesoError::Overflow)?;
    Ok(Link { scope, count: *count, head: *head })
}
