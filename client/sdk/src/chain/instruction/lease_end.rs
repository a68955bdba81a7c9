//! The ways in which a lease ends, and what is left to do then. All but cancelling are anyone's.

use aceso::{
    accounts, instruction,
    state::{Lease, Peer},
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{
    Actor, build, fixed,
    lease::{LeaseScope, leased, standing},
    peer::till,
};
use crate::chain::Fetched;

pub fn cancel(actor: &Actor, scope: &LeaseScope, lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseCancel {
        acting: actor.accounts(),
        scope: scope.accounts(),
        leased: leased(lease),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseCancel {})
}

/// An offer that nobody has accepted in time.
pub fn expire(lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseExpire {
        offer: standing(lease),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseExpire {})
}

/// Its term or its peer's notice is over, or the peer has defaulted.
pub fn end(lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseEnd {
        leased: leased(lease),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseEnd {})
}

/// Pays what is owed to the owner. `destination`: a token account of the owner's present authority.
pub fn claim(peer: &Fetched<Peer>, lease: &Fetched<Lease>, destination: Pubkey) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseClaim {
        standing: standing(lease),
        owner: lease.owner,
        till: till(peer),
        destination,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseClaim {})
}

pub fn close(lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseClose {
        standing: standing(lease),
        rent_payer: lease.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseClose {})
}
