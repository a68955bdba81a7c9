//! Opening leases: offer and pay in, bring the bytes, wait until they are accepted.
//!
//! The chain is the memory of it: an offer that stands is gone on with and not made twice, whatever became of the command
//! that made it. The fate of its transactions is settled by the journal before anything else is looked at.

use std::{collections::HashMap, time::Duration};

use aceso::state::{Lease, LeaseStatus, Offer, Peer};
use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, stream};
use solana_instruction::Instruction;

use super::{
    FlowError, LeaseOpen, LeaseOpened, LeasePlan, LeaseWhat, Offered, OpenedLease, Receipt,
    Session, Step, TakenBack,
    lease_copy::Contents,
    market::endpoint_of,
    staged::Unit,
    token::{token_address, token_create},
};
use crate::{
    blob::{PeerCaller, PeerStore},
    chain::{
        Fetched, Folder, Profile, Record,
        constants::CAN_LEASE,
        instruction::{
            Actor,
            lease::{self, Funds, LeaseScope},
            lease_end,
        },
    },
};

/// Uploads at a time: more would only share one line.
const UPLOADS: usize = 3;
/// How often other peers are chosen for those that cannot be reached or do not want.
const ROUNDS: u32 = 3;
const POLL: Duration = Duration::from_millis(500);

/// The accounts that prove whose a scope is.
pub(super) enum ScopeState {
    Record(Box<Fetched<Record>>),
    Folder(Box<Fetched<Folder>>),
    Owner(Pubkey),
}

impl ScopeState {
    pub fn scope(&self) -> LeaseScope<'_> {
        match self {
            Self::Record(record) => LeaseScope::Record(record),
            Self::Folder(folder) => LeaseScope::Folder(folder),
            Self::Owner(owner) => LeaseScope::Owner(*owner),
        }
    }

    pub fn folder(&self) -> Pubkey {
        match self {
            Self::Record(record) => record.folder,
            Self::Folder(folder) => folder.address,
            Self::Owner(_) => Pubkey::default(),
        }
    }
}

impl Session {
    /// Does what a plan says, and waits until the peers have accepted, at most so long. Where a peer cannot be reached or
    /// declines, its offer is taken back and another is asked that is no dearer than the dearest of the plan.
    pub async fn lease_open(
        &self,
        plan: LeasePlan,
        patience: Duration,
    ) -> Result<LeaseOpened, FlowError> {
        let most = plan.price_max().max(plan.request.price_max.unwrap_or(0));
        let mut plan = plan;
        let asked = plan.request.what.len() * plan.request.copies as usize;
        let mut done = LeaseOpened { asked, ..LeaseOpened::default() };
        let mut round = 1;
        loop {
            self.lease_round(&plan, patience, &mut done).await?;
            let lost: Vec<Pubkey> = done.taken_back.iter().map(|back| back.peer).collect();
            let missing = self.missing(&plan.request, &done);
            if missing.is_empty() || round == ROUNDS || lost.is_empty() {
                return Ok(done);
            }
            round += 1;
            let mut request = LeaseOpen { what: missing, ..plan.request.clone() };
            request.without.extend(lost);
            if most > 0 {
                request.price_max = Some(most);
            }
            plan = match self.lease_plan(request).await {
                Ok(plan) => plan,
                // The copies that there are stay; who was asked and why it came to nothing is in the result.
                Err(FlowError::TooFewPeers { .. }) => return Ok(done),
                Err(error) => return Err(error),
            };
            done.leases.retain(|lease| !plan.standing.contains(&lease.lease));
        }
    }

    fn missing(&self, request: &LeaseOpen, done: &LeaseOpened) -> Vec<LeaseWhat> {
        let count =
            |what: &&LeaseWhat| done.leases.iter().filter(|lease| lease.what == **what).count();
        let copies = request.copies as usize;
        request.what.iter().filter(|what| count(what) < copies).copied().collect()
    }

