use aceso::{
    accounts, instruction,
    instructions::{FolderCreateArgs, FolderRotateArgs},
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{Actor, build, fixed};
use crate::chain::{
    Blob, Fetched, Folder, Swap,
    address::{self, Id},
};

/// `owner`: an actor that acts for itself. `keyring`: of epoch 1.
pub fn create(payer: Pubkey, owner: &Actor, id: Id, keyring: Blob) -> Instruction {
    let f = fixed();
    let accounts = accounts::FolderCreate {
        payer,
        authority: owner.authority,
        owner: owner.profile,
        config: f.config,
        folder: address::folder(&owner.profile, &id),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::FolderCreate { args: FolderCreateArgs { id, keyring } })
}

/// `earliest_until_secs`: first end among the grants that remain, or `constants::NO_END`.
pub fn rotate(
    actor: &Actor,
    folder: &Fetched<Folder>,
    keyring: Blob,
    earliest_until_secs: i64,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::FolderRotate {
        acting: actor.accounts(),
        folder: folder.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = FolderRotateArgs {
        epoch: folder.epoch,
        members_version: folder.members_version,
        earliest_until_secs,
        keyring: Swap { expected: folder.keyring_digest, blob: keyring },
    };
    build(accounts, instruction::FolderRotate { args })
}

pub fn close(owner: &Actor, folder: &Fetched<Folder>) -> Instruction {
    let f = fixed();
    let accounts = accounts::FolderClose {
        authority: owner.authority,
        owner: owner.profile,
        folder: folder.address,
        rent_payer: folder.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::FolderClose {})
}
