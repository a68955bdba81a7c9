//! Leases as they stand: what is proven, what is owed, and what may be done about them.

use std::collections::HashMap;

use aceso::state::{EndReason, Lease, LeaseStatus, Ledger, Peer};
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, LeaseDue, LeaseList, LeaseState, LeaseView, LeaseWhat, MintView, Session,
    market::{Market, endpoint_of},
};
use crate::chain::Fetched;

impl Session {
    pub async fn lease_list(&self, list: LeaseList) -> Result<Vec<LeaseView>, FlowError> {
        self.watch().step(super::Step::Checking);
        let leases = match list {
            LeaseList::Own => self.leases_by("owner", &self.profile()?).await?,
            LeaseList::Scope(scope) => self.leases_by("scope", &scope).await?,
        };
        self.lease_views(leases).await
    }

    /// One lease by its address.
    pub async fn lease_show(&self, lease: Pubkey) -> Result<LeaseView, FlowError> {
        let lease = self.lease_account(lease).await?;
        let address = lease.address;
        let view = self.lease_views(vec![lease]).await?.pop();
        view.ok_or(FlowError::Missing { what: "lease", address })
    }

    pub(super) async fn lease_views_of(&self, at: &[Pubkey]) -> Result<Vec<LeaseView>, FlowError> {
        let found = self.chain().find_many::<Lease>(at).await?;
        self.lease_views(found.into_iter().flatten().collect()).await
    }

    pub(super) async fn lease_account(&self, at: Pubkey) -> Result<Fetched<Lease>, FlowError> {
        let found = self.chain().find::<Lease>(&at).await?;
        found.ok_or(FlowError::Missing { what: "lease", address: at })
    }

    /// A lease of one's own by its address, or the beginning of it.
    pub async fn lease_named(&self, name: &str) -> Result<Pubkey, FlowError> {
        if let Ok(address) = name.trim().parse() {
            return Ok(address);
        }
        let leases = self.leases_by("owner", &self.profile()?).await?;
        super::name::one(name, "lease", leases.iter().map(|lease| lease.address))
    }

    pub(super) async fn lease_views(
        &self,
        leases: Vec<Fetched<Lease>>,
    ) -> Result<Vec<LeaseView>, FlowError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let market = self.market().await?;
        let at = leases.iter().map(|lease| lease.peer);
        let peers = self.peer_accounts(at.clone()).await?;
        let ledgers = self.ledgers(at).await?;
        let mints = self.mint_views(peers.values().map(|peer| peer.mint)).await?;
        let mut views: Vec<LeaseView> = leases
            .into_iter()
            .filter_map(|lease| view(lease, &market, &peers, &ledgers, &mints))
            .collect();
        views.sort_by_key(|view| (view.lease.scope, view.lease.kind, view.lease.address));
        Ok(views)
    }
}

fn view(
    lease: Fetched<Lease>,
    market: &Market,
    peers: &HashMap<Pubkey, Fetched<Peer>>,
    ledgers: &HashMap<Pubkey, Ledger>,
    mints: &HashMap<Pubkey, MintView>,
) -> Option<LeaseView> {
    // A peer with a lease cannot retire, and what names none is no lease of the program.
    let peer = peers.get(&lease.peer)?;
    let ledger = ledgers.get(&lease.peer)?;
    let beacon = &market.beacon.account;
    let (state, due) = stand(&lease, peer, ledger, market);
    let decided_to = lease.until_epoch.min(ledger.closed_epoch(beacon)).max(lease.from_epoch);
    let credited = ledger.credited_between(lease.from_epoch, decided_to);
    let proven = |epoch: &u64| ledger.credited_between(*epoch, epoch + 1) == 1;
    Some(LeaseView {
        lease,
        what: LeaseWhat::of(&lease)?,
        state,
        mint: mints.get(&peer.mint).cloned(),
        endpoint: endpoint_of(peer),
        credited,
        decided: decided_to - lease.from_epoch,
        last_proven: (lease.from_epoch..decided_to).rev().find(proven),
        debt: match lease.has_slot {
            1 => beacon.draws.saturating_sub(ledger.next_seq.max(beacon.draws.saturating_sub(64))),
            _ => 0,
        },
        epoch: market.epoch,
        epoch_secs: market.epoch_secs(),
        draining: peer.require_active().is_err(),
        due,
    })
}

/// How a lease stands, and what is next for it. What the program would permit is asked of its own rules.
fn stand(
    lease: &Lease,
    peer: &Peer,
    ledger: &Ledger,
    market: &Market,
) -> (LeaseState, Option<LeaseDue>) {
    let beacon = &market.beacon.account;
    let (mut lease, mut peer) = (*lease, *peer);
    if lease.status == LeaseStatus::Offered as u8 {
        return match market.now_secs > lease.offer_until_secs {
            true => (LeaseState::OfferExpired, Some(LeaseDue::Expire)),
            false => (LeaseState::Offered, None),
        };
    }
    if lease.is_live() {
        let over = market.epoch >= lease.until_epoch
            || peer.is_defaulted()
            || peer.is_released(market.epoch);
        let may_end = lease.end(&mut peer, ledger, beacon, market.now_secs).is_ok();
        let state = if over { LeaseState::Over } else { LeaseState::Live };
        return (state, may_end.then_some(LeaseDue::End));
    }
    let end = EndReason::try_from(lease.end).unwrap_or(EndReason::None);
    let due = if lease.owed > 0 {
        Some(LeaseDue::Claim)
    } else if lease.require_closable(&peer).is_ok() {
        Some(LeaseDue::Close)
    } else if lease.has_slot == 1 && ledger.is_settled(beacon) {
        Some(LeaseDue::Apply)
    } else {
        None
    };
    (LeaseState::Ended(end), due)
}
