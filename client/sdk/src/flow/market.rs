//! The market as it is now: its settings, its clock, its peers and what they owe.

use std::collections::HashMap;

use aceso::state::{Beacon, Ledger, Peer};
use anchor_lang::prelude::Pubkey;

use super::{FlowError, Session};
use crate::chain::{Config, Fetched, LedgerAccount, address};

/// What every look at leases relies on.
pub(super) struct Market {
    pub config: Fetched<Config>,
    pub beacon: Fetched<Beacon>,
    pub now_secs: i64,
    pub epoch: u64,
}

impl Market {
    pub fn epoch_secs(&self) -> i64 {
        self.config.market.epoch_secs
    }

    /// Whole epochs that cover a time.
    pub fn epochs(&self, secs: i64) -> Result<u32, FlowError> {
        let (secs, epoch_secs) = (secs.max(1), self.epoch_secs());
        let epochs = secs / epoch_secs + i64::from(secs % epoch_secs != 0);
        let most = aceso::constants::MAX_LEASE_EPOCHS;
        u32::try_from(epochs).ok().filter(|epochs| *epochs <= most).ok_or(FlowError::LeaseTooLong {
            most_secs: i64::from(most).saturating_mul(self.epoch_secs()),
        })
    }
}

impl Session {
    pub(super) async fn market(&self) -> Result<Market, FlowError> {
        let config = self.chain().config().await?;
        if config.market.epoch_secs <= 0 {
            return Err(FlowError::MarketClosed);
        }
        let beacon = self.chain().fetch::<Beacon>(&address::beacon()).await?;
        let now_secs = self.now_secs().await?;
        let epoch = config.market.epoch(now_secs).map_err(|_| FlowError::MarketClosed)?;
        Ok(Market { config, beacon, now_secs, epoch })
    }

    /// All peers. What is not at its address is invented, and left out.
    pub(super) async fn peers(&self) -> Result<Vec<Fetched<Peer>>, FlowError> {
        let mut peers = self.chain().list::<Peer>(&[]).await?;
        peers.retain(|peer| peer.address == address::peer(&peer.profile));
        Ok(peers)
    }

    pub(super) async fn peer_accounts(
        &self,
        at: impl IntoIterator<Item = Pubkey>,
    ) -> Result<HashMap<Pubkey, Fetched<Peer>>, FlowError> {
        let mut at: Vec<Pubkey> = at.into_iter().collect();
        at.sort_unstable();
        at.dedup();
        let found = self.chain().find_many::<Peer>(&at).await?;
        Ok(found.into_iter().flatten().map(|peer| (peer.address, peer)).collect())
    }

    /// Heads of the ledgers of peers: what they have proven and owe.
    pub(super) async fn ledgers(
        &self,
        peers: impl IntoIterator<Item = Pubkey>,
    ) -> Result<HashMap<Pubkey, Ledger>, FlowError> {
        let mut peers: Vec<Pubkey> = peers.into_iter().collect();
        peers.sort_unstable();
        peers.dedup();
        let at: Vec<Pubkey> = peers.iter().map(address::ledger).collect();
        let found = self.chain().rpc.accounts(&at).await?;
        let mut ledgers = HashMap::new();
        for ((peer, at), raw) in peers.iter().zip(&at).zip(&found) {
            if let Some(raw) = raw {
                ledgers.insert(*peer, LedgerAccount::decode(*at, raw)?.head);
            }
        }
        Ok(ledgers)
    }
}

/// The URL of a peer's daemon, as its account has it.
pub(super) fn endpoint_of(peer: &Peer) -> String {
    let len = usize::from(peer.endpoint_len).min(peer.endpoint.len());
    String::from_utf8_lossy(&peer.endpoint[..len]).into_owned()
}
