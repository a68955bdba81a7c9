//! One event for every state change. What touches a folder or a record is [`Audited`]; the rest is here.
//!
//! Events are instruction data of a call of the program to itself (Anchor's `emit_cpi!`): unlike log lines they
//! are never truncated. The call is one shared function here, because the macro repeats it at every use.

use anchor_lang::{
    event::EVENT_IX_TAG_LE,
    prelude::*,
    solana_program::{instruction::Instruction, program::invoke_signed_unchecked},
};

use bytemuck::NoUninit;

pub use crate::state::Audited;
use crate::state::{Blob, Entry, Link, Settings};

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
