//! What became of a transaction.

use solana_signature::Signature;
use solana_transaction_error::TransactionError;

use super::{ChainError, Rpc};

/// A signed transaction, by its signature and the last block height that can still take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    pub signature: Signature,
    pub last_valid_block_height: u64,
}

/// What became of a transaction. Anything else than these three is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It took effect in this slot, which most of the network has voted for.
    Confirmed { slot: u64 },
    /// It is in a block and changed nothing but the fee payer's balance.
    Failed { slot: u64, error: TransactionError },
    /// No block took it, and none will.
    Expired,
}

impl Rpc {
    /// What became of a transaction, or nothing while that is open.
    pub async fn fate(&self, lifetime: &Lifetime) -> Result<Option<Fate>, ChainError> {
        let _ = lifetime;
        todo!()
    }
}
