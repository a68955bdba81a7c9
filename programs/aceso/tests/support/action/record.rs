use aceso::{accounts::Acting, instruction as ix, instructions::*};
use anchor_lang::prelude::Pubkey;

use super::Person;
use crate::call;
use crate::support::{address, call::Call, world::SYSTEM};

pub fn record_create(
    payer: Pubkey,
    acting: Acting,
    owner: Pubkey,
    folder: Pubkey,
    args: RecordCreateArgs,
) -> Call {
    call!(
        RecordCreate {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: address::record(&owner, &args.id).0,
            system_program: SYSTEM,
        },
        ix::RecordCreate { args }
    )
}

pub fn record_update(
    acting: Acting,
    owner: Pubkey,
    folder: Pubkey,
    record: Pubkey,
    args: RecordUpdateArgs,
) -> Call {
    call!(
        RecordUpdate {
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: record,
        },
        ix::RecordUpdate { args }
    )
}

pub fn record_reseal(
    acting: Acting,
    owner: Pubkey,
    folder: Pubkey,
    record: Pubkey,
    args: RecordResealArgs,
) -> Call {
    call!(
        RecordReseal { acting: acting, owner: owner, folder: folder, record: record },
        ix::RecordReseal { args }
    )
}

pub fn record_move(
    owner: Person,
    folder: Pubkey,
    to_folder: Pubkey,
    record: Pubkey,
    args: RecordMoveArgs,
) -> Call {
    call!(
        RecordMove {
            authority: owner.wallet,
            owner: owner.profile,
            folder: folder,
            to_folder: to_folder,
            record: record,
        },
        ix::RecordMove { args }
    )
}

pub fn record_archive(owner: Person, record: Pubkey, archived: bool) -> Call {
    call!(
        RecordArchive { authority: owner.wallet, owner: owner.profile, record: record },
        ix::RecordArchive { archived }
    )
}

pub fn record_erase(
    owner: Person,
    folder: Pubkey,
    record: Pubkey,
    rent_payer: Pubkey,
    args: RecordEraseArgs,
) -> Call {
    call!(
        RecordErase {
            authority: owner.wallet,
            owner: owner.profile,
            folder: folder,
            record: record,
            rent_payer: rent_payer,
        },
        ix::RecordErase { args }
    )
}
