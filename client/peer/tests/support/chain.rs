//! A chain that is a map of accounts.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use aceso::state::{
    Delegate, Folder, Grant, Lease, LeaseKind, Meta, Peer, Profile, Record, ScopeKind,
};
use aceso_peer::{
    holdings::Leased,
    permission::{Accounts, Unavailable, lease_address, peer_address},
};
use aceso_sdk::chain::{Pubkey, Signer, address};
use async_trait::async_trait;
use bytemuck::Zeroable;
use solana_keypair::Keypair;

pub const NOW: i64 = 1_800_000_000;
pub const SLOT: u64 = 77;

#[derive(Default)]
pub struct Map {
    pub profiles: HashMap<Pubkey, Profile>,
    pub folders: HashMap<Pubkey, Folder>,
    pub records: HashMap<Pubkey, Record>,
    pub grants: HashMap<Pubkey, Grant>,
    pub delegates: HashMap<Pubkey, Delegate>,
    pub peers: HashMap<Pubkey, Peer>,
    pub leases: HashMap<Pubkey, Lease>,
}

pub struct Chain {
    pub map: Mutex<Map>,
    pub now: AtomicI64,
    pub down: AtomicBool,
}

impl Default for Chain {
    fn default() -> Self {
        Self { map: Mutex::default(), now: AtomicI64::new(NOW), down: AtomicBool::new(false) }
    }
}

macro_rules! look {
    ($($name:ident $table:ident $type:ty;)+) => {
        #[async_trait]
        impl Accounts for Chain {
            fn now_secs(&self) -> i64 {
                self.now.load(Ordering::Relaxed)
            }
            $(async fn $name(&self, at: &Pubkey) -> Result<Option<$type>, Unavailable> {
                if self.down.load(Ordering::Relaxed) {
                    return Err(Unavailable("it is down".to_owned()));
                }
                Ok(self.map.lock().unwrap().$table.get(at).copied())
            })+
        }
    };
}

look! {
    profile profiles Profile;
    folder folders Folder;
    record records Record;
    grant grants Grant;
    delegate delegates Delegate;
    peer peers Peer;
    lease leases Lease;
}

fn meta(created_slot: u64) -> Meta {
    Meta::new(Pubkey::default(), created_slot, 255, 1)
}

/// A person with a profile and the wallet that signs for it.
pub struct Person {
    pub profile: Pubkey,
    pub wallet: Keypair,
}

impl Chain {
    pub fn person(&self, seed: u8) -> Person {
        let wallet = Keypair::new_from_array([seed; 32]);
        let at = Pubkey::new_from_array([seed.wrapping_add(100); 32]);
        let mut profile = Profile::zeroed();
        profile.meta = meta(SLOT);
        profile.authority = wallet.pubkey();
        self.map.lock().unwrap().profiles.insert(at, profile);
        Person { profile: at, wallet }
    }

    /// A record of `owner` in a folder of its own: both addresses.
    pub fn record_of(&self, owner: &Person, seed: u8) -> (Pubkey, Pubkey) {
        let (record_at, folder_at) =
            (Pubkey::new_from_array([seed; 32]), Pubkey::new_from_array([seed + 1; 32]));
        let mut folder = Folder::zeroed();
        (folder.meta, folder.owner) = (meta(SLOT), owner.profile);
        let mut record = Record::zeroed();
        (record.meta, record.owner, record.folder) = (meta(SLOT), owner.profile, folder_at);
        let mut map = self.map.lock().unwrap();
        map.folders.insert(folder_at, folder);
        map.records.insert(record_at, record);
        (record_at, folder_at)
    }

    pub fn grant(&self, scope: &Pubkey, reader: &Person, edit: impl Fn(&mut Grant)) {
        let mut grant = Grant::zeroed();
        grant.scope = *scope;
        grant.reader = reader.profile;
        grant.scope_created_slot = SLOT;
        (grant.from_secs, grant.until_secs) = (NOW - 10, NOW + 10);
        grant.permissions = aceso::constants::PERMIT_OPEN;
        grant.scope_kind = ScopeKind::Record as u8;
        edit(&mut grant);
        let at = address::grant(scope, &reader.profile);
        self.map.lock().unwrap().grants.insert(at, grant);
    }

    pub fn delegate(&self, owner: &Person, to: &Person, edit: impl Fn(&mut Delegate)) {
        let mut delegate = Delegate::zeroed();
        (delegate.owner, delegate.profile) = (owner.profile, to.profile);
        delegate.until_secs = NOW + 10;
        delegate.capabilities = aceso::constants::CAN_CREATE;
        edit(&mut delegate);
        let at = address::delegate(&owner.profile, &to.profile);
        self.map.lock().unwrap().delegates.insert(at, delegate);
    }

    /// The peer of a profile.
    pub fn peer_of(&self, profile: &Pubkey, operator: &Pubkey) -> Pubkey {
        let at = peer_address(profile);
        let mut peer = Peer::zeroed();
        (peer.meta, peer.profile, peer.operator) = (meta(SLOT), *profile, *operator);
        self.map.lock().unwrap().peers.insert(at, peer);
        at
    }

    /// An offered lease on a scope at a peer.
    pub fn offer(
        &self,
        owner: &Person,
        scope: &Pubkey,
        kind: LeaseKind,
        peer: &Pubkey,
        leased: &Leased,
        edit: impl Fn(&mut Lease),
    ) -> (Pubkey, Lease) {
        let mut lease = Lease::zeroed();
        (lease.owner, lease.peer, lease.scope) = (owner.profile, *peer, *scope);
        (lease.peer_created_slot, lease.scope_created_slot) = (SLOT, SLOT);
        (lease.root, lease.digest, lease.stored_len) =
            (leased.root, leased.address.digest, leased.address.len);
        lease.kind = kind as u8;
        lease.offer_until_secs = NOW + 100;
        edit(&mut lease);
        let at = lease_address(scope, peer, lease.kind, lease.number);
        self.map.lock().unwrap().leases.insert(at, lease);
        (at, lease)
    }
}
