//! A node. solana-rpc-client carries the requests; anchor-client would hide what this module is about: the fate of a
//! transaction, priority fees, a second node, v0 and v1 messages.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use solana_commitment_config::CommitmentConfig;
use solana_hash::Hash;
use solana_rpc_client::{nonblocking::rpc_client::RpcClient, rpc_client::RpcClientConfig};
use solana_rpc_client_api::{client_error::Error, request::RpcRequest, response::Response};
use solana_signature::Signature;
use tokio::{sync::OnceCell, time::Instant};

use super::{
    ChainError,
    account::RawAccount,
    cluster::Cluster,
    transport::{Attempt, OneShot, judge, pause},
};
use crate::place;

/// How patient to be with a node.
#[derive(Clone, Copy, Debug)]
pub struct RpcSettings {
    /// For one request with all its attempts.
    pub deadline: Duration,
    /// For one attempt.
    pub attempt: Duration,
}

impl Default for RpcSettings {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(30), attempt: Duration::from_secs(10) }
    }
}

/// Time as the chain has it: what dates in grants and requests are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainTime {
    pub slot: u64,
    pub unix_secs: i64,
}

/// A blockhash and the last block height that takes a transaction with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blockhash {
    pub hash: Hash,
    pub last_valid_block_height: u64,
}

/// A node of one cluster. Clones share what was seen.
#[derive(Clone)]
pub struct Rpc {
    inner: Arc<Inner>,
}

struct Inner {
    client: RpcClient,
    cluster: Cluster,
    shown: String,
    settings: RpcSettings,
    /// Newest slot that an answer was for. An older answer is a step back in time: somebody revoked might be back in.
    seen: AtomicU64,
    retry_after_ms: Arc<AtomicU64>,
    genesis: OnceCell<Hash>,
}

const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// Most accounts that one request may name.
const ACCOUNTS_PER_REQUEST: usize = 100;

