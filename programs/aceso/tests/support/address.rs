//! Addresses of the program's accounts, with their bumps.

use aceso::constants::*;
use anchor_lang::prelude::Pubkey;

pub type Address = (Pubkey, u8);

fn find(seeds: &[&[u8]]) -> Address {
    Pubkey::find_program_address(seeds, &aceso::ID)
}

pub fn config() -> Address {
    find(&[SEED_CONFIG])
}

pub fn profile(creator: &Pubkey, id: &[u8; 16]) -> Address {
    find(&[SEED_PROFILE, creator.as_ref(), id])
}

pub fn delegate(owner: &Pubkey, profile: &Pubkey) -> Address {
    find(&[SEED_DELEGATE, owner.as_ref(), profile.as_ref()])
}

pub fn folder(owner: &Pubkey, id: &[u8; 16]) -> Address {
    find(&[SEED_FOLDER, owner.as_ref(), id])
}

pub fn record(owner: &Pubkey, id: &[u8; 16]) -> Address {
    find(&[SEED_RECORD, owner.as_ref(), id])
}

pub fn grant(scope: &Pubkey, reader: &Pubkey) -> Address {
    find(&[SEED_GRANT, scope.as_ref(), reader.as_ref()])
}

pub fn request(owner: &Pubkey, requester: &Pubkey, id: &[u8; 16]) -> Address {
    find(&[SEED_REQUEST, owner.as_ref(), requester.as_ref(), id])
}

pub fn beacon() -> Address {
    find(&[SEED_BEACON])
}

pub fn peer(profile: &Pubkey) -> Address {
    find(&[SEED_PEER, profile.as_ref()])
}

pub fn vault(peer: &Pubkey) -> Address {
    find(&[SEED_VAULT, peer.as_ref()])
}

pub fn ledger(peer: &Pubkey) -> Address {
    find(&[SEED_LEDGER, peer.as_ref()])
}

pub fn lease(scope: &Pubkey, peer: &Pubkey, kind: u8, number: u8) -> Address {
    find(&[SEED_LEASE, scope.as_ref(), peer.as_ref(), &[kind, number]])
}
