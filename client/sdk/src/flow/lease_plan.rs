//! What a leasing will do and cost, before anything is signed.

use std::collections::{BTreeMap, HashMap, HashSet};

use aceso::{
    constants::{MAX_STORED_LEN, MIN_WEIGHT_LEAVES},
    state::{Layout, Lease, LeaseStatus},
};
use aceso_format::proof_tree::LEAF_LEN;
use anchor_lang::prelude::Pubkey;
use sha2::{Digest, Sha256};

use super::{
    FlowError, LeaseOpen, LeasePlan, LeaseWhat, MintView, PlannedLease, Session,
    lease_choose::{Choice, Taken, choose},
    market::{Market, endpoint_of},
    token::token_address,
};
use crate::{chain::Fetched, peer};

/// So many offers fit into a transaction, at least.
const OFFERS_A_TRANSACTION: u64 = 3;
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;

/// What is to be leased, and its length.
pub(super) struct Wanted {
    pub what: LeaseWhat,
    pub owner: Pubkey,
    pub stored_len: u64,
    /// Nothing of it is leased yet.
    pub is_new: bool,
}

impl Session {
    /// Chooses peers and adds up the cost. Nothing is signed or sent.
    pub async fn lease_plan(&self, request: LeaseOpen) -> Result<LeasePlan, FlowError> {
        self.watch().step(super::Step::Checking);
        let mut wanted = Vec::with_capacity(request.what.len());
        for what in &request.what {
            let contents = self.lease_contents(*what).await?;
            let stored_len = contents.stored_len();
            let owner = contents.owner;
            wanted.push(Wanted { what: *what, owner, stored_len, is_new: false });
        }
        self.lease_plan_of(request, &wanted).await
    }

    /// What copies of so many bytes will cost, before there is a record.
    pub async fn lease_quote(
        &self,
        request: LeaseOpen,
        stored_lens: &[u64],
    ) -> Result<LeasePlan, FlowError> {
        let owner = self.profile()?;
        let wanted = stored_lens.iter().enumerate().map(|(index, len)| {
            // Each stands for an address that is not known yet.
            let place = Sha256::digest((index as u64).to_le_bytes());
            let what = LeaseWhat::Record(Pubkey::new_from_array(place.into()));
            Wanted { what, owner, stored_len: *len, is_new: true }
        });
        let wanted: Vec<Wanted> = wanted.collect();
        self.lease_plan_of(request, &wanted).await
    }

    pub(super) async fn lease_plan_of(
        &self,
        request: LeaseOpen,
        wanted: &[Wanted],
    ) -> Result<LeasePlan, FlowError> {
        let market = self.market().await?;
        let epochs = market.epochs(request.term_secs)?;
        let peers = self.peers().await?;
        let ledgers = self.ledgers(peers.iter().map(|peer| peer.address)).await?;
        let by_address: HashMap<Pubkey, _> =
            peers.iter().map(|peer| (peer.address, *peer)).collect();
        let mint = self.mint_to_pay(request.mint, &market, &peers).await?;
        let (mut offers, mut standing, mut spent) = (Vec::new(), Vec::new(), BTreeMap::new());
        for one in wanted {
            let leases = match one.is_new {
                true => Vec::new(),
                false => self.leases_of(&one.what).await?,
            };
            let stands: Vec<&Fetched<Lease>> = leases
                .iter()
                .filter(|lease| !request.instead_of.contains(&lease.address))
                .filter(|lease| stands(lease, &market, &by_address))
                .collect();
            standing.extend(stands.iter().map(|lease| lease.address));
            let missing = (request.copies as usize).saturating_sub(stands.len());
            if missing == 0 {
                continue;
            }
            let mut taken = Taken::default();
            for peer in stands.iter().filter_map(|lease| by_address.get(&lease.peer)) {
                taken.operators.insert(peer.operator);
                taken.hosts.extend(peer::host(&endpoint_of(peer)));
            }
            // While a lease has its account, even one that has ended, there is no room for another with that peer.
            let without: HashSet<Pubkey> =
                leases.iter().map(|lease| lease.peer).chain(request.without.clone()).collect();
            let choice = Choice {
                peers: &peers,
                ledgers: &ledgers,
                owner: one.owner,
                mint: mint.mint,
                weight: weight(one.stored_len)
                    .ok_or(FlowError::TooLongToLease { len: one.stored_len })?,
                price_max: request.price_max,
                only: &request.peers,
                without: &without,
                rpc_url: self.chain().rpc.url(),
            };
            let (mut candidates, mut refused) = (Vec::new(), BTreeMap::new());
            for peer in choice.peers {
                match choice.candidate(peer) {
                    Ok(candidate) => candidates.push(candidate),
                    Err(reason) => *refused.entry(reason).or_insert(0usize) += 1,
                }
            }
            let able = candidates.len();
            let chosen = choose(candidates, missing, &one.what.scope(), taken, &mut spent);
            if chosen.len() < missing {
                if able > chosen.len() {
                    refused.insert(
                        "of the same operator or machine, or bond used up",
                        able - chosen.len(),
                    );
                }
                return Err(FlowError::TooFewPeers {
                    wanted: missing,
                    found: chosen.len(),
                    reasons: reasons(&refused),
                });
            }
            for peer in chosen {
                let cost = peer.price.checked_mul(u64::from(epochs));
                offers.push(PlannedLease {
                    what: one.what,
                    lease: one.what.lease(&peer.peer),
                    peer: peer.peer,
                    endpoint: peer.endpoint,
                    stored_len: one.stored_len,
                    price: peer.price,
                    cost: cost.ok_or(FlowError::CostOverflow)?,
                });
            }
        }
        let total = offers.iter().try_fold(0u64, |sum, offer| sum.checked_add(offer.cost));
        let source = token_address(&self.wallet_address(), &mint);
        let balance = self.token_balance(&source, &mint).await?.unwrap_or(0);
        let rent = self.chain().rpc.rent(Lease::SPACE).await?;
        let count = offers.len() as u64;
        Ok(LeasePlan {
            request,
            mint,
            source,
            balance,
            epochs,
            epoch_secs: market.epoch_secs(),
            offers,
            standing,
            total: total.ok_or(FlowError::CostOverflow)?,
            rent_lamports: rent.saturating_mul(count),
            fees_lamports: LAMPORTS_PER_SIGNATURE * count.div_ceil(OFFERS_A_TRANSACTION),
        })
    }