impl Rpc {
    pub fn new(cluster: &Cluster, settings: RpcSettings) -> Result<Self, ChainError> {
        let (url, shown) = (cluster.url().to_owned(), place::shown(cluster.url()));
        let retry_after_ms = Arc::new(AtomicU64::new(0));
        let sender = OneShot::new(url.clone(), settings.attempt, retry_after_ms.clone()).map_err(
            |error| ChainError::RpcDown {
                url: shown.clone(),
                reason: error.without_url().to_string(),
            },
        )?;
        let config = RpcClientConfig::with_commitment(CommitmentConfig::confirmed());
        let client = RpcClient::new_sender(sender, config);
        let (seen, genesis) = (AtomicU64::new(0), OnceCell::new());
        let cluster = cluster.clone();
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                cluster,
                shown,
                settings,
                seen,
                retry_after_ms,
                genesis,
            }),
        })
    }

    /// Where the node is, as it may be shown: no key, no password.
    pub fn url(&self) -> &str {
        &self.inner.shown
    }

    pub fn cluster(&self) -> &Cluster {
        &self.inner.cluster
    }

    /// Newest slot that an answer was for.
    pub fn seen_slot(&self) -> u64 {
        self.inner.seen.load(Ordering::Acquire)
    }

    /// From now on no answer for an older slot is accepted.
    pub fn saw_slot(&self, slot: u64) {
        self.inner.seen.fetch_max(slot, Ordering::AcqRel);
    }

    /// The chain's first block, which must be of the cluster that was asked for.
    pub async fn genesis(&self) -> Result<Hash, ChainError> {
        let fetch = async {
            let text: String = self.call(RpcRequest::GetGenesisHash, json!([])).await?;
            let genesis = self.parse::<Hash>(&text)?;
            self.cluster().check_genesis(&genesis)?;
            Ok(genesis)
        };
        self.inner.genesis.get_or_try_init(|| fetch).await.copied()
    }

    /// One request, tried until it is answered or the deadline is over.
    pub async fn call<T: DeserializeOwned>(
        &self,
        request: RpcRequest,
        params: Value,
    ) -> Result<T, ChainError> {
        let deadline = self.inner.settings.deadline;
        let value = self.attempts(request, deadline, |_| params.clone(), |_, _| Ok(())).await?;
        self.read(value)
    }

    /// One request, tried once: for a caller that asks again by itself.
    pub(super) async fn call_once<T: DeserializeOwned>(
        &self,
        request: RpcRequest,
        params: Value,
    ) -> Result<T, ChainError> {
        let params = |_| params.clone();
        let value = self.attempts(request, Duration::ZERO, params, |_, _| Ok(())).await?;
        self.read(value)
    }

    /// A request whose answer carries the slot it is for. `params` receives the oldest slot that is acceptable.
    pub(super) async fn call_at<T: DeserializeOwned>(
        &self,
        request: RpcRequest,
        params: impl Fn(u64) -> Value,
    ) -> Result<Response<T>, ChainError> {
        let fresh = |value: &Value, seen: u64| {
            let found = value["context"]["slot"].as_u64().unwrap_or(0);
            if found < seen {
                return Err(ChainError::RpcLagging { url: self.url().to_owned(), found, seen });
            }
            Ok(())
        };
        let deadline = self.inner.settings.deadline;
        let value = self.attempts(request, deadline, params, fresh).await?;
        let response: Response<T> = self.read(value)?;
        self.saw_slot(response.context.slot);
        Ok(response)
    }

    async fn attempts(
        &self,
        request: RpcRequest,
        deadline: Duration,
        params: impl Fn(u64) -> Value,
        accept: impl Fn(&Value, u64) -> Result<(), ChainError>,
    ) -> Result<Value, ChainError> {
        let end = Instant::now() + deadline;
        let mut number = 0;
        loop {
            // What another request sees meanwhile does not make this one late.
            let seen = self.seen_slot();
            let answer: Result<Value, Error> = self.inner.client.send(request, params(seen)).await;
            let error = match answer {
                Ok(value) => match accept(&value, seen) {
                    Ok(()) => return Ok(value),
                    Err(error) => error,
                },
                Err(error) => match judge(self.url(), seen, &error) {
                    Attempt::Again(error) => error,
                    Attempt::Final(error) => return Err(error),
                },
            };
            number += 1;
            let asked = Duration::from_millis(self.inner.retry_after_ms.swap(0, Ordering::Relaxed));
            let wait = pause(number).max(asked);
            if Instant::now() + wait >= end {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn read<T: DeserializeOwned>(&self, value: Value) -> Result<T, ChainError> {
        serde_json::from_value(value).map_err(|error| self.nonsense(error.to_string()))
    }

    pub(super) fn nonsense(&self, reason: impl Into<String>) -> ChainError {
        ChainError::RpcNonsense { url: self.url().to_owned(), reason: reason.into() }
    }

    pub(super) fn parse<T: FromStr>(&self, text: &str) -> Result<T, ChainError> {
        text.parse().map_err(|_| self.nonsense(format!("{text} is no address, hash or signature")))
    }

    pub async fn account(&self, address: &Pubkey) -> Result<Option<RawAccount>, ChainError> {
        Ok(self.accounts(&[*address]).await?.pop().flatten())
    }

    /// Accounts in the order asked for; up to a hundred of them are of one slot.
    pub async fn accounts(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<RawAccount>>, ChainError> {
        let mut all = Vec::with_capacity(addresses.len());
        for batch in addresses.chunks(ACCOUNTS_PER_REQUEST) {
            let keys: Vec<String> = batch.iter().map(ToString::to_string).collect();
            let params = |slot| json!([keys, { "encoding": "base64", "commitment": "confirmed", "minContextSlot": slot }]);
            let response =
                self.call_at::<Vec<Option<Value>>>(RpcRequest::GetMultipleAccounts, params).await?;
            if response.value.len() != batch.len() {
                return Err(self.nonsense("another number of accounts"));
            }
            let slot = response.context.slot;
            for account in &response.value {
                all.push(
                    account.as_ref().map(|account| self.raw_account(account, slot)).transpose()?,
                );
            }
        }
        Ok(all)
    }

    /// Accounts of the program whose data has `bytes` at `offset`, for each pair.
    pub async fn program_accounts(
        &self,
        program: &Pubkey,
        filters: &[(usize, &[u8])],
    ) -> Result<Vec<(Pubkey, RawAccount)>, ChainError> {
        let filters: Vec<Value> = filters
            .iter()
            .map(|(offset, bytes)| {
                json!({ "memcmp": { "offset": offset, "bytes": bs58::encode(bytes).into_string() } })
            })
            .collect();
        let params = |slot| {
            json!([program.to_string(), {
                "encoding": "base64", "commitment": "confirmed", "minContextSlot": slot,
                "withContext": true, "filters": filters,
            }])
        };
        let response = self.call_at::<Vec<Value>>(RpcRequest::GetProgramAccounts, params).await?;
        let slot = response.context.slot;
        response
            .value
            .iter()
            .map(|keyed| {
                let address = self.parse(keyed["pubkey"].as_str().unwrap_or_default())?;
                Ok((address, self.raw_account(&keyed["account"], slot)?))
            })
            .collect()
    }

    fn raw_account(&self, account: &Value, slot: u64) -> Result<RawAccount, ChainError> {
        let data = account["data"][0].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
        let (Some(data), Some(lamports)) = (data, account["lamports"].as_u64()) else {
            return Err(self.nonsense("an account without data"));
        };
        Ok(RawAccount {
            owner: self.parse(account["owner"].as_str().unwrap_or_default())?,
            lamports,
            data,
            slot,
        })
    }

    /// Lamports of a wallet.
    pub async fn balance(&self, address: &Pubkey) -> Result<u64, ChainError> {
        Ok(self.account(address).await?.map_or(0, |account| account.lamports))
    }

    /// Least lamports of an account with `len` bytes of data.
    pub async fn rent(&self, len: usize) -> Result<u64, ChainError> {
        self.call(RpcRequest::GetMinimumBalanceForRentExemption, json!([len])).await
    }

    pub async fn time(&self) -> Result<ChainTime, ChainError> {
        let clock = self.account(&CLOCK).await?.ok_or_else(|| self.nonsense("no clock"))?;
        // slot, epoch_start_timestamp, epoch, leader_schedule_epoch, unix_timestamp: 8 bytes each.
        let number = |at: usize| clock.data.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        let (Some(slot), Some(unix_secs)) = (number(0), number(32)) else {
            return Err(self.nonsense("a clock of another length"));
        };
        Ok(ChainTime { slot: u64::from_le_bytes(slot), unix_secs: i64::from_le_bytes(unix_secs) })
    }

    pub async fn blockhash(&self) -> Result<Blockhash, ChainError> {
        let params = |slot| json!([{ "commitment": "confirmed", "minContextSlot": slot }]);
        let value = self.call_at::<Value>(RpcRequest::GetLatestBlockhash, params).await?.value;
        let hash = self.parse(value["blockhash"].as_str().unwrap_or_default())?;
        let height = value["lastValidBlockHeight"].as_u64();
        let last_valid_block_height =
            height.ok_or_else(|| self.nonsense("a blockhash without its end"))?;
        Ok(Blockhash { hash, last_valid_block_height })
    }

    /// Asks a test cluster for lamports.
    pub async fn airdrop(&self, address: &Pubkey, lamports: u64) -> Result<Signature, ChainError> {
        let text: String =
            self.call(RpcRequest::RequestAirdrop, json!([address.to_string(), lamports])).await?;
        self.parse(&text)
    }
}
