use aceso::{accounts, instruction, instructions::DelegateAddArgs};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{Actor, build, fixed};
use crate::chain::{Delegate, Fetched, Profile, address};

/// `folder`: one folder of the owner, or every one, also those made later. `capabilities`: `constants::CAN_*`.
pub fn add(
    payer: Pubkey,
    owner: &Fetched<Profile>,
    profile: Pubkey,
    folder: Option<Pubkey>,
    capabilities: u16,
    until_secs: i64,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::DelegateAdd {
        payer,
        authority: owner.authority,
        owner: owner.address,
        profile,
        folder,
        delegate: address::delegate(&owner.address, &profile),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::DelegateAdd { args: DelegateAddArgs { capabilities, until_secs } })
}

/// `actor`: the owner, or the delegate who resigns.
pub fn remove(actor: &Actor, delegate: &Fetched<Delegate>) -> Instruction {
    let f = fixed();
    // Only a delegation that needed the folder's key leaves the folder due for rotation.
    let marks_folder = delegate.needs_seed() && !delegate.covers_all();
    let accounts = accounts::DelegateRemove {
        authority: actor.authority,
        actor: actor.profile,
        delegate: delegate.address,
        owner: delegate.owner,
        folder: marks_folder.then_some(delegate.folder),
        rent_payer: delegate.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::DelegateRemove {})
}
