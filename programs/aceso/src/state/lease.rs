use anchor_lang::prelude::*;

use crate::{layout, state::Meta};

/// What a lease covers. Its number is part of the lease's address.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LeaseKind {
    /// A record's content, masked for this lease, and its head. Scope: the record.
    Record,
    /// A folder's keyring. Scope: the folder.
    Keyring,
    /// A profile's bundle. Scope: the profile.
    Bundle,
    /// Many small records of a folder under one root. Scope: the folder; numbered.
    Pack,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LeaseStatus {
    Offered,
    Live,
    Ended,
}

/// Why a lease has ended.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LeaseEnd {
    None,
    Declined,
    Expired,
    Cancelled,
    Term,
    Released,
    Defaulted,
    PeerDefaulted,
}

/// Bytes that one peer holds for one owner, paid for each epoch that it proves. Amounts in base units of the peer's mint.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Lease {
    pub meta: Meta,
    /// Profile whose bytes they are: refunds and penalties go to its authority, whoever has paid.
    pub owner: Pubkey,
    pub peer: Pubkey,
    /// Record, folder or profile, by `kind`.
    pub scope: Pubkey,
    /// Root in force: length and proof tree of the stored bytes (client/format/SPEC.md, "Proof trees").
    pub root: [u8; 32],
    /// Where the stored bytes are: their address, as of any blob.
    pub digest: [u8; 32],
    /// Pending amendment: in force once the peer accepts it; all zeros: none.
    pub next_root: [u8; 32],
    pub next_digest: [u8; 32],
    /// Wallet whose spot check is open, or all zeros.
    pub spot_checker: Pubkey,
    pub peer_created_slot: u64,
    pub scope_created_slot: u64,
    /// Bytes under the root in force.
    pub stored_len: u64,
    /// Bytes of the pending amendment, or 0.
    pub next_len: u64,
    /// Leaves that it is billed and drawn by. An amendment never changes it.
    pub weight: u64,
    /// Tokens for each credited epoch. Never changes.
    pub price: u64,
    /// Penalty: part of the peer's `locked` while the lease is live.
    pub lock: u64,
    /// Part of the peer's `escrow`.
    pub escrow: u64,
    /// To the owner: part of the peer's `owed`.
    pub owed: u64,
    /// First epoch that can be paid.
    pub from_epoch: u64,
    /// First epoch that can not be paid any more.
    pub until_epoch: u64,
    /// Epochs before this one are paid or forfeited.
    pub settled_epoch: u64,
    pub offer_until_secs: i64,
    pub ended_at_secs: i64,
    /// The spot check names the leaf `spot_offset % leaf count` of the root in force.
    pub spot_offset: u64,
    /// Lies on this account, above its rent.
    pub spot_deposit_lamports: u64,
    /// The spot check defaults when both are over.
    pub spot_until_secs: i64,
    pub spot_until_draws: u64,
    /// Epochs bought in the offer.
    pub epochs: u32,
    /// Slot in the ledger's tree.
    pub slot: u32,
    /// 1 while the weight is in the tree, where challenges can name it.
    pub has_slot: u8,
    /// [`LeaseStatus`].
    pub status: u8,
    /// [`LeaseEnd`].
    pub end: u8,
    /// [`LeaseKind`].
    pub kind: u8,
    /// Number of a pack, else 0.
    pub number: u8,
    pub padding: [u8; 3],
    pub reserved: [u8; 80],
}
layout!(Lease, 552);
