use aceso::{accounts, instruction};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{build, fixed};
use crate::chain::address;

/// The sysvar that a draw reads.
pub const SLOT_HASHES: Pubkey =
    Pubkey::from_str_const("SysvarS1otHashes111111111111111111111111111");

pub fn arm() -> Instruction {
    let f = fixed();
    let accounts = accounts::BeaconArm {
        beacon: address::beacon(),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::BeaconArm {})
}

pub fn rearm() -> Instruction {
    let f = fixed();
    let accounts = accounts::BeaconRearm {
        beacon: address::beacon(),
        slot_hashes: SLOT_HASHES,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::BeaconRearm {})
}

pub fn draw() -> Instruction {
    let f = fixed();
    let accounts = accounts::BeaconDraw {
        beacon: address::beacon(),
        slot_hashes: SLOT_HASHES,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::BeaconDraw {})
}
