//! Who may have which bytes, and who may bring them. Decided from accounts of the chain, each time.
//!
//! Bundles and keyrings: anyone. Copies of records and packs: whoever signs as the owner, as a live reader of the record or
//! its folder, as a filer with a live delegation, or as a peer that was offered the same bytes. What a reader gets is
//! ciphertext all the same; this keeps strangers from collecting it.

use aceso::{
    constants::{CAN_CREATE, CAN_LEASE, PERMIT_OPEN},
    state::{
        Delegate, Folder, Grant, Layout, Lease, LeaseKind, LeaseStatus, Peer, Profile, Record,
    },
};
use aceso_sdk::chain::{Pubkey, address};
use async_trait::async_trait;

use crate::signature::Signed;

/// Where accounts come from: a chain, or a map in tests. `None` is for certain: there is no such account.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The chain's time.
    fn now_secs(&self) -> i64;
    async fn profile(&self, at: &Pubkey) -> Result<Option<Profile>, Unavailable>;
    async fn folder(&self, at: &Pubkey) -> Result<Option<Folder>, Unavailable>;
    async fn record(&self, at: &Pubkey) -> Result<Option<Record>, Unavailable>;
    async fn grant(&self, at: &Pubkey) -> Result<Option<Grant>, Unavailable>;
    async fn delegate(&self, at: &Pubkey) -> Result<Option<Delegate>, Unavailable>;
    async fn peer(&self, at: &Pubkey) -> Result<Option<Peer>, Unavailable>;
    async fn lease(&self, at: &Pubkey) -> Result<Option<Lease>, Unavailable>;
}

/// The chain could not be asked: not a refusal, but nothing is given out either.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chain cannot be asked at the moment ({0}); try again in a minute")]
pub struct Unavailable(pub String);

/// Why somebody gets nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error(
        "the profile that the request names does not exist or is retired; name the one that you act for"
    )]
    NoProfile,
    #[error(
        "this wallet does not sign for the profile that the request names; sign with its authority"
    )]
    NotAuthority,
    #[error("the record or folder of these bytes is gone; nobody but their owner may have them")]
    ScopeGone,
    #[error("your grant has not begun or has ended; ask the owner for a new one")]
    GrantEnded,
    #[error("your delegation has ended or is for something else; ask the owner for a new one")]
    DelegateEnded,
    #[error(
        "you are neither owner, reader nor filer of these bytes, nor a peer that was offered them; ask the owner for a grant"
    )]
    Stranger,
    #[error(
        "only the owner of a lease, or a delegate who may lease, brings its bytes; ask one of them"
    )]
    NotLessor,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// As what somebody was let in: for the log, and for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Owner,
    Reader,
    Filer,
    /// Another storage peer.
    Peer,
    /// Owner's delegate who may lease.
    Lessor,
}

/// Whether the bytes of a lease are for anyone.
pub fn is_public(kind: u8) -> bool {
    kind == LeaseKind::Keyring as u8 || kind == LeaseKind::Bundle as u8
}

/// Whether `signed` may have the bytes of `lease`.
pub async fn read(accounts: &dyn Accounts, lease: &Lease, signed: &Signed) -> Result<Role, Denied> {
    let profile = acting(accounts, signed).await;
    // A peer may sign with its operator's key, which is no profile's authority.
    if !matches!(profile, Err(Denied::Unavailable(_)))
        && is_offered(accounts, lease, signed, profile.is_ok()).await?
    {
        return Ok(Role::Peer);
    }
    profile?;
    if signed.profile == lease.owner {
        return Ok(Role::Owner);
    }
    let scope = Scope::of(accounts, lease).await?.ok_or(Denied::ScopeGone)?;
    let granted = reader(accounts, &scope, signed).await?;
    if granted == Standing::Live {
        return Ok(Role::Reader);
    }
    let delegated = delegate(accounts, &scope, lease, signed, CAN_CREATE).await?;
    match (granted, delegated) {
        (_, Standing::Live) => Ok(Role::Filer),
        (Standing::Ended, _) => Err(Denied::GrantEnded),
        (_, Standing::Ended) => Err(Denied::DelegateEnded),
        _ => Err(Denied::Stranger),
    }
}

/// Whether `signed` may bring the bytes of `lease`.
pub async fn write(
    accounts: &dyn Accounts,
    lease: &Lease,
    signed: &Signed,
) -> Result<Role, Denied> {
    acting(accounts, signed).await?;
    if signed.profile == lease.owner {
        return Ok(Role::Owner);
    }
    let scope = Scope::of(accounts, lease).await?.ok_or(Denied::ScopeGone)?;
    match delegate(accounts, &scope, lease, signed, CAN_LEASE).await? {
        Standing::Live => Ok(Role::Lessor),
        Standing::Ended => Err(Denied::DelegateEnded),
        Standing::None => Err(Denied::NotLessor),
    }
}

