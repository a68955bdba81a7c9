//! Accounts of the program as types: what a node says is one, is checked to be one.

use std::ops::Deref;

use aceso::state::{
    Beacon, Config, Delegate, Folder, Grant, Layout, Lease, Meta, Peer, Profile, Record, Request,
};
use anchor_lang::{Discriminator, prelude::Pubkey};

use super::{ChainError, address};

/// An account as a node told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched<T> {
    pub address: Pubkey,
    pub account: T,
    pub lamports: u64,
    /// Slot that the answer is of.
    pub slot: u64,
}

impl<T> Deref for Fetched<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.account
    }
}

/// Bytes of an account with its owner, undecoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAccount {
    pub owner: Pubkey,
    pub lamports: u64,
    pub data: Vec<u8>,
    pub slot: u64,
}

/// Name, offset and length of a field in an account's data (the discriminator included).
pub type Field = (&'static str, usize, usize);

/// A kind of account of this program.
pub trait Kind: Layout + Discriminator + Send + Sync + 'static {
    const NAME: &'static str;
    const FIELDS: &'static [Field];

    /// Where a field begins, for a `memcmp` filter.
    fn offset(field: &'static str) -> Result<usize, ChainError> {
        let found = Self::FIELDS.iter().find(|(name, ..)| *name == field);
        found
            .map(|(_, offset, _)| *offset)
            .ok_or(ChainError::FieldUnknown { kind: Self::NAME, field })
    }
}

macro_rules! kind {
    ($type:ty, $name:literal, $($field:ident),+ $(,)?) => {
        impl Kind for $type {
            const NAME: &'static str = $name;
            const FIELDS: &'static [Field] = &[
                $((stringify!($field), 8 + core::mem::offset_of!($type, $field), size_of_field(|a: &$type| &a.$field)),)+
            ];
        }
    };
}

/// Length of the field that `_get` reads.
const fn size_of_field<T, F>(_get: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

kind!(
    Config,
    "config",
    meta,
    admin,
    pending_admin,
    request_deposit_lamports,
    request_fee_lamports,
    request_ttl_secs,
    fees_lamports,
    paused,
    market,
    reserved
);
kind!(
    Profile,
    "profile",
    meta,
    authority,
    pending_authority,
    creator,
    id,
    bundle_digest,
    bundle_len,
    key_version,
    nonce,
    folders,
    delegates,
    retired,
    reserved_factor,
    reserved
);
kind!(
    Delegate,
    "delegation",
    meta,
    owner,
    profile,
    folder,
    folder_created_slot,
    until_secs,
    capabilities,
    reserved
);
kind!(
    Folder,
    "folder",
    meta,
    owner,
    id,
    keyring_by,
    keyring_digest,
    previous_keyring_digest,
    keyring_len,
    previous_keyring_len,
    epoch,
    members_version,
    records,
    grants,
    earliest_until_secs,
    audit_head,
    audit_count,
    rotate_due,
    reserved_policy,
    reserved
);
kind!(
    Record,
    "record",
    meta,
    owner,
    folder,
    author,
    id,
    head_by,
    head_digest,
    content_digest,
    content_len,
    head_len,
    version,
    epoch,
    inbox_key_version,
    members_version,
    grants,
    created_at_secs,
    updated_at_secs,
    audit_head,
    audit_count,
    archived,
    reserved
);
kind!(
    Grant,
    "grant",
    meta,
    scope,
    reader,
    owner,
    folder,
    granted_by,
    scope_created_slot,
    from_secs,
    until_secs,
    last_opened_at_secs,
    openings,
    number,
    reader_key_version,
    permissions,
    purpose,
    scope_kind,
    reserved
);
kind!(
    Request,
    "request",
    meta,
    owner,
    requester,
    scope,
    id,
    reason_digest,
    duration_secs,
    created_at_secs,
    expires_at_secs,
    deposit_lamports,
    fee_lamports,
    reason_len,
    permissions,
    purpose,
    scope_kind,
    reserved
);

kind!(Beacon, "beacon", meta, epoch_secs, armed_epoch, target_slot, arms, draws, ring, reserved);
kind!(
    Peer,
    "peer",
    meta,
    profile,
    operator,
    mint,
    token_program,
    vault,
    payout,
    bond,
    locked,
    escrow,
    owed,
    earned,
    price_flat,
    price_per_gib,
    lock_floor,
    bond_min,
    drain_epoch,
    leases,
    live,
    share_key,
    endpoint,
    endpoint_len,
    status,
    reserved
);
kind!(
    Lease,
    "lease",
    meta,
    owner,
    peer,
    scope,
    root,
    digest,
    next_root,
    next_digest,
    spot_checker,
    peer_created_slot,
    scope_created_slot,
    stored_len,
    next_len,
    weight,
    price,
    lock,
    escrow,
    owed,
    from_epoch,
    until_epoch,
    settled_epoch,
    offer_until_secs,
    ended_at_secs,
    spot_offset,
    spot_deposit_lamports,
    spot_until_secs,
    spot_until_draws,
    epochs,
    slot,
    has_slot,
    status,
    end,
    kind,
    number,
    reserved
);

/// Reads an account: it must be the program's, of this kind and of a layout known here.
pub fn decode<T: Kind>(at: Pubkey, raw: &RawAccount) -> Result<Fetched<T>, ChainError> {
    let wrong = |reason| ChainError::AccountWrong { kind: T::NAME, address: at, reason };
    if raw.owner != address::PROGRAM {
        return Err(wrong("another program owns it"));
    }
    let body =
        raw.data.strip_prefix(T::DISCRIMINATOR).ok_or_else(|| wrong("it is of another kind"))?;
    let meta_len = size_of::<Meta>();
    let meta: Meta =
        bytemuck::pod_read_unaligned(body.get(..meta_len).ok_or_else(|| wrong("it is too short"))?);
    if meta.layout != Meta::LAYOUT {
        return Err(ChainError::LayoutUnknown {
            kind: T::NAME,
            address: at,
            found: meta.layout,
            known: Meta::LAYOUT,
        });
    }
    if raw.data.len() != T::SPACE {
        return Err(wrong("its length does not fit its layout"));
    }
    let account = bytemuck::pod_read_unaligned(body);
    Ok(Fetched { address: at, account, lamports: raw.lamports, slot: raw.slot })
}

/// First field in which two states of an account differ.
pub fn difference<T: Kind>(one: &RawAccount, other: &RawAccount) -> Option<&'static str> {
    if one.owner != other.owner {
        return Some("owner");
    }
    if one.data == other.data {
        return None;
    }
    let field = T::FIELDS.iter().find(|(_, offset, len)| {
        let range = *offset..offset + len;
        one.data.get(range.clone()) != other.data.get(range)
    });
    Some(field.map_or("length or padding", |(name, ..)| name))
}
