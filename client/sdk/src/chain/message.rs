//! Instructions into a signed transaction.

use anchor_lang::prelude::Pubkey;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::{
    VersionedMessage, v0,
    v1::{self, TransactionConfig},
};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use super::{
    ChainError,
    pack::{Format, MAX_COMPUTE_UNITS},
};

/// Most account data that a transaction may load.
pub(super) const MAX_LOADED_LEN: u32 = 64 * 1024 * 1024;

/// What a transaction may use, and pays on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budget {
    pub compute_units: u32,
    /// Enforced in v1 only, where leaving it out means zero.
    pub loaded_len: u32,
    /// Micro-lamports for each compute unit.
    pub price: u64,
}

impl Budget {
    /// For finding out by simulation.
    pub(super) const MOST: Self =
        Self { compute_units: MAX_COMPUTE_UNITS, loaded_len: MAX_LOADED_LEN, price: 0 };

    pub(super) fn priority_lamports(&self) -> u64 {
        let micro = u128::from(self.compute_units) * u128::from(self.price);
        u64::try_from(micro.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

pub(super) fn compile(
    instructions: &[Instruction],
    fee_payer: &Pubkey,
    format: Format,
    budget: &Budget,
    blockhash: Hash,
) -> Result<VersionedMessage, ChainError> {
    let failed = |error: String| ChainError::Failed { signature: None, reason: error };
    match format {
        Format::V0 => {
            let mut all =
                vec![ComputeBudgetInstruction::set_compute_unit_limit(budget.compute_units)];
            if budget.price > 0 {
                all.push(ComputeBudgetInstruction::set_compute_unit_price(budget.price));
            }
            all.extend_from_slice(instructions);
            let message = v0::Message::try_compile(fee_payer, &all, &[], blockhash)
                .map_err(|error| failed(error.to_string()))?;
            Ok(VersionedMessage::V0(message))
        }
        Format::V1 => {
            let mut config = TransactionConfig::empty()
                .with_compute_unit_limit(budget.compute_units)
                .with_loaded_accounts_data_size_limit(budget.loaded_len);
            if budget.price > 0 {
                config = config.with_priority_fee(budget.priority_lamports());
            }
            let message =
                v1::Message::try_compile_with_config(fee_payer, instructions, blockhash, config)
                    .map_err(|error| failed(error.to_string()))?;
            Ok(VersionedMessage::V1(message))
        }
    }
}

/// How many instructions stand before the caller's own.
pub(super) fn budget_instructions(format: Format, budget: &Budget) -> usize {
    match format {
        Format::V0 if budget.price > 0 => 2,
        Format::V0 => 1,
        Format::V1 => 0,
    }
}

/// Whose signatures a message needs; the first pays the fee.
pub(super) fn required_signers(message: &VersionedMessage) -> &[Pubkey] {
    let count = usize::from(message.header().num_required_signatures);
    message.static_account_keys().get(..count).unwrap_or_default()
}

/// For a simulation, which does not look at signatures.
pub(super) fn unsigned(message: VersionedMessage) -> VersionedTransaction {
    let signatures = vec![Signature::default(); required_signers(&message).len()];
    VersionedTransaction { signatures, message }
}

/// Signs with those of `signers` that the message needs.
pub(super) fn sign(
    message: VersionedMessage,
    signers: &[&(dyn Signer + Send + Sync)],
) -> Result<VersionedTransaction, ChainError> {
    let bytes = message.serialize();
    let mut signatures = Vec::new();
    for address in required_signers(&message) {
        let signer = signers
            .iter()
            .find(|signer| signer.try_pubkey().is_ok_and(|key| key == *address))
            .ok_or(ChainError::SignerMissing { address: *address })?;
        let signature = signer
            .try_sign_message(&bytes)
            .map_err(|error| ChainError::Signing(error.to_string()))?;
        signatures.push(signature);
    }
    Ok(VersionedTransaction { signatures, message })
}

pub(super) fn wire(transaction: &VersionedTransaction) -> Result<Vec<u8>, ChainError> {
    wincode::serialize(transaction)
        .map_err(|error| ChainError::Failed { signature: None, reason: error.to_string() })
}
