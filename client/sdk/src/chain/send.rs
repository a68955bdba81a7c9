//! Sending: simulate, sign, write down, send, follow.

use std::time::Duration;

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_instruction::Instruction;
use solana_rpc_client_api::{request::RpcRequest, response::RpcSimulateTransactionResult};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

use super::{
    Chain, ChainError, Fate, Lifetime,
    message::{
        self, Budget, MAX_LOADED_LEN, budget_instructions, compile, required_signers, unsigned,
    },
    pack::{Format, MAX_COMPUTE_UNITS},
    refusal::Failure,
};

/// What to pay on top for being taken sooner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriorityFee {
    #[default]
    None,
    /// Micro-lamports for each compute unit.
    Fixed(u64),
    /// What three quarters of others paid lately for the same accounts, at most this.
    Market { most: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendOptions {
    pub priority_fee: PriorityFee,
    /// How long to wait for any node's answer about the fate of what was sent.
    pub patience: Duration,
    /// How often a transaction that expired is signed anew.
    pub tries: u32,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { priority_fee: PriorityFee::None, patience: Duration::from_secs(120), tries: 3 }
    }
}

/// A transaction that is signed but not sent: to be written down before it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    pub lifetime: Lifetime,
}

/// A transaction that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub signature: Signature,
    pub slot: u64,
    /// As its simulation used.
    pub compute_units: u64,
    /// Signatures and priority, in lamports.
    pub fee_lamports: u64,
    /// Bytes on the wire.
    pub wire_len: usize,
}

/// What is to be sent: instructions that take effect together or not at all.
pub struct Transaction<'a> {
    pub instructions: Vec<Instruction>,
    /// Pays fees; rent is paid by whom the instructions name.
    pub fee_payer: &'a (dyn Signer + Send + Sync),
    /// Whoever else may have to sign; those that no instruction names are left out.
    pub signers: Vec<&'a (dyn Signer + Send + Sync)>,
}

/// What a simulation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    pub compute_units: u32,
    /// Account data loaded, bytes, where the node says it.
    pub loaded_len: Option<u32>,
}

const LAMPORTS_PER_SIGNATURE: u64 = 5000;
/// Least that a wallet keeps after paying: below it, the network takes no fee from it.
const WALLET_RENT_LAMPORTS: u64 = 890_880;

impl<'a> Transaction<'a> {
    pub fn new(
        instructions: Vec<Instruction>,
        fee_payer: &'a (dyn Signer + Send + Sync),
        signers: &[&'a (dyn Signer + Send + Sync)],
    ) -> Self {
        Self { instructions, fee_payer, signers: signers.to_vec() }
    }

    fn payer(&self) -> Result<Pubkey, ChainError> {
        self.fee_payer.try_pubkey().map_err(|error| ChainError::Signing(error.to_string()))
    }
}

impl Chain {
    /// Sends a transaction and waits until its fate is known. One that expired is signed anew and sent again: no block
    /// took it, so it cannot take effect twice.
    pub async fn send(&self, transaction: &Transaction<'_>) -> Result<Sent, ChainError> {
        self.send_noted(transaction, &mut |_| Ok(())).await
    }

    /// As [`Chain::send`]; `note` writes each signature down before it is sent, so that its fate can be asked for after a
    /// crash. An error of `note` sends nothing.
    pub async fn send_noted(
        &self,
        transaction: &Transaction<'_>,
        note: &mut (dyn FnMut(&Signed) -> Result<(), ChainError> + Send),
    ) -> Result<Sent, ChainError> {
        let fee_payer = transaction.payer()?;
        let instructions = &transaction.instructions;
        let format = Format::of(instructions, &fee_payer)?;
        let simulated = self.simulate(transaction).await?;
        let budget = Budget {
            compute_units: with_margin(simulated.compute_units).min(MAX_COMPUTE_UNITS),
            loaded_len: simulated.loaded_len.map_or(MAX_LOADED_LEN, |len| {
                with_margin(len).saturating_add(64 * 1024).min(MAX_LOADED_LEN)
            }),
            price: self.price(instructions).await?,
        };
        let mut signers = vec![transaction.fee_payer];
        signers.extend_from_slice(&transaction.signers);
        let mut expired = None;
        for _ in 0..self.options.tries.max(1) {
            let blockhash = self.rpc.blockhash().await?;
            let message = compile(instructions, &fee_payer, format, &budget, blockhash.hash)?;
            let signed = message::sign(message, &signers)?;
            let signature = *signed
                .signatures
                .first()
                .ok_or(ChainError::SignerMissing { address: fee_payer })?;
            let wire = message::wire(&signed)?;
            let last_valid_block_height = blockhash.last_valid_block_height;
            let lifetime = Lifetime { signature, last_valid_block_height };
            note(&Signed { lifetime })?;
            let signatures = u64::try_from(signed.signatures.len()).unwrap_or(u64::MAX);
            match self.follow(&lifetime, Some(&wire)).await? {
                Fate::Confirmed { slot } => {
                    return Ok(Sent {
                        signature,
                        slot,
                        compute_units: u64::from(simulated.compute_units),
                        fee_lamports: signatures * LAMPORTS_PER_SIGNATURE
                            + budget.priority_lamports(),
                        wire_len: wire.len(),
                    });
                }
                Fate::Failed { error, .. } => {
                    let skipped = budget_instructions(format, &budget);
                    let error = self.failure(transaction, skipped, &error, &[], Some(signature));
                    return Err(error.await);
                }
                Fate::Expired => expired = Some(signature),
            }
        }
        Err(ChainError::Expired { signature: expired.unwrap_or_default() })
    }