    async fn lease_round(
        &self,
        plan: &LeasePlan,
        patience: Duration,
        done: &mut LeaseOpened,
    ) -> Result<(), FlowError> {
        plan.require_funds()?;
        let mut contents: HashMap<LeaseWhat, Contents> = HashMap::new();
        for what in &plan.request.what {
            contents.insert(*what, self.lease_contents(*what).await?);
        }
        self.send_offers(plan, &contents, done).await?;
        let at = plan.offers.iter().map(|offer| offer.lease).chain(plan.standing.iter().copied());
        let at: Vec<Pubkey> = at.collect();
        let leases: Vec<Fetched<Lease>> =
            self.chain().find_many::<Lease>(&at).await?.into_iter().flatten().collect();
        let peers = self.peer_accounts(leases.iter().map(|lease| lease.peer)).await?;
        self.watch().step(Step::Uploading);
        let (offered, live): (Vec<_>, Vec<_>) =
            leases.iter().partition(|lease| lease.status == LeaseStatus::Offered as u8);
        for lease in live {
            done.leases.push(opened(lease, Offered::Live));
        }
        let count = offered.len();
        let uploads = stream::iter(offered.into_iter().enumerate()).map(async |(index, lease)| {
            self.watch().item(index, count);
            let what = LeaseWhat::of(lease);
            let contents = what.and_then(|what| contents.get(&what));
            let uploaded = match (contents, peers.get(&lease.peer)) {
                (Some(contents), Some(peer)) => {
                    let url = endpoint_of(peer);
                    self.upload_offer(lease, lease_address(lease), &url, contents).await
                }
                _ => Err(FlowError::Missing { what: "peer", address: lease.peer }),
            };
            (*lease, uploaded)
        });
        let uploaded: Vec<_> = uploads.buffer_unordered(UPLOADS).collect().await;
        let mut waiting = Vec::new();
        for (lease, result) in uploaded {
            match result {
                Ok(()) => waiting.push(lease),
                Err(error) if gives_up_on(&error) => {
                    self.give_up(&lease, error.to_string(), done).await?;
                }
                Err(error) => done.leases.push(opened(&lease, Offered::Failed(Box::new(error)))),
            }
        }
        self.wait_for(waiting, patience, done).await
    }

    /// Offers of a plan, in as few transactions as they fit in.
    async fn send_offers(
        &self,
        plan: &LeasePlan,
        contents: &HashMap<LeaseWhat, Contents>,
        done: &mut LeaseOpened,
    ) -> Result<(), FlowError> {
        if plan.offers.is_empty() {
            return Ok(());
        }
        self.watch().step(Step::Copying);
        let peers = self.peer_accounts(plan.offers.iter().map(|offer| offer.peer)).await?;
        let funds = Funds { funder: self.wallet_address(), source: plan.source };
        let mut units = Vec::with_capacity(plan.offers.len());
        for (index, offer) in plan.offers.iter().enumerate() {
            self.watch().item(index, plan.offers.len());
            let Some(contents) = contents.get(&offer.what) else { continue };
            let missing = FlowError::Missing { what: "peer", address: offer.peer };
            let peer = peers.get(&offer.peer).ok_or(missing)?;
            let copy = contents.address(self, &offer.lease).await?;
            let scope = self.scope_state(&offer.what).await?;
            let actor = self.actor(&contents.owner, &scope.folder(), CAN_LEASE).await?;
            let terms = Offer {
                kind: offer.what.kind(),
                number: offer.what.number(),
                root: copy.root,
                digest: copy.blob.digest,
                stored_len: copy.blob.len,
                epochs: plan.epochs,
                price_max: offer.price,
            };
            let (payer, owner) = (self.payer_address(), contents.owner);
            units.push(vec![lease::open(payer, &actor, owner, &scope.scope(), peer, funds, terms)]);
        }
        done.receipt.extend(self.send_leases(units).await?);
        Ok(())
    }

