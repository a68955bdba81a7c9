//! Building, sending and following a transaction.

use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;
use solana_signature::Signature;
use solana_signer::Signer;

use super::{Chain, ChainError, Lifetime};

/// What to pay on top for being taken sooner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriorityFee {
    #[default]
    None,
    /// Micro-lamports for each compute unit.
    Fixed(u64),
    /// What others paid lately for the same accounts, at most this.
    Market { most: u64 },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    pub priority_fee: PriorityFee,
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
    pub compute_units: u64,
    /// Fee in lamports, priority fee included.
    pub fee_lamports: u64,
    /// Bytes on the wire.
    pub wire_len: usize,
}

/// What is to be sent: instructions that take effect together or not at all.
pub struct Transaction<'a> {
    pub instructions: Vec<Instruction>,
    /// Pays fees; rent is paid by whom the instructions name.
    pub fee_payer: &'a (dyn Signer + Send + Sync),
    /// Whoever else has to sign; those that no instruction names are left out.
    pub signers: Vec<&'a (dyn Signer + Send + Sync)>,
}

impl<'a> Transaction<'a> {
    pub fn new(
        instructions: Vec<Instruction>,
        fee_payer: &'a (dyn Signer + Send + Sync),
        signers: &[&'a (dyn Signer + Send + Sync)],
    ) -> Self {
        Self { instructions, fee_payer, signers: signers.to_vec() }
    }
}

impl Chain {
    /// Sends a transaction and waits until its fate is known. Expired ones are signed anew and sent again.
    pub async fn send(&self, transaction: &Transaction<'_>) -> Result<Sent, ChainError> {
        self.send_noted(transaction, &mut |_| Ok(())).await
    }

    /// As [`Chain::send`]; `note` writes each signature down before it is sent, so that its fate can be asked for
    /// after a crash. An error of `note` sends nothing.
    pub async fn send_noted(
        &self,
        transaction: &Transaction<'_>,
        note: &mut (dyn FnMut(&Signed) -> Result<(), ChainError> + Send),
    ) -> Result<Sent, ChainError> {
        let _ = (transaction, note);
        todo!()
    }

    /// Waits until the fate of an earlier transaction is known: the slot it took effect in, or the error.
    pub async fn settle(&self, lifetime: &Lifetime) -> Result<u64, ChainError> {
        let _ = lifetime;
        todo!()
    }

    /// Lamports that a wallet has.
    pub async fn balance(&self, wallet: &Pubkey) -> Result<u64, ChainError> {
        self.rpc.balance(wallet).await
    }
}
