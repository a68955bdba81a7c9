//! How much fits into a transaction.

use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::ChainError;

/// Most bytes of a v0 transaction.
pub const MAX_V0_LEN: usize = 1232;
/// Most bytes of a v1 transaction.
pub const MAX_V1_LEN: usize = solana_message::v1::MAX_TRANSACTION_SIZE;

/// Spreads units of work over as few transactions as a greedy fill needs, in their order. A unit stays together.
pub fn pack(
    units: Vec<Vec<Instruction>>,
    fee_payer: &Pubkey,
) -> Result<Vec<Vec<Instruction>>, ChainError> {
    let _ = (units, fee_payer);
    todo!()
}