/// The wallet must be the authority of the profile that it names.
async fn acting(accounts: &dyn Accounts, signed: &Signed) -> Result<Profile, Denied> {
    let profile = accounts.profile(&signed.profile).await?.ok_or(Denied::NoProfile)?;
    if profile.retired != 0 {
        return Err(Denied::NoProfile);
    }
    if profile.authority != signed.wallet {
        return Err(Denied::NotAuthority);
    }
    Ok(profile)
}

/// What a lease is about, as long as it is still the same thing: nothing survives a re-created address.
struct Scope {
    /// The record, if it is one.
    record: Option<(Pubkey, u64)>,
    /// All zeros for a profile's bundle.
    folder: (Pubkey, u64),
}

impl Scope {
    async fn of(accounts: &dyn Accounts, lease: &Lease) -> Result<Option<Self>, Denied> {
        if lease.kind == LeaseKind::Bundle as u8 {
            return Ok(Some(Self { record: None, folder: Default::default() }));
        }
        if lease.kind != LeaseKind::Record as u8 {
            let folder = accounts.folder(&lease.scope).await?;
            let folder = folder.filter(|folder| created(folder) == lease.scope_created_slot);
            let folder = folder.filter(|folder| folder.owner == lease.owner);
            return Ok(
                folder.map(|folder| Self { record: None, folder: (lease.scope, created(&folder)) })
            );
        }
        let record = accounts.record(&lease.scope).await?;
        let record = record
            .filter(|record| created(record) == lease.scope_created_slot)
            .filter(|record| record.owner == lease.owner);
        let Some(record) = record else { return Ok(None) };
        let Some(folder) = accounts.folder(&record.folder).await? else { return Ok(None) };
        Ok(Some(Self {
            record: Some((lease.scope, lease.scope_created_slot)),
            folder: (record.folder, created(&folder)),
        }))
    }
}

fn created(account: &impl Layout) -> u64 {
    account.meta().created_slot
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Live,
    Ended,
    None,
}

/// A grant on the record, or on its folder.
async fn reader(
    accounts: &dyn Accounts,
    scope: &Scope,
    signed: &Signed,
) -> Result<Standing, Denied> {
    let mut standing = Standing::None;
    for (key, created_slot) in scope.record.into_iter().chain([scope.folder]) {
        let Some(grant) = accounts.grant(&address::grant(&key, &signed.profile)).await? else {
            continue;
        };
        if grant.require_scope(&key, created_slot).is_err() || grant.reader != signed.profile {
            continue;
        }
        let now_secs = accounts.now_secs();
        if grant.permissions & PERMIT_OPEN != 0 && grant.require_live(now_secs).is_ok() {
            return Ok(Standing::Live);
        }
        standing = Standing::Ended;
    }
    Ok(standing)
}

async fn delegate(
    accounts: &dyn Accounts,
    scope: &Scope,
    lease: &Lease,
    signed: &Signed,
    capability: u16,
) -> Result<Standing, Denied> {
    let at = address::delegate(&lease.owner, &signed.profile);
    let Some(delegate) = accounts.delegate(&at).await? else { return Ok(Standing::None) };
    let (folder, created_slot) = scope.folder;
    let covers = delegate.require(
        &lease.owner,
        &signed.profile,
        (&folder, created_slot),
        capability,
        accounts.now_secs(),
    );
    // A bundle is of the whole profile: a delegation for one folder says nothing about it.
    let whole = folder != Pubkey::default() || delegate.covers_all();
    Ok(if covers.is_ok() && whole { Standing::Live } else { Standing::Ended })
}

/// The profile has a peer, and that peer a lease on the same bytes that waits for them: an open offer, or an amendment.
/// Both its operator and the profile's authority may ask.
async fn is_offered(
    accounts: &dyn Accounts,
    lease: &Lease,
    signed: &Signed,
    is_authority: bool,
) -> Result<bool, Denied> {
    let at = peer_address(&signed.profile);
    let Some(peer) = accounts.peer(&at).await? else { return Ok(false) };
    if peer.profile != signed.profile || !(is_authority || peer.operator == signed.wallet) {
        return Ok(false);
    }
    let theirs = lease_address(&lease.scope, &at, lease.kind, lease.number);
    let Some(theirs) = accounts.lease(&theirs).await? else { return Ok(false) };
    let same = theirs.peer == at
        && theirs.peer_created_slot == created(&peer)
        && theirs.owner == lease.owner
        && theirs.scope == lease.scope
        && theirs.scope_created_slot == lease.scope_created_slot
        && theirs.kind == lease.kind;
    let waits = theirs.status == LeaseStatus::Offered as u8
        && accounts.now_secs() <= theirs.offer_until_secs;
    Ok(same && waits)
}

/// Address of a profile's peer.
pub fn peer_address(profile: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_PEER, profile.as_ref()], &address::PROGRAM).0
}

/// Address of the lease of a scope at a peer.
pub fn lease_address(scope: &Pubkey, peer: &Pubkey, kind: u8, number: u8) -> Pubkey {
    let seeds: &[&[u8]] = &[SEED_LEASE, scope.as_ref(), peer.as_ref(), &[kind, number]];
    Pubkey::find_program_address(seeds, &address::PROGRAM).0
}

use aceso::constants::{SEED_LEASE, SEED_PEER};
