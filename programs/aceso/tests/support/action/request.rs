use aceso::{accounts::Acting, instruction as ix, instructions::*};
use anchor_lang::prelude::Pubkey;

use super::Person;
use crate::call;
use crate::support::{address, call::Call, world::SYSTEM};

pub fn request_create(
    payer: Pubkey,
    requester: Person,
    owner: Pubkey,
    args: RequestCreateArgs,
) -> Call {
    call!(
        RequestCreate {
            payer: payer,
            authority: requester.wallet,
            requester: requester.profile,
            owner: owner,
            config: address::config().0,
            request: address::request(&owner, &requester.profile, &args.id).0,
            system_program: SYSTEM,
        },
        ix::RequestCreate { args }
    )
}

#[allow(clippy::too_many_arguments, reason = "the accounts of the instruction")]
pub fn request_approve(
    payer: Pubkey,
    acting: Acting,
    owner: Pubkey,
    (folder, record): (Pubkey, Option<Pubkey>),
    requester: Pubkey,
    request: Pubkey,
    rent_payer: Pubkey,
    args: GrantCreateArgs,
) -> Call {
    call!(
        RequestApprove {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: record,
            requester: requester,
            grant: address::grant(&args.scope, &requester).0,
            request: request,
            rent_payer: rent_payer,
            system_program: SYSTEM,
        },
        ix::RequestApprove { args }
    )
}

pub fn request_deny(acting: Acting, request: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        RequestDeny { acting: acting, request: request, rent_payer: rent_payer },
        ix::RequestDeny {}
    )
}

pub fn request_cancel(requester: Person, request: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        RequestCancel {
            authority: requester.wallet,
            requester: requester.profile,
            request: request,
            rent_payer: rent_payer,
        },
        ix::RequestCancel {}
    )
}

pub fn request_expire(request: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        RequestExpire { config: address::config().0, request: request, rent_payer: rent_payer },
        ix::RequestExpire {}
    )
}