    /// Sends what has no blobs of its own; each of the groups takes effect whole.
    pub(super) async fn send_leases(
        &self,
        groups: Vec<Vec<Instruction>>,
    ) -> Result<Receipt, FlowError> {
        self.staged("lease", async |staged| {
            let units =
                groups.iter().map(|group| Unit { instructions: group.clone(), ..Unit::default() });
            staged.send_units(units.collect()).await
        })
        .await
    }

    /// Brings the bytes that a lease waits for. They are those of the chain's address, or none are sent.
    pub(super) async fn upload_offer(
        &self,
        lease: &Fetched<Lease>,
        expected: BlobAddress,
        url: &str,
        contents: &Contents,
    ) -> Result<(), FlowError> {
        let recipe = contents.recipe(self, &lease.address);
        if recipe.stored_len() != expected.len {
            return Err(FlowError::OfferOutdated { lease: lease.address });
        }
        let store = self.peer_store(&lease.peer, url)?;
        let progress = self.progress();
        Ok(store.upload(&lease.address, &expected, &recipe, &*progress).await?)
    }

    pub(super) fn peer_store(&self, peer: &Pubkey, url: &str) -> Result<PeerStore, FlowError> {
        Ok(PeerStore::new(*peer, url, self.peer_caller()?)?)
    }

    pub(super) fn peer_caller(&self) -> Result<PeerCaller, FlowError> {
        let (wallet, rpc) = (self.wallet().clone(), self.chain().rpc.clone());
        Ok(PeerCaller::new(wallet, self.profile()?, rpc))
    }

    pub(super) async fn scope_state(&self, what: &LeaseWhat) -> Result<ScopeState, FlowError> {
        Ok(match what {
            LeaseWhat::Record(record) => {
                ScopeState::Record(Box::new(self.record_account(*record).await?))
            }
            LeaseWhat::Keyring(folder) | LeaseWhat::Pack { folder, .. } => {
                ScopeState::Folder(Box::new(self.folder_account(*folder).await?))
            }
            LeaseWhat::Bundle(profile) => ScopeState::Owner(*profile),
        })
    }

    /// As [`Session::scope_state`], for a lease that stands: what it is about may be gone, which its owner need not prove.
    pub(super) async fn scope_of(&self, lease: &Lease) -> Result<ScopeState, FlowError> {
        let scope = match LeaseWhat::of(lease) {
            Some(LeaseWhat::Record(at)) => {
                let record = self.chain().find::<Record>(&at).await?;
                record.map(|record| ScopeState::Record(Box::new(record)))
            }
            Some(LeaseWhat::Keyring(at) | LeaseWhat::Pack { folder: at, .. }) => {
                let folder = self.chain().find::<Folder>(&at).await?;
                folder.map(|folder| ScopeState::Folder(Box::new(folder)))
            }
            _ => None,
        };
        let same = scope.filter(|scope| {
            let created_slot = match scope {
                ScopeState::Record(record) => record.meta.created_slot,
                ScopeState::Folder(folder) => folder.meta.created_slot,
                ScopeState::Owner(_) => return true,
            };
            created_slot == lease.scope_created_slot
        });
        Ok(same.unwrap_or(ScopeState::Owner(lease.owner)))
    }

    /// Oneself, as who may change a lease.
    pub(super) async fn lessee(
        &self,
        lease: &Lease,
        scope: &ScopeState,
    ) -> Result<Actor, FlowError> {
        self.actor(&lease.owner, &scope.folder(), CAN_LEASE).await
    }

