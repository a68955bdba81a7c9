//! One event for every state change. What touches a folder or a record is [`Audited`]; the rest is here.
//!
//! Events are instruction data of a call of the program to itself (Anchor's `emit_cpi!`): unlike log lines they
//! are never truncated. The call is one shared function here, because the macro repeats it at every use.

use anchor_lang::{
    event::EVENT_IX_TAG_LE,
    solana_program::{instruction::Instruction, program::invoke_signed_unchecked},
};

use bytemuck::NoUninit;

pub use crate::state::Audited;
use crate::{
    prelude::*,
    state::{Blob, EndReason, Entry, Link, MarketTerms, Settings},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigAction {
    Created,
    Updated,
    Paused,
    AdminProposed,
    AdminAccepted,
    FeesWithdrawn,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChanged {
    pub action: ConfigAction,
    pub admin: Pubkey,
    pub pending_admin: Pubkey,
    pub settings: Settings,
    pub paused: u32,
    /// Lamports that left the account (fees withdrawn), or 0.
    pub paid_lamports: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileAction {
    Created,
    KeysRotated,
    AuthorityProposed,
    AuthorityAccepted,
    Retired,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileChanged {
    pub action: ProfileAction,
    pub profile: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub key_version: u32,
    pub bundle: Blob,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelegateAction {
    Added,
    Removed,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegateChanged {
    pub action: DelegateAction,
    pub delegate: Pubkey,
    pub owner: Pubkey,
    pub profile: Pubkey,
    /// All zeros for every folder.
    pub folder: Pubkey,
    pub capabilities: u16,
    pub until_secs: i64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestAction {
    Created,
    Approved,
    Denied,
    Cancelled,
    Expired,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestChanged {
    pub action: RequestAction,
    pub request: Pubkey,
    pub owner: Pubkey,
    pub requester: Pubkey,
    pub scope: Pubkey,
    pub deposit_lamports: u64,
    /// What the program kept of the deposit.
    pub kept_lamports: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketAction {
    Opened,
    Updated,
    MintSet,
    MintRemoved,
}

/// The storage market's settings. Mint, floor and minimum are those of the mint set or removed, else zeros.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketChanged {
    pub action: MarketAction,
    pub epoch_secs: i64,
    pub terms: MarketTerms,
    pub mint: Pubkey,
    pub lock_floor: u64,
    pub bond_min: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeaconAction {
    Armed,
    Rearmed,
    Drawn,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeaconChanged {
    pub action: BeaconAction,
    pub epoch: u64,
    pub seq: u64,
    /// Slot whose hash the seed comes from, or the first one after it that has one.
    pub target_slot: u64,
    /// All zeros until it is drawn.
    pub seed: [u8; 32],
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerAction {
    Registered,
    Updated,
    BondAdded,
    BondWithdrawn,
    PayoutSet,
    Draining,
    Defaulted,
    Retired,
}

/// A peer and its books after the change.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerChanged {
    pub action: PeerAction,
    pub peer: Pubkey,
    pub profile: Pubkey,
    pub mint: Pubkey,
    pub bond: u64,
    pub locked: u64,
    pub escrow: u64,
    pub owed: u64,
    pub earned: u64,
    /// Tokens that went into or out of the vault.
    pub amount: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseAction {
    Opened,
    Accepted,
    /// `end` says why.
    Ended,
    Extended,
    Amended,
    AmendAccepted,
    Claimed,
    Closed,
    SpotOpened,
    SpotAnswered,
    /// The deposit went back because the lease has ended otherwise.
    SpotDropped,
    /// A challenge that named the lease was given up; it had ended before.
    ChallengeDropped,
}

/// A lease after the change.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseChanged {
    pub action: LeaseAction,
    /// Why it has ended, if it has.
    pub end: EndReason,
    pub lease: Pubkey,
    pub peer: Pubkey,
    pub owner: Pubkey,
    pub scope: Pubkey,
    /// Root in force; the one proposed for `Amended`.
    pub root: [u8; 32],
    pub stored_len: u64,
    pub price: u64,
    pub from_epoch: u64,
    pub until_epoch: u64,
    pub escrow: u64,
    pub owed: u64,
    pub lock: u64,
    /// Tokens that moved by this change: paid in, earned by the peer, or claimed.
    pub paid: u64,
    /// Who else had a part: funder, spot checker, answerer or the account paid to; all zeros where nobody.
    pub counterparty: Pubkey,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasePaid {
    pub lease: Pubkey,
    pub amount: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasesSettled {
    pub peer: Pubkey,
    /// Earned by the leases below.
    pub paid: u64,
    /// Sent to the payout account: also what was earned before. 0: only booked.
    pub transferred: u64,
    pub leases: Vec<LeasePaid>,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofsAccepted {
    pub peer: Pubkey,
    pub seq: u64,
    pub epoch: u64,
    /// Challenges answered by this call.
    pub answered: u32,
    /// Whether the epoch was credited by it.
    pub credited: bool,
}

#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetApplied {
    pub peer: Pubkey,
    /// Leases whose weight left the proof set.
    pub removed: u32,
    /// Weight that is left in it.
    pub total: u64,
}

/// Emits any event.
pub fn emit<E: anchor_lang::Event>(authority: &AccountInfo, event: &E) -> Result<()> {
    let event = event.data();
    let mut data = Vec::with_capacity(EVENT_IX_TAG_LE.len().saturating_add(event.len()));
    data.extend_from_slice(EVENT_IX_TAG_LE);
    data.extend_from_slice(&event);
    call_self(authority, data)
}

/// What stands before the links: put together in one piece, because each piece of a vector costs 40 compute units.
#[derive(Clone, Copy, NoUninit)]
#[repr(C)]
struct AuditedHead {
    tag: [u8; 8],
    discriminator: [u8; 8],
    entry: [u8; Entry::LEN],
    /// How many follow.
    links: [u8; 4],
}

const EVENT_IX_TAG: [u8; 8] = first_eight(EVENT_IX_TAG_LE);
const AUDITED_DISCRIMINATOR: [u8; 8] = first_eight(Audited::DISCRIMINATOR);

const fn first_eight(bytes: &[u8]) -> [u8; 8] {
    match bytes.first_chunk() {
        Some(chunk) => *chunk,
        None => panic!("a discriminator has eight bytes"),
    }
}

/// Emits [`Audited`]: an entry with the chains that it extends.
///
/// Written out by hand, because every change of a folder or a record pays for it: its parts are their own Borsh form.
pub fn emit_audit<const N: usize>(
    authority: &AccountInfo,
    entry: Entry,
    links: [Link; N],
) -> Result<()> {
    let head = AuditedHead {
        tag: EVENT_IX_TAG,
        discriminator: AUDITED_DISCRIMINATOR,
        entry: bytemuck::cast(entry),
        links: (N as u32).to_le_bytes(),
    };
    let mut data = Vec::with_capacity(512);
    data.extend_from_slice(bytemuck::bytes_of(&head));
    data.extend_from_slice(bytemuck::cast_slice(&links));
    call_self(authority, data)
}

#[inline(never)]
fn call_self(authority: &AccountInfo, data: Vec<u8>) -> Result<()> {
    let call = Instruction {
        program_id: crate::ID,
        accounts: vec![AccountMeta::new_readonly(*authority.key, true)],
        data,
    };
    let seeds: &[&[u8]] = &[b"__event_authority", &[crate::EVENT_AUTHORITY_AND_BUMP.1]];
    // Unchecked only as to borrows: the event authority has no data.
    invoke_signed_unchecked(&call, core::slice::from_ref(authority), &[seeds])?;
    Ok(())
}
