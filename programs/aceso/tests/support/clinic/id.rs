//! Ids with the highest bumps, so that costs compare. The addresses of grants follow from scope and reader: folders and
//! records are chosen so that theirs to the stranger are cheap as well.

use anchor_lang::prelude::Pubkey;
use solana_signer::Signer;

use crate::support::{action::Person, address, sample::cheap_id, world::keypair};

pub fn profile_id(wallet: &Pubkey, name: &str) -> [u8; 16] {
    cheap_id(name, |id| vec![address::profile(wallet, id)])
}

pub fn folder_id(owner: &Person, name: &str) -> [u8; 16] {
    let stranger = stranger();
    cheap_id(name, |id| {
        let folder = address::folder(&owner.profile, id);
        vec![folder, address::grant(&folder.0, &stranger)]
    })
}

pub fn record_id(owner: &Person, name: &str) -> [u8; 16] {
    let stranger = stranger();
    cheap_id(name, |id| {
        let record = address::record(&owner.profile, id);
        vec![record, address::grant(&record.0, &stranger)]
    })
}

pub fn request_id(owner: &Person, requester: &Person, name: &str) -> [u8; 16] {
    cheap_id(name, |id| vec![address::request(&owner.profile, &requester.profile, id)])
}

fn stranger() -> Pubkey {
    profile_key("stranger")
}

/// The profile of the person of that name.
pub(super) fn profile_key(name: &str) -> Pubkey {
    let wallet = keypair(name).pubkey();
    address::profile(&wallet, &profile_id(&wallet, name)).0
}

/// The owner's folder of that name.
pub(super) fn folder_key(owner: &Person, name: &str) -> Pubkey {
    address::folder(&owner.profile, &folder_id(owner, name)).0
}
