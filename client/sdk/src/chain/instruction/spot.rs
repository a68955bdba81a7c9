use aceso::{accounts, instruction, instructions::SpotAnswerArgs, state::Lease};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{build, fixed, lease::leased};
use crate::chain::Fetched;

/// Asks for the leaf `offset % leaf count`; the checker pays the deposit.
pub fn open(checker: Pubkey, lease: &Fetched<Lease>, offset: u64) -> Instruction {
    let f = fixed();
    let accounts = accounts::SpotOpen {
        checker,
        leased: leased(lease),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::SpotOpen { offset })
}

/// `answerer` gets the deposit: a wallet that is funded, for the deposit alone may be less than an account needs.
pub fn answer(lease: &Fetched<Lease>, answerer: Pubkey, args: SpotAnswerArgs) -> Instruction {
    let f = fixed();
    let accounts = accounts::SpotAnswer {
        lease: lease.address,
        answerer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::SpotAnswer { args })
}

pub fn default(lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::SpotDefault {
        leased: leased(lease),
        checker: lease.spot_checker,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::SpotDefault {})
}
