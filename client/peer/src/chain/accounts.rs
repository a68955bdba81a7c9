//! Accounts for permissions, straight from the nodes. Each answer serves for two seconds, so that the many requests of one
//! client cost the node few.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aceso::state::{Delegate, Folder, Grant, Lease, Peer, Profile, Record};
use aceso_sdk::chain::{
    Chain, ChainError, Kind, Pubkey, RawAccount,
    account::{self},
};
use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::{ChainClock, reason};
use crate::permission::{Accounts, Unavailable};

const FRESH: Duration = Duration::from_secs(2);
/// Accounts remembered at a time: 4,096 of the largest are below 10 MiB.
const MOST: usize = 4096;
/// Questions to the node at a time, and how long one waits for its turn: strangers may not keep duties from the node.
const AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(10);

/// The accounts of a chain. Anything but a fresh answer is [`Unavailable`].
pub struct ChainAccounts {
    chain: Chain,
    clock: Arc<ChainClock>,
    turns: Semaphore,
    known: Mutex<HashMap<Pubkey, Known>>,
}

struct Known {
    account: Option<RawAccount>,
    at: Instant,
}

impl ChainAccounts {
    /// `chain`: with little patience, for clients wait.
    pub fn new(chain: Chain, clock: Arc<ChainClock>) -> Self {
        Self { chain, clock, turns: Semaphore::new(AT_ONCE), known: Mutex::default() }
    }

    async fn find<T: Kind>(&self, at: &Pubkey) -> Result<Option<T>, Unavailable> {
        self.clock.require_fresh()?;
        let account = match self.remembered(at) {
            Some(account) => account,
            None => self.ask(at).await?,
        };
        let Some(account) = account else { return Ok(None) };
        match account::decode::<T>(*at, &account) {
            Ok(fetched) => Ok(Some(fetched.account)),
            // An address that a client has made up: there is certainly none of this kind.
            Err(ChainError::AccountWrong { .. }) => Ok(None),
            Err(error) => Err(Unavailable(reason(&error))),
        }
    }

    async fn ask(&self, at: &Pubkey) -> Result<Option<RawAccount>, Unavailable> {
        let ask = async {
            // Never closed.
            let _turn = self.turns.acquire().await;
            self.chain.accounts_confirmed(&[*at]).await
        };
        let answer = tokio::time::timeout(PATIENCE, ask).await;
        let found = match answer {
            Ok(Ok(found)) => found.into_iter().next().flatten(),
            Ok(Err(error)) => {
                tracing::warn!(error = reason(&error), "a permission could not be decided");
                return Err(Unavailable("its node gives no answer that counts".to_owned()));
            }
            Err(_) => return Err(Unavailable("its node takes too long".to_owned())),
        };
        self.remember(at, found.clone());
        Ok(found)
    }

    fn remembered(&self, at: &Pubkey) -> Option<Option<RawAccount>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(at).filter(|known| known.at.elapsed() < FRESH)?;
        Some(known.account.clone())
    }

    fn remember(&self, at: &Pubkey, account: Option<RawAccount>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, known| known.at.elapsed() < FRESH);
        }
        if known.len() < MOST {
            known.insert(*at, Known { account, at: Instant::now() });
        }
    }

    fn forget(&self, at: &Pubkey) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(at);
    }
}

#[async_trait]
impl Accounts for ChainAccounts {
    fn now_secs(&self) -> i64 {
        self.clock.now_secs()
    }

    async fn profile(&self, at: &Pubkey) -> Result<Option<Profile>, Unavailable> {
        self.find(at).await
    }

    async fn folder(&self, at: &Pubkey) -> Result<Option<Folder>, Unavailable> {
        self.find(at).await
    }

    async fn record(&self, at: &Pubkey) -> Result<Option<Record>, Unavailable> {
        self.find(at).await
    }

    async fn grant(&self, at: &Pubkey) -> Result<Option<Grant>, Unavailable> {
        self.find(at).await
    }

    async fn delegate(&self, at: &Pubkey) -> Result<Option<Delegate>, Unavailable> {
        self.find(at).await
    }

    async fn peer(&self, at: &Pubkey) -> Result<Option<Peer>, Unavailable> {
        self.find(at).await
    }

    /// Never from memory: an upload follows its offer, and its amendment, within a second.
    async fn lease(&self, at: &Pubkey) -> Result<Option<Lease>, Unavailable> {
        self.forget(at);
        self.find(at).await
    }
}
