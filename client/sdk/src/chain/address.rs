//! Addresses of the program's accounts, and the random ids in them.

use aceso::{constants::*, state::LeaseKind};
use anchor_lang::prelude::Pubkey;

use super::ChainError;

pub const PROGRAM: Pubkey = aceso::ID;

/// The random part of an address.
pub type Id = [u8; 16];

pub fn config() -> Pubkey {
    of(&[SEED_CONFIG])
}

pub fn profile(creator: &Pubkey, id: &Id) -> Pubkey {
    of(&[SEED_PROFILE, creator.as_ref(), id])
}

pub fn delegate(owner: &Pubkey, profile: &Pubkey) -> Pubkey {
    of(&[SEED_DELEGATE, owner.as_ref(), profile.as_ref()])
}

pub fn folder(owner: &Pubkey, id: &Id) -> Pubkey {
    of(&[SEED_FOLDER, owner.as_ref(), id])
}

pub fn record(owner: &Pubkey, id: &Id) -> Pubkey {
    of(&[SEED_RECORD, owner.as_ref(), id])
}

/// `scope`: the folder or record.
pub fn grant(scope: &Pubkey, reader: &Pubkey) -> Pubkey {
    of(&[SEED_GRANT, scope.as_ref(), reader.as_ref()])
}

pub fn request(owner: &Pubkey, requester: &Pubkey, id: &Id) -> Pubkey {
    of(&[SEED_REQUEST, owner.as_ref(), requester.as_ref(), id])
}

pub fn beacon() -> Pubkey {
    of(&[SEED_BEACON])
}

/// `profile`: who runs it.
pub fn peer(profile: &Pubkey) -> Pubkey {
    of(&[SEED_PEER, profile.as_ref()])
}

/// Token account of a peer's bond, and of what owners have paid in.
pub fn vault(peer: &Pubkey) -> Pubkey {
    of(&[SEED_VAULT, peer.as_ref()])
}

pub fn ledger(peer: &Pubkey) -> Pubkey {
    of(&[SEED_LEDGER, peer.as_ref()])
}

/// `scope`: the record, folder or profile; `number`: of a pack, else 0.
pub fn lease(scope: &Pubkey, peer: &Pubkey, kind: LeaseKind, number: u8) -> Pubkey {
    of(&[SEED_LEASE, scope.as_ref(), peer.as_ref(), &[kind as u8, number]])
}

/// Where the upgradeable loader keeps the program's code and who may upgrade it.
pub fn program_data() -> Pubkey {
    let loader = anchor_lang::solana_program::bpf_loader_upgradeable::ID;
    Pubkey::find_program_address(&[PROGRAM.as_ref()], &loader).0
}

pub fn event_authority() -> Pubkey {
    aceso::EVENT_AUTHORITY_AND_BUMP.0
}

pub fn new_profile(creator: &Pubkey) -> Result<(Id, Pubkey), ChainError> {
    cheap(|id| Pubkey::find_program_address(&[SEED_PROFILE, creator.as_ref(), id], &PROGRAM))
}

pub fn new_folder(owner: &Pubkey) -> Result<(Id, Pubkey), ChainError> {
    cheap(|id| Pubkey::find_program_address(&[SEED_FOLDER, owner.as_ref(), id], &PROGRAM))
}

pub fn new_record(owner: &Pubkey) -> Result<(Id, Pubkey), ChainError> {
    cheap(|id| Pubkey::find_program_address(&[SEED_RECORD, owner.as_ref(), id], &PROGRAM))
}

pub fn new_request(owner: &Pubkey, requester: &Pubkey) -> Result<(Id, Pubkey), ChainError> {
    cheap(|id| {
        Pubkey::find_program_address(
            &[SEED_REQUEST, owner.as_ref(), requester.as_ref(), id],
            &PROGRAM,
        )
    })
}

/// The program searches the bump from 255 downwards and each step costs 406 compute units, so among free random ids one
/// is taken that needs a single step. Half of them do.
fn cheap(address: impl Fn(&Id) -> (Pubkey, u8)) -> Result<(Id, Pubkey), ChainError> {
    let mut id = Id::default();
    loop {
        getrandom::fill(&mut id).map_err(|error| ChainError::Random(error.to_string()))?;
        if let (address, 255) = address(&id) {
            return Ok((id, address));
        }
    }
}

fn of(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &PROGRAM).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ids_need_one_step() {
        let owner = Pubkey::new_from_array([3; 32]);
        for _ in 0..16 {
            let (id, address) = new_record(&owner).unwrap();
            assert_eq!(address, record(&owner, &id));
            let seeds: &[&[u8]] = &[SEED_RECORD, owner.as_ref(), &id];
            assert_eq!(Pubkey::find_program_address(seeds, &PROGRAM).1, 255);
        }
    }
}