    /// The mint that leases would be paid in.
    pub async fn lease_mint(&self, mint: Option<Pubkey>) -> Result<MintView, FlowError> {
        let (market, peers) = (self.market().await?, self.peers().await?);
        self.mint_to_pay(mint, &market, &peers).await
    }

    /// Leases of a thing, as the chain lists them; what is not at its address is invented.
    pub(super) async fn leases_of(
        &self,
        what: &LeaseWhat,
    ) -> Result<Vec<Fetched<Lease>>, FlowError> {
        let mut leases = self.leases_by("scope", &what.scope()).await?;
        leases.retain(|lease| LeaseWhat::of(lease) == Some(*what));
        Ok(leases)
    }

    pub(super) async fn leases_by(
        &self,
        field: &'static str,
        address: &Pubkey,
    ) -> Result<Vec<Fetched<Lease>>, FlowError> {
        let mut leases = self.chain().list::<Lease>(&[(field, address.as_ref())]).await?;
        leases.retain(|lease| {
            LeaseWhat::of(lease).is_some_and(|what| what.lease(&lease.peer) == lease.address)
        });
        Ok(leases)
    }

    /// What was asked for, or the only mint of a peer that the wallet has tokens of.
    async fn mint_to_pay(
        &self,
        asked: Option<Pubkey>,
        market: &Market,
        peers: &[Fetched<aceso::state::Peer>],
    ) -> Result<MintView, FlowError> {
        let listed = |mint: &Pubkey| market.config.market.mint(mint).is_ok();
        let paid = peers.iter().map(|peer| peer.mint).filter(|_| asked.is_none());
        let views = self.mint_views(asked.into_iter().chain(paid)).await?;
        let mut views: Vec<MintView> =
            views.into_values().filter(|view| listed(&view.mint)).collect();
        views.sort_by_key(|view| view.mint);
        if let Some(mint) = asked {
            return views.pop().ok_or(FlowError::MintNotTaken { mint });
        }
        let mut held = Vec::new();
        for view in &views {
            let account = token_address(&self.wallet_address(), view);
            if self.token_balance(&account, view).await?.is_some_and(|tokens| tokens > 0) {
                held.push(view.clone());
            }
        }
        match (held.as_slice(), views.as_slice()) {
            ([only], _) | ([], [only]) => Ok(only.clone()),
            ([], []) => Err(FlowError::NoMarketPeers),
            (several, _) => {
                let list = if several.is_empty() { &views } else { &held };
                let mints: Vec<String> = list.iter().map(|view| view.mint.to_string()).collect();
                Err(FlowError::MintAmbiguous { mints: mints.join(", ") })
            }
        }
    }
}

/// Whether a lease counts as a copy: it is live with a peer that has not given up, or an offer that can still be accepted.
pub(super) fn stands(
    lease: &Lease,
    market: &Market,
    peers: &HashMap<Pubkey, Fetched<aceso::state::Peer>>,
) -> bool {
    let Some(peer) = peers.get(&lease.peer) else { return false };
    if peer.is_defaulted() {
        return false;
    }
    if lease.is_live() {
        return market.epoch < lease.until_epoch && !peer.is_released(market.epoch);
    }
    lease.status == LeaseStatus::Offered as u8
        && market.now_secs <= lease.offer_until_secs
        && peer.require_active().is_ok()
}

fn reasons(refused: &BTreeMap<&'static str, usize>) -> String {
    if refused.is_empty() {
        return "nobody is registered".to_owned();
    }
    let list: Vec<String> =
        refused.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
    list.join(", ")
}

/// Leaves that so many bytes are billed and drawn by, as the program counts; `None` for more than a lease takes.
pub(super) fn weight(stored_len: u64) -> Option<u64> {
    let leaves = stored_len.div_ceil(LEAF_LEN as u64).max(MIN_WEIGHT_LEAVES);
    (1..=MAX_STORED_LEN).contains(&stored_len).then_some(leaves)
}
