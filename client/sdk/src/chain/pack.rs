//! How much fits into a transaction.
//!
//! A v0 transaction carries 1,232 bytes, which is four records filed; a v1 transaction carries 4,096, which is twenty.
//! So one action's instructions go as v0 while they fit, and as v1 where size needs it.

use std::collections::HashSet;

use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;
use solana_message::v1::{MAX_ADDRESSES, MAX_INSTRUCTIONS, MAX_SIGNATURES, MAX_TRANSACTION_SIZE};

use super::ChainError;

/// Most bytes of a v0 transaction.
pub const MAX_V0_LEN: usize = 1232;
/// Most bytes of a v1 transaction.
pub const MAX_V1_LEN: usize = MAX_TRANSACTION_SIZE;
/// Most compute units that a transaction may ask for.
pub(super) const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// What the instructions of the compute budget add to a v0 transaction: its program (32) and two instructions of 8 and 12
/// bytes (a limit, a price).
const V0_BUDGET_LEN: usize = 32 + 8 + 12;
/// What limit, fee and loaded-accounts limit add to the header of a v1 transaction.
const V1_BUDGET_LEN: usize = 4 + 8 + 4;

/// How a transaction is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    V0,
    V1,
}

impl Format {
    /// The older format wherever it is large enough: every wallet and explorer knows it.
    pub fn of(instructions: &[Instruction], fee_payer: &Pubkey) -> Result<Self, ChainError> {
        let shape = Shape::of(instructions, fee_payer);
        if shape.len(Self::V0) <= MAX_V0_LEN {
            return Ok(Self::V0);
        }
        if shape.fits_v1() {
            return Ok(Self::V1);
        }
        Err(ChainError::TooLarge { len: shape.len(Self::V1), max: MAX_V1_LEN })
    }
}

/// Bytes on the wire, with the compute budget that is added on sending.
pub fn wire_len(format: Format, instructions: &[Instruction], fee_payer: &Pubkey) -> usize {
    Shape::of(instructions, fee_payer).len(format)
}

/// Spreads units of work over as few transactions as a greedy fill needs, in their order. A unit stays together, and each
/// transaction takes effect as a whole.
pub fn pack(
    units: Vec<Vec<Instruction>>,
    fee_payer: &Pubkey,
) -> Result<Vec<Vec<Instruction>>, ChainError> {
    let mut packed: Vec<Vec<Instruction>> = Vec::new();
    for unit in units {
        // A unit that fits nowhere is refused before anything is sent.
        Format::of(&unit, fee_payer)?;
        if let Some(last) = packed.last_mut() {
            let len = last.len();
            last.extend_from_slice(&unit);
            if Format::of(last, fee_payer).is_ok() {
                continue;
            }
            last.truncate(len);
        }
        packed.push(unit);
    }
    Ok(packed)
}

/// What decides the size of a transaction.
struct Shape {
    accounts: usize,
    signers: usize,
    instructions: usize,
    v0_instructions_len: usize,
    v1_instructions_len: usize,
}

impl Shape {
    fn of(instructions: &[Instruction], fee_payer: &Pubkey) -> Self {
        let mut accounts = HashSet::from([*fee_payer]);
        let mut signers = HashSet::from([*fee_payer]);
        let (mut v0_instructions_len, mut v1_instructions_len) = (0, 0);
        for instruction in instructions {
            accounts.insert(instruction.program_id);
            for meta in &instruction.accounts {
                accounts.insert(meta.pubkey);
                if meta.is_signer {
                    signers.insert(meta.pubkey);
                }
            }
            let (metas, data) = (instruction.accounts.len(), instruction.data.len());
            v0_instructions_len += 1 + short_len(metas) + metas + short_len(data) + data;
            v1_instructions_len += 4 + metas + data;
        }
        Self {
            accounts: accounts.len(),
            signers: signers.len(),
            instructions: instructions.len(),
            v0_instructions_len,
            v1_instructions_len,
        }
    }

    fn len(&self, format: Format) -> usize {
        let keys = 64 * self.signers + 32 * self.accounts;
        match format {
            // Counts of signatures, accounts, instructions and lookups; version; header; blockhash.
            Format::V0 => {
                let counts = short_len(self.signers)
                    + short_len(self.accounts + 1)
                    + short_len(self.instructions + 2)
                    + 1;
                counts + 1 + 3 + 32 + keys + self.v0_instructions_len + V0_BUDGET_LEN
            }
            // Version, and the fixed header.
            Format::V1 => {
                let header = 1 + solana_message::v1::FIXED_HEADER_SIZE;
                header + keys + self.v1_instructions_len + V1_BUDGET_LEN
            }
        }
    }

    fn fits_v1(&self) -> bool {
        self.len(Format::V1) <= MAX_V1_LEN
            && self.accounts <= usize::from(MAX_ADDRESSES)
            && self.instructions <= usize::from(MAX_INSTRUCTIONS)
            && self.signers <= usize::from(MAX_SIGNATURES)
    }
}

/// Bytes of a length in Solana's compact encoding.
fn short_len(value: usize) -> usize {
    match value {
        0..=0x7f => 1,
        0x80..=0x3fff => 2,
        _ => 3,
    }
}
