//! The peers of the market, and what they take.

use std::collections::HashSet;

use aceso::state::PeerStatus;
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, MintView, Session, Step, lease_choose::Choice, lease_plan::weight,
    market::endpoint_of,
};

/// Which peers to list, and what for.
#[derive(Clone, Copy, Debug, Default)]
pub struct PeerList {
    /// Only those paid in this mint.
    pub mint: Option<Pubkey>,
    /// What it would cost to have so many bytes held; `None` is the least that a lease weighs.
    pub stored_len: Option<u64>,
    /// For so long; `None` is one epoch.
    pub term_secs: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerState {
    Active,
    /// It has given notice; its leases are released from this epoch on.
    Draining {
        epoch: u64,
    },
    Defaulted,
}

/// A peer as the chain shows it.
#[derive(Clone, Debug)]
pub struct PeerView {
    pub peer: Pubkey,
    pub profile: Pubkey,
    /// A contact's.
    pub name: Option<String>,
    pub operator: Pubkey,
    pub mint: MintView,
    pub endpoint: String,
    pub state: PeerState,
    /// Free bond and what live leases have set aside, base units.
    pub bond: u64,
    pub locked: u64,
    pub price_flat: u64,
    pub price_per_gib: u64,
    /// Of an epoch, for the bytes that were asked about; `None` is more than can be paid.
    pub price: Option<u64>,
    /// Of the whole term.
    pub cost: Option<u64>,
    pub epochs: u32,
    pub epoch_secs: i64,
    /// Leases that it holds.
    pub live: u32,
    /// Why none would be opened with it.
    pub not_now: Option<&'static str>,
}

impl Session {
    /// Peers, the cheapest first.
    pub async fn peer_list(&self, list: PeerList) -> Result<Vec<PeerView>, FlowError> {
        self.watch().step(Step::Checking);
        let market = self.market().await?;
        let len = list.stored_len.unwrap_or(1);
        let weight = weight(len).ok_or(FlowError::TooLongToLease { len })?;
        let epochs = list.term_secs.map_or(Ok(1), |secs| market.epochs(secs))?;
        let mut peers = self.peers().await?;
        peers.retain(|peer| list.mint.is_none_or(|mint| peer.mint == mint));
        let ledgers = self.ledgers(peers.iter().map(|peer| peer.address)).await?;
        let mints = self.mint_views(peers.iter().map(|peer| peer.mint)).await?;
        let owner = self.profile().unwrap_or_default();
        let without = HashSet::new();
        let mut views = Vec::with_capacity(peers.len());
        for peer in &peers {
            let Some(mint) = mints.get(&peer.mint) else { continue };
            let choice = Choice {
                peers: &peers,
                ledgers: &ledgers,
                owner,
                mint: peer.mint,
                weight,
                price_max: None,
                only: &[],
                without: &without,
                rpc_url: self.chain().rpc.url(),
            };
            let listed = market.config.market.mint(&peer.mint).is_ok();
            let not_now = match choice.candidate(peer) {
                Err(reason) => Some(reason),
                Ok(_) if !listed => Some("mint not taken any more"),
                Ok(_) => None,
            };
            let price = peer.price(weight).ok();
            views.push(PeerView {
                peer: peer.address,
                profile: peer.profile,
                name: self.name_of(&peer.profile),
                operator: peer.operator,
                mint: mint.clone(),
                endpoint: endpoint_of(peer),
                state: match peer.status {
                    _ if peer.is_defaulted() => PeerState::Defaulted,
                    status if status == PeerStatus::Active as u8 => PeerState::Active,
                    _ => PeerState::Draining { epoch: peer.drain_epoch },
                },
                bond: peer.bond,
                locked: peer.locked,
                price_flat: peer.price_flat,
                price_per_gib: peer.price_per_gib,
                price,
                cost: price.and_then(|price| price.checked_mul(u64::from(epochs))),
                epochs,
                epoch_secs: market.epoch_secs(),
                live: peer.live,
                not_now,
            });
        }
        views.sort_by_key(|view| {
            (view.mint.mint, view.not_now.is_some(), view.price.unwrap_or(u64::MAX), view.peer)
        });
        Ok(views)
    }

    /// A peer by a contact's name (of its profile), by its address or the beginning of it.
    pub async fn peer_named(&self, name: &str) -> Result<Pubkey, FlowError> {
        if let Ok(profile) = self.profile_named(name).await
            && name.trim().parse::<Pubkey>().is_err()
        {
            return Ok(crate::chain::address::peer(&profile));
        }
        if let Ok(address) = name.trim().parse() {
            return Ok(address);
        }
        let peers = self.peers().await?;
        super::name::one(name, "peer", peers.iter().map(|peer| peer.address))
    }
}