    /// Waits until the fate of an earlier transaction is known. It is not sent again: only its wire bytes could be, and
    /// those are not kept.
    pub async fn settle(&self, lifetime: &Lifetime) -> Result<Fate, ChainError> {
        self.follow(lifetime, None).await
    }

    /// Runs a transaction without sending it. What the program would refuse, is refused here.
    pub async fn simulate(&self, transaction: &Transaction<'_>) -> Result<Simulated, ChainError> {
        let fee_payer = transaction.payer()?;
        let instructions = &transaction.instructions;
        let format = Format::of(instructions, &fee_payer)?;
        let blank = solana_hash::Hash::default();
        let message = compile(instructions, &fee_payer, format, &Budget::MOST, blank)?;
        let wire = BASE64_STANDARD.encode(message::wire(&unsigned(message))?);
        let params = |slot| {
            json!([wire, {
                "encoding": "base64", "commitment": "confirmed", "minContextSlot": slot,
                "sigVerify": false, "replaceRecentBlockhash": true,
            }])
        };
        let answer = self
            .rpc
            .call_at::<RpcSimulateTransactionResult>(RpcRequest::SimulateTransaction, params)
            .await?
            .value;
        if let Some(error) = answer.err {
            let logs = answer.logs.unwrap_or_default();
            let skipped = budget_instructions(format, &Budget::MOST);
            let error = TransactionError::from(error);
            return Err(self.failure(transaction, skipped, &error, &logs, None).await);
        }
        let units = answer.units_consumed.ok_or_else(|| self.rpc.nonsense("no compute units"))?;
        Ok(Simulated {
            compute_units: u32::try_from(units).unwrap_or(MAX_COMPUTE_UNITS),
            loaded_len: answer.loaded_accounts_data_size.filter(|len| *len > 0),
        })
    }

    async fn failure(
        &self,
        transaction: &Transaction<'_>,
        skipped: usize,
        error: &TransactionError,
        logs: &[String],
        signature: Option<Signature>,
    ) -> ChainError {
        let fee_payer = match transaction.payer() {
            Ok(payer) => payer,
            Err(error) => return error,
        };
        let budget = vec![solana_compute_budget_interface::ID; skipped];
        let own = transaction.instructions.iter().map(|instruction| instruction.program_id);
        let programs: Vec<Pubkey> = budget.into_iter().chain(own).collect();
        let signers = signers_of(&transaction.instructions, &fee_payer);
        // The account that pays for what an instruction makes stands first in it.
        let at = match error {
            TransactionError::InstructionError(index, _) => {
                usize::from(*index).checked_sub(skipped)
            }
            _ => None,
        };
        let rent_payer = at
            .and_then(|at| transaction.instructions.get(at)?.accounts.first())
            .filter(|account| account.is_signer && account.is_writable)
            .map_or(fee_payer, |account| account.pubkey);
        let available_lamports = self.rpc.balance(&rent_payer).await.unwrap_or(0);
        Failure {
            error,
            logs,
            programs: &programs,
            payer: rent_payer,
            available_lamports,
            needed_lamports: signers * LAMPORTS_PER_SIGNATURE + WALLET_RENT_LAMPORTS,
            signature,
        }
        .in_words()
    }

    async fn price(&self, instructions: &[Instruction]) -> Result<u64, ChainError> {
        let most = match self.options.priority_fee {
            PriorityFee::None => return Ok(0),
            PriorityFee::Fixed(price) => return Ok(price),
            PriorityFee::Market { most } => most,
        };
        let accounts = instructions.iter().flat_map(|instruction| &instruction.accounts);
        let mut writable: Vec<String> = accounts
            .filter(|account| account.is_writable)
            .map(|account| account.pubkey.to_string())
            .collect();
        writable.sort_unstable();
        writable.dedup();
        writable.truncate(128);
        let fees: Vec<Value> =
            self.rpc.call(RpcRequest::GetRecentPrioritizationFees, json!([writable])).await?;
        let mut paid: Vec<u64> =
            fees.iter().filter_map(|fee| fee["prioritizationFee"].as_u64()).collect();
        paid.sort_unstable();
        Ok(paid.get(paid.len() * 3 / 4).copied().unwrap_or(0).min(most))
    }

    /// Lamports that a wallet has.
    pub async fn balance(&self, wallet: &Pubkey) -> Result<u64, ChainError> {
        self.rpc.balance(wallet).await
    }
}

/// A tenth more than the simulation used: state may have changed a little since.
fn with_margin(used: u32) -> u32 {
    used.saturating_add(used / 10)
}

fn signers_of(instructions: &[Instruction], fee_payer: &Pubkey) -> u64 {
    let blank = solana_hash::Hash::default();
    compile(instructions, fee_payer, Format::V0, &Budget::MOST, blank)
        .map_or(1, |message| required_signers(&message).len() as u64)
}
