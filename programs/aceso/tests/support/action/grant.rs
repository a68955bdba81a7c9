use aceso::{accounts::Acting, instruction as ix, instructions::*};
use anchor_lang::prelude::Pubkey;

use super::Person;
use crate::call;
use crate::support::{address, call::Call, world::SYSTEM};

pub fn grant_create(
    payer: Pubkey,
    acting: Acting,
    owner: Pubkey,
    (folder, record): (Pubkey, Option<Pubkey>),
    reader: Pubkey,
    args: GrantCreateArgs,
) -> Call {
    call!(
        GrantCreate {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: record,
            reader: reader,
            grant: address::grant(&args.scope, &reader).0,
            system_program: SYSTEM,
        },
        ix::GrantCreate { args }
    )
}

pub fn grant_update(
    acting: Acting,
    (folder, record): (Pubkey, Option<Pubkey>),
    grant: Pubkey,
    args: GrantUpdateArgs,
) -> Call {
    call!(
        GrantUpdate { acting: acting, folder: folder, record: record, grant: grant },
        ix::GrantUpdate { args }
    )
}

pub fn grant_revoke(
    acting: Acting,
    (folder, record): (Pubkey, Option<Pubkey>),
    grant: Pubkey,
    rent_payer: Pubkey,
) -> Call {
    call!(
        GrantRevoke {
            acting: acting,
            folder: folder,
            record: record,
            grant: grant,
            rent_payer: rent_payer,
        },
        ix::GrantRevoke {}
    )
}

pub fn grant_open(
    reader: Person,
    grant: Pubkey,
    folder: Pubkey,
    record: Pubkey,
    args: GrantOpenArgs,
) -> Call {
    call!(
        GrantOpen {
            authority: reader.wallet,
            reader: reader.profile,
            grant: grant,
            folder: folder,
            record: record,
        },
        ix::GrantOpen { args }
    )
}

pub fn grant_expire(
    (folder, record): (Pubkey, Option<Pubkey>),
    grant: Pubkey,
    rent_payer: Pubkey,
) -> Call {
    call!(
        GrantExpire { folder: folder, record: record, grant: grant, rent_payer: rent_payer },
        ix::GrantExpire {}
    )
}
