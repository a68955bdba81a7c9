use aceso::{
    accounts, instruction,
    instructions::{ProfileCreateArgs, ProfileKeysRotateArgs},
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{build, fixed};
use crate::chain::{
    Blob, Fetched, Profile,
    address::{self, Id},
};

pub fn create(payer: Pubkey, authority: Pubkey, id: Id, bundle: Blob) -> Instruction {
    let f = fixed();
    let accounts = accounts::ProfileCreate {
        payer,
        authority,
        config: f.config,
        profile: address::profile(&authority, &id),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ProfileCreate { args: ProfileCreateArgs { id, bundle } })
}

pub fn keys_rotate(profile: &Fetched<Profile>, bundle: Blob) -> Instruction {
    let f = fixed();
    let accounts = accounts::ProfileKeysRotate {
        authority: profile.authority,
        profile: profile.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = ProfileKeysRotateArgs { expected_version: profile.key_version, bundle };
    build(accounts, instruction::ProfileKeysRotate { args })
}

/// Nobody takes a proposal back.
pub fn authority_propose(profile: &Fetched<Profile>, candidate: Option<Pubkey>) -> Instruction {
    let f = fixed();
    let accounts = accounts::ProfileAuthorityPropose {
        authority: profile.authority,
        profile: profile.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(
        accounts,
        instruction::ProfileAuthorityPropose { candidate: candidate.unwrap_or_default() },
    )
}

/// `bundle`: signed by the wallet that was proposed.
pub fn authority_accept(profile: &Fetched<Profile>, bundle: Blob) -> Instruction {
    let f = fixed();
    let accounts = accounts::ProfileAuthorityAccept {
        candidate: profile.pending_authority,
        profile: profile.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = ProfileKeysRotateArgs { expected_version: profile.key_version, bundle };
    build(accounts, instruction::ProfileAuthorityAccept { args })
}

pub fn retire(profile: &Fetched<Profile>) -> Instruction {
    let f = fixed();
    let accounts = accounts::ProfileRetire {
        authority: profile.authority,
        profile: profile.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ProfileRetire {})
}
