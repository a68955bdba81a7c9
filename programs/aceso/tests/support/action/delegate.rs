use aceso::{instruction as ix, instructions::*};
use anchor_lang::prelude::Pubkey;

use super::Person;
use crate::call;
use crate::support::{address, call::Call, world::SYSTEM};

pub fn delegate_add(
    payer: Pubkey,
    owner: Person,
    profile: Pubkey,
    folder: Option<Pubkey>,
    args: DelegateAddArgs,
) -> Call {
    call!(
        DelegateAdd {
            payer: payer,
            authority: owner.wallet,
            owner: owner.profile,
            profile: profile,
            folder: folder,
            delegate: address::delegate(&owner.profile, &profile).0,
            system_program: SYSTEM,
        },
        ix::DelegateAdd { args }
    )
}

pub fn delegate_remove(
    actor: Person,
    owner: Pubkey,
    profile: Pubkey,
    folder: Option<Pubkey>,
    rent_payer: Pubkey,
) -> Call {
    call!(
        DelegateRemove {
            authority: actor.wallet,
            actor: actor.profile,
            delegate: address::delegate(&owner, &profile).0,
            owner: owner,
            folder: folder,
            rent_payer: rent_payer,
        },
        ix::DelegateRemove {}
    )
}
