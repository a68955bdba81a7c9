//! What became of a transaction.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
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

/// What a node says about a signature.
enum Standing {
    /// It has never heard of it.
    Unheard,
    /// In a block that may still be on a fork that dies.
    Pending,
    Done(Fate),
}

impl Rpc {
    /// What became of a transaction, or nothing while that is open.
    pub async fn fate(&self, lifetime: &Lifetime) -> Result<Option<Fate>, ChainError> {
        match self.standing(&lifetime.signature, false, 0).await? {
            Standing::Done(fate) => Ok(Some(fate)),
            _ => self.expiry(lifetime).await,
        }
    }

    /// `history`: search old blocks as well, not only those in memory. `slot`: the answer may not be older.
    async fn standing(
        &self,
        signature: &Signature,
        history: bool,
        slot: u64,
    ) -> Result<Standing, ChainError> {
        let params = json!([[signature.to_string()], { "searchTransactionHistory": history }]);
        let answer: Response<Vec<Option<TransactionStatus>>> =
            self.call_once(RpcRequest::GetSignatureStatuses, params).await?;
        let found = answer.context.slot;
        if found < slot {
            return Err(ChainError::RpcLagging { url: self.url().to_owned(), found, seen: slot });
        }
        let Some(status) = answer.value.into_iter().next().flatten() else {
            return Ok(Standing::Unheard);
        };
        if !status.satisfies_commitment(CommitmentConfig::confirmed()) {
            return Ok(Standing::Pending);
        }
        // From here on, accounts must be at least as new as this.
        self.saw_slot(status.slot);
        Ok(Standing::Done(match status.err {
            None => Fate::Confirmed { slot: status.slot },
            Some(error) => Fate::Failed { slot: status.slot, error },
        }))
    }

    /// Expired, if the confirmed chain is past the last block that could take it and none did. The order matters: first
    /// the height, then the search by a node that is at least as far, so that no block between the two is missed.
    /// (getBlockHeight does not say which slot it is for.)
    async fn expiry(&self, lifetime: &Lifetime) -> Result<Option<Fate>, ChainError> {
        let params = json!([{ "commitment": "confirmed" }]);
        let epoch: Value = self.call_once(RpcRequest::GetEpochInfo, params).await?;
        let (Some(slot), Some(height)) =
            (epoch["absoluteSlot"].as_u64(), epoch["blockHeight"].as_u64())
        else {
            return Err(self.nonsense("an epoch without slot and height"));
        };
        if height <= lifetime.last_valid_block_height {
            return Ok(None);
        }
        // Whoever looks into accounts for what became of it must not be shown an earlier time.
        self.saw_slot(slot);
        Ok(match self.standing(&lifetime.signature, true, slot).await? {
            Standing::Unheard => Some(Fate::Expired),
            Standing::Pending => None,
            Standing::Done(fate) => Some(fate),
        })
    }

    /// Hands a signed transaction over, once. The simulation has been; the node need not repeat it.
    async fn hand_over(&self, wire: &[u8]) -> Result<(), ChainError> {
        let params = json!([BASE64_STANDARD.encode(wire), {
            "encoding": "base64", "skipPreflight": true, "maxRetries": 0,
        }]);
        self.call_once::<String>(RpcRequest::SendTransaction, params).await.map(|_| ())
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
            if let Some(wire) = wire.filter(|_| Instant::now() >= resend) {
                resend = Instant::now() + RESEND_EVERY;
                // Not even a refusal says that the transaction is not on its way.
                let _ = node.hand_over(wire).await;
            }
            let look = async {
                if let Standing::Done(fate) = node.standing(&lifetime.signature, false, 0).await? {
                    return Ok(Some(fate));
                }
                if wire.is_some() && Instant::now() < height {
                    return Ok(None);
                }
                height = Instant::now() + HEIGHT_EVERY;
                node.expiry(lifetime).await
            };
            match look.await {
                Ok(Some(fate)) => return Ok(fate),
                Ok(None) => answered = Instant::now(),
                Err(error) => {
                    // Another node may know.
                    turn += 1;
                    poll = SLOWEST_POLL;
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
