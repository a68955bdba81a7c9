use aceso::{accounts, instruction, instructions::RequestCreateArgs};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{Actor, build, fixed, grant::NewGrant};
use crate::chain::{
    Ask, Fetched, Profile, Request, Terms,
    address::{self, Id},
};

/// `requester`: an actor that acts for itself.
pub fn create(payer: Pubkey, requester: &Actor, owner: Pubkey, id: Id, ask: Ask) -> Instruction {
    let f = fixed();
    let accounts = accounts::RequestCreate {
        payer,
        authority: requester.authority,
        requester: requester.profile,
        owner,
        config: f.config,
        request: address::request(&owner, &requester.profile, &id),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::RequestCreate { args: RequestCreateArgs { id, ask } })
}

/// Makes the grant that was asked for, or less. `requester`: the state of the profile whose bundle was sealed to.
pub fn approve(
    payer: Pubkey,
    actor: &Actor,
    request: &Fetched<Request>,
    grant: &NewGrant<'_>,
    requester: &Fetched<Profile>,
    terms: Terms,
) -> Instruction {
    let f = fixed();
    let scope = grant.scope();
    let accounts = accounts::RequestApprove {
        payer,
        acting: actor.accounts(),
        config: f.config,
        owner: scope.owner(),
        folder: scope.folder(),
        record: scope.record(),
        requester: requester.address,
        grant: address::grant(&scope.address(), &requester.address),
        request: request.address,
        rent_payer: request.meta.payer,
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::RequestApprove { args: grant.args(requester, terms) })
}

pub fn deny(actor: &Actor, request: &Fetched<Request>) -> Instruction {
    let f = fixed();
    let accounts = accounts::RequestDeny {
        acting: actor.accounts(),
        request: request.address,
        rent_payer: request.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::RequestDeny {})
}

pub fn cancel(requester: &Actor, request: &Fetched<Request>) -> Instruction {
    let f = fixed();
    let accounts = accounts::RequestCancel {
        authority: requester.authority,
        requester: requester.profile,
        request: request.address,
        rent_payer: request.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::RequestCancel {})
}

/// Anyone may; only the fee payer signs.
pub fn expire(request: &Fetched<Request>) -> Instruction {
    let f = fixed();
    let accounts = accounts::RequestExpire {
        config: f.config,
        request: request.address,
        rent_payer: request.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::RequestExpire {})
}
