use anchor_lang::prelude::*;

use crate::{constants::*, layout, state::Meta};

/// What a peer takes and owes.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PeerStatus {
    Active,
    /// It has given notice: no new leases, and the old ones are released from `drain_epoch` on.
    Draining,
    /// It has failed whole: every lease may be ended, with its lock to its owner.
    Defaulted,
}

/// Someone who stores bytes for tokens. All amounts in base units of `mint`.
///
/// Every token in the vault stands in one of five books: `bond`, `locked`, `escrow`, `owed`, `earned`. What lies in it
/// above their sum (a donation, dust) belongs to nobody until the peer retires.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Peer {
    pub meta: Meta,
    /// Who it is; its authority holds the bond and the earnings.
    pub profile: Pubkey,
    /// Hot key of the daemon: accepts and declines. It can move no token out.
    pub operator: Pubkey,
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Token account of the mint, owned by this account.
    pub vault: Pubkey,
    /// Token account that settlements pay to, or all zeros: they only book.
    pub payout: Pubkey,
    /// Free bond.
    pub bond: u64,
    /// Penalties of live leases.
    pub locked: u64,
    /// Paid in by owners, neither earned nor refunded yet.
    pub escrow: u64,
    /// Refunds and penalties that owners have not claimed yet.
    pub owed: u64,
    /// The peer's own, not paid out yet.
    pub earned: u64,
    /// Price of an epoch, of every lease alike.
    pub price_flat: u64,
    /// Price of an epoch for each GiB of weight.
    pub price_per_gib: u64,
    /// Of its mint in Config at registration: least penalty of a lease.
    pub lock_floor: u64,
    /// Of its mint in Config at registration: bond without which it gets no new lease.
    pub bond_min: u64,
    /// First epoch in which leases may be released after notice, or 0.
    pub drain_epoch: u64,
    /// Lease accounts that stand.
    pub leases: u32,
    /// Leases accepted and not ended.
    pub live: u32,
    /// Digest of the key that shares are sealed to (DESIGN.md section 6), or all zeros.
    pub share_key: [u8; 32],
    /// URL of its daemon, ASCII, filled up with zeros.
    pub endpoint: [u8; MAX_ENDPOINT_LEN],
    pub endpoint_len: u8,
    /// [`PeerStatus`].
    pub status: u8,
    pub padding: [u8; 6],
    pub reserved: [u8; 128],
}
layout!(Peer, 632);

/// What a peer says of itself.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct PeerArgs {
    pub operator: Pubkey,
    pub price_flat: u64,
    pub price_per_gib: u64,
    pub endpoint: String,
    pub share_key: [u8; 32],
}
