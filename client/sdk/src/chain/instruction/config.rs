use aceso::{accounts, instruction};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{build, fixed};
use crate::chain::{Settings, address};

/// `admin`: the program's upgrade authority.
pub fn init(payer: Pubkey, admin: Pubkey, settings: Settings) -> Instruction {
    let f = fixed();
    let accounts = accounts::ConfigInit {
        payer,
        admin,
        config: f.config,
        program_data: address::program_data(),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ConfigInit { args: settings })
}

pub fn update(admin: Pubkey, settings: Settings) -> Instruction {
    let f = fixed();
    let accounts = accounts::ConfigUpdate {
        admin,
        config: f.config,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ConfigUpdate { args: settings })
}

/// `flags`: `constants::PAUSE_*`.
pub fn pause(admin: Pubkey, flags: u32) -> Instruction {
    let f = fixed();
    let accounts = accounts::ConfigPause {
        admin,
        config: f.config,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ConfigPause { flags })
}

/// Nobody takes a proposal back.
pub fn admin_propose(admin: Pubkey, candidate: Option<Pubkey>) -> Instruction {
    let f = fixed();
    let accounts = accounts::ConfigAdminPropose {
        admin,
        config: f.config,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ConfigAdminPropose { candidate: candidate.unwrap_or_default() })
}

pub fn admin_accept(candidate: Pubkey) -> Instruction {
    let f = fixed();
    let accounts = accounts::ConfigAdminAccept {
        candidate,
        config: f.config,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ConfigAdminAccept {})
}

pub fn fees_withdraw(admin: Pubkey, receiver: Pubkey) -> Instruction {
    let f = fixed();
    let accounts = accounts::ConfigFeesWithdraw {
        admin,
        config: f.config,
        receiver,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::ConfigFeesWithdraw {})
}