    /// Waits until offers are accepted or declined.
    async fn wait_for(
        &self,
        mut waiting: Vec<Fetched<Lease>>,
        patience: Duration,
        done: &mut LeaseOpened,
    ) -> Result<(), FlowError> {
        self.watch().step(Step::Waiting);
        let until = tokio::time::Instant::now() + patience;
        loop {
            let at: Vec<Pubkey> = waiting.iter().map(|lease| lease.address).collect();
            let found = self.chain().find_many::<Lease>(&at).await?;
            let mut still = Vec::new();
            for (before, now) in waiting.iter().zip(found) {
                let Some(lease) = now else {
                    still.push(*before);
                    continue;
                };
                if lease.is_live() {
                    done.leases.push(opened(&lease, Offered::Live));
                } else if lease.is_ended() {
                    let reason = "it declined the offer".to_owned();
                    self.give_up(&lease, reason, done).await?;
                } else {
                    still.push(lease);
                }
            }
            waiting = still;
            if waiting.is_empty() {
                return Ok(());
            }
            if tokio::time::Instant::now() >= until {
                done.leases.extend(waiting.iter().map(|lease| opened(lease, Offered::Waiting)));
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Takes an offer back, with all that was paid in, and closes its account.
    async fn give_up(
        &self,
        lease: &Fetched<Lease>,
        reason: String,
        done: &mut LeaseOpened,
    ) -> Result<(), FlowError> {
        let refund = if lease.is_ended() { lease.owed } else { lease.escrow };
        let mut group = Vec::new();
        if !lease.is_ended() {
            let scope = self.scope_of(lease).await?;
            let actor = self.lessee(lease, &scope).await?;
            group.push(lease_end::cancel(&actor, &scope.scope(), lease));
        }
        group.extend(self.claim_instructions(lease, refund).await?);
        group.push(lease_end::close(lease));
        done.receipt.extend(self.send_leases(vec![group]).await?);
        done.taken_back.push(TakenBack { lease: lease.address, peer: lease.peer, refund, reason });
        Ok(())
    }

    /// Claims what is owed, to the token account of the owner's present wallet, which is made where there is none.
    pub(super) async fn claim_instructions(
        &self,
        lease: &Fetched<Lease>,
        owed: u64,
    ) -> Result<Vec<Instruction>, FlowError> {
        if owed == 0 {
            return Ok(Vec::new());
        }
        let owner: Fetched<Profile> = self.chain().fetch(&lease.owner).await?;
        let peer: Fetched<Peer> = self.chain().fetch(&lease.peer).await?;
        let mint = self.mint_views([peer.mint]).await?.remove(&peer.mint);
        let mint = mint.ok_or(FlowError::MintNotTaken { mint: peer.mint })?;
        let destination = token_address(&owner.authority, &mint);
        let mut group = Vec::new();
        if self.token_balance(&destination, &mint).await?.is_none() {
            group.push(token_create(self.payer_address(), owner.authority, &mint));
        }
        group.push(lease_end::claim(&peer, lease, destination));
        Ok(group)
    }
}

/// The address of the bytes in force.
pub(super) fn lease_address(lease: &Lease) -> BlobAddress {
    BlobAddress { digest: lease.digest, len: lease.stored_len }
}

/// The address of the bytes that are to take their place.
pub(super) fn pending_address(lease: &Lease) -> Option<BlobAddress> {
    (lease.next_len != 0).then_some(BlobAddress { digest: lease.next_digest, len: lease.next_len })
}

fn opened(lease: &Fetched<Lease>, offered: Offered) -> OpenedLease {
    // What is listed here was listed by what it is.
    let what = LeaseWhat::of(lease).unwrap_or(LeaseWhat::Record(lease.scope));
    OpenedLease { what, lease: lease.address, peer: lease.peer, offered }
}

/// Whether another peer should be asked, rather than this one again.
fn gives_up_on(error: &FlowError) -> bool {
    use crate::blob::BlobError;
    match error {
        FlowError::OfferOutdated { .. } => true,
        FlowError::Blob(error) => matches!(
            error,
            BlobError::Down { .. }
                | BlobError::Slow { .. }
                | BlobError::PeerRefused { .. }
                | BlobError::BadLocation { .. }
        ),
        _ => false,
    }
}
