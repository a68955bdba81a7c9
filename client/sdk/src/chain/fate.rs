//! What became of a transaction.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::{request::RpcRequest, response::Response};
use solana_signature::Signature;
use solana_transaction_error::TransactionError;
use solana_transaction_status_client_types::TransactionStatus;
use tokio::time::Instant;

use super::{Chain, ChainError, Rpc};

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

/// Polls come quickly at first, because most transactions are in within a second.
const FIRST_POLL: Duration = Duration::from_millis(40);
const SLOWEST_POLL: Duration = Duration::from_millis(500);
const RESEND_EVERY: Duration = Duration::from_secs(2);
/// A height is worth asking for only now and then: a blockhash lives for a minute or more.
const HEIGHT_EVERY: Duration = Duration::from_secs(2);

impl Rpc {
    /// What became of a transaction, or nothing while that is open.
    pub async fn fate(&self, lifetime: &Lifetime) -> Result<Option<Fate>, ChainError> {
        match self.status(&lifetime.signature, false).await? {
            Some(fate) => Ok(Some(fate)),
            None => self.expiry(lifetime).await,
        }
    }

    /// `history`: search old blocks as well, not only those in memory.
    async fn status(
        &self,
        signature: &Signature,
        history: bool,
    ) -> Result<Option<Fate>, ChainError> {
        let params = json!([[signature.to_string()], { "searchTransactionHistory": history }]);
        let answer: Response<Vec<Option<TransactionStatus>>> =
            self.call(RpcRequest::GetSignatureStatuses, params).await?;
        let Some(status) = answer.value.into_iter().next().flatten() else { return Ok(None) };
        // What only one leader has seen may be on a fork that dies.
        if !status.satisfies_commitment(CommitmentConfig::confirmed()) {
            return Ok(None);
        }
        // From here on, accounts must be at least as new as this.
        self.saw_slot(status.slot);
        Ok(Some(match status.err {
            None => Fate::Confirmed { slot: status.slot },
            Some(error) => Fate::Failed { slot: status.slot, error },
        }))
    }

    /// Expired, if the confirmed chain is past the last block that could take it and none did. The order matters: first
    /// the height, then the search, so that a block between the two is searched as well.
    async fn expiry(&self, lifetime: &Lifetime) -> Result<Option<Fate>, ChainError> {
        let height = self.block_height().await?;
        if height <= lifetime.last_valid_block_height {
            return Ok(None);
        }
        Ok(Some(self.status(&lifetime.signature, true).await?.unwrap_or(Fate::Expired)))
    }

    /// Hands a signed transaction over, once. The simulation has been; the node need not repeat it.
    async fn hand_over(&self, wire: &[u8]) -> Result<(), ChainError> {
        let params = json!([BASE64_STANDARD.encode(wire), {
            "encoding": "base64", "skipPreflight": true, "maxRetries": 0,
        }]);
        self.call::<String>(RpcRequest::SendTransaction, params).await.map(|_| ())
    }
}

impl Chain {
    /// Sends until the fate is known; `wire` is `None` for a transaction of an earlier command.
    ///
    /// Whatever a node answers to the sending is not the fate: it may have passed on what it then refused, or the answer
    /// may be lost. Only a block with the transaction, or its expiry, ends this. When no node answers for as long as the
    /// options' patience, the last resort is to say so.
    pub(super) async fn follow(
        &self,
        lifetime: &Lifetime,
        wire: Option<&[u8]>,
    ) -> Result<Fate, ChainError> {
        let nodes: Vec<&Rpc> =
            [Some(&self.rpc), self.verify_rpc.as_ref()].into_iter().flatten().collect();
        let mut answered = Instant::now();
        let mut resend = Instant::now();
        let mut height = Instant::now() + HEIGHT_EVERY;
        let mut poll = FIRST_POLL;
        let mut turn = 0;
        loop {
            let node = nodes[turn % nodes.len()];
            let step = async {
                if let Some(wire) = wire.filter(|_| Instant::now() >= resend) {
                    resend = Instant::now() + RESEND_EVERY;
                    node.hand_over(wire).await?;
                }
                if let Some(fate) = node.status(&lifetime.signature, false).await? {
                    return Ok(Some(fate));
                }
                if wire.is_some() && Instant::now() < height {
                    return Ok(None);
                }
                height = Instant::now() + HEIGHT_EVERY;
                node.expiry(lifetime).await
            };
            match step.await {
                Ok(Some(fate)) => return Ok(fate),
                Ok(None) => answered = Instant::now(),
                // A refusal is an answer, but no fate; another node may know more.
                Err(error) => {
                    turn += 1;
                    if answered.elapsed() > self.options.patience {
                        return Err(ChainError::FateUnknown {
                            signature: lifetime.signature,
                            last_valid_block_height: lifetime.last_valid_block_height,
                            reason: error.to_string(),
                        });
                    }
                }
            }
            tokio::time::sleep(poll).await;
            poll = (poll * 3 / 2).min(SLOWEST_POLL);
        }
    }
}
