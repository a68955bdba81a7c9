use std::sync::Arc;

use aceso_sdk::{
    chain::{
        Chain, ChainError, Fate, Format, Instruction, Lifetime, Pubkey, Sent, Signer, Transaction,
    },
    home::FileWallet,
};

/// Sends, one transaction after the other, with the two hot keys. What became of each is known before the next: the one
/// whose fate a node did not tell is asked for until it is.
pub struct Sender {
    chain: Chain,
    operator: Arc<FileWallet>,
    fee_payer: Arc<FileWallet>,
    open: Option<Lifetime>,
    /// Not every cluster takes v1 transactions yet.
    takes_v1: bool,
}

impl Sender {
    pub fn new(chain: Chain, operator: Arc<FileWallet>, fee_payer: Arc<FileWallet>) -> Self {
        Self { chain, operator, fee_payer, open: None, takes_v1: true }
    }

    pub fn operator(&self) -> Pubkey {
        self.operator.pubkey()
    }

    pub fn fee_payer(&self) -> Pubkey {
        self.fee_payer.pubkey()
    }

    /// Whether a transaction is out whose fate is not known.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Waits until it is known what became of the last transaction.
    pub async fn settle_open(&mut self) -> Result<(), ChainError> {
        let Some(lifetime) = self.open else { return Ok(()) };
        let fate = self.chain.settle(&lifetime).await?;
        self.open = None;
        match fate {
            Fate::Confirmed { slot } => {
                tracing::info!(signature = %lifetime.signature, slot, "a transaction of unknown fate took effect");
            }
            Fate::Failed { .. } | Fate::Expired => {
                tracing::info!(signature = %lifetime.signature, "a transaction of unknown fate had no effect");
            }
        }
        Ok(())
    }

    /// Whether instructions fit into one transaction that this cluster takes.
    pub fn fits(&self, instructions: &[Instruction]) -> bool {
        match Format::of(instructions, &self.fee_payer()) {
            Ok(Format::V0) => true,
            Ok(Format::V1) => self.takes_v1,
            Err(_) => false,
        }
    }

    pub async fn send(&mut self, instructions: Vec<Instruction>) -> Result<Sent, ChainError> {
        let format = Format::of(&instructions, &self.fee_payer())?;
        let transaction = Transaction::new(instructions, &*self.fee_payer, &[&*self.operator]);
        let mut last = None;
        let mut note = |signed: &aceso_sdk::chain::Signed| {
            last = Some(signed.lifetime);
            Ok(())
        };
        let sent = self.chain.send_noted(&transaction, &mut note).await;
        match &sent {
            Err(ChainError::FateUnknown { .. }) => self.open = last,
            Err(ChainError::RpcRefused { .. } | ChainError::Failed { signature: None, .. })
                if format == Format::V1 && self.takes_v1 =>
            {
                tracing::warn!(
                    "this cluster seems not to take v1 transactions; smaller ones from here on"
                );
                self.takes_v1 = false;
            }
            _ => {}
        }
        sent
    }
}
