use aceso::{accounts, instruction, state::MarketTerms};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{build, fixed};
use crate::chain::address;

pub fn open(payer: Pubkey, admin: Pubkey, epoch_secs: i64, terms: MarketTerms) -> Instruction {
    let f = fixed();
    let accounts = accounts::MarketOpen {
        payer,
        admin,
        config: f.config,
        beacon: address::beacon(),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::MarketOpen { epoch_secs, terms })
}

pub fn update(admin: Pubkey, terms: MarketTerms) -> Instruction {
    let f = fixed();
    let accounts = accounts::MarketUpdate {
        admin,
        config: f.config,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::MarketUpdate { terms })
}

/// Lists a mint, or changes its terms.
pub fn mint_set(admin: Pubkey, mint: Pubkey, lock_floor: u64, bond_min: u64) -> Instruction {
    let f = fixed();
    let accounts = accounts::MarketMintSet {
        admin,
        config: f.config,
        mint,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::MarketMintSet { lock_floor, bond_min })
}

pub fn mint_remove(admin: Pubkey, mint: Pubkey) -> Instruction {
    let f = fixed();
    let accounts = accounts::MarketMintRemove {
        admin,
        config: f.config,
        mint,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::MarketMintRemove {})
}
