use aceso::{accounts::Acting, instruction as ix, instructions::*};
use anchor_lang::prelude::Pubkey;

use super::Person;
use crate::call;
use crate::support::{address, call::Call, world::SYSTEM};

pub fn folder_create(payer: Pubkey, owner: Person, args: FolderCreateArgs) -> Call {
    call!(
        FolderCreate {
            payer: payer,
            authority: owner.wallet,
            owner: owner.profile,
            config: address::config().0,
            folder: address::folder(&owner.profile, &args.id).0,
            system_program: SYSTEM,
        },
        ix::FolderCreate { args }
    )
}

pub fn folder_rotate(acting: Acting, folder: Pubkey, args: FolderRotateArgs) -> Call {
    call!(FolderRotate { acting: acting, folder: folder }, ix::FolderRotate { args })
}

pub fn folder_close(owner: Person, folder: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        FolderClose {
            authority: owner.wallet,
            owner: owner.profile,
            folder: folder,
            rent_payer: rent_payer,
        },
        ix::FolderClose {}
    )
}
