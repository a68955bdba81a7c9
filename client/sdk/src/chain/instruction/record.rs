use aceso::{
    accounts, instruction,
    instructions::{
        RecordCreateArgs, RecordEraseArgs, RecordMoveArgs, RecordResealArgs, RecordUpdateArgs,
    },
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{Actor, build, fixed, head_swap};
use crate::chain::{
    Blob, Content, Fetched, Record, SealedTo,
    address::{self, Id},
};

/// A record to be filed.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord {
    pub owner: Pubkey,
    pub folder: Pubkey,
    pub id: Id,
    pub content: Content,
    pub head: Blob,
    pub sealed_to: SealedTo,
}

pub fn create(payer: Pubkey, actor: &Actor, record: &NewRecord) -> Instruction {
    let f = fixed();
    let accounts = accounts::RecordCreate {
        payer,
        acting: actor.accounts(),
        config: f.config,
        owner: record.owner,
        folder: record.folder,
        record: address::record(&record.owner, &record.id),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = RecordCreateArgs {
        id: record.id,
        content: record.content,
        head: record.head,
        sealed_to: record.sealed_to,
    };
    build(accounts, instruction::RecordCreate { args })
}

/// A new version in place of the one in this state of the record.
pub fn update(
    actor: &Actor,
    record: &Fetched<Record>,
    content: Content,
    head: Blob,
    sealed_to: SealedTo,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::RecordUpdate {
        acting: actor.accounts(),
        config: f.config,
        owner: record.owner,
        folder: record.folder,
        record: record.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = RecordUpdateArgs { change: head_swap(record, head), content, sealed_to };
    build(accounts, instruction::RecordUpdate { args })
}

/// A new head for the same content.
pub fn reseal(
    actor: &Actor,
    record: &Fetched<Record>,
    head: Blob,
    sealed_to: SealedTo,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::RecordReseal {
        acting: actor.accounts(),
        owner: record.owner,
        folder: record.folder,
        record: record.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = RecordResealArgs { change: head_swap(record, head), sealed_to };
    build(accounts, instruction::RecordReseal { args })
}

/// `sealed_to`: the epoch of the folder that it goes to, or the owner's inbox.
pub fn move_to(
    owner: &Actor,
    record: &Fetched<Record>,
    to_folder: Pubkey,
    head: Blob,
    sealed_to: SealedTo,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::RecordMove {
        authority: owner.authority,
        owner: owner.profile,
        folder: record.folder,
        to_folder,
        record: record.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = RecordMoveArgs { change: head_swap(record, head), sealed_to };
    build(accounts, instruction::RecordMove { args })
}

/// Archives, or restores.
pub fn archive(owner: &Actor, record: &Fetched<Record>, archived: bool) -> Instruction {
    let f = fixed();
    let accounts = accounts::RecordArchive {
        authority: owner.authority,
        owner: owner.profile,
        record: record.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::RecordArchive { archived })
}

pub fn erase(owner: &Actor, record: &Fetched<Record>) -> Instruction {
    let f = fixed();
    let accounts = accounts::RecordErase {
        authority: owner.authority,
        owner: owner.profile,
        folder: record.folder,
        record: record.address,
        rent_payer: record.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = RecordEraseArgs { version: record.version, head_digest: record.head_digest };
    build(accounts, instruction::RecordErase { args })
}
