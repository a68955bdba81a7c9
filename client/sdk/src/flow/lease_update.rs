//! Bringing leases up to date with what they are of: the peer gets the new bytes, and the price stays.

use std::{collections::HashMap, time::Duration};

use aceso::state::{Amendment, Lease};
use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, LeaseClaimed, LeaseOpened, LeasePlan, LeaseWhat, Receipt, Session, Step,
    lease_copy::Contents,
    lease_open::{lease_address, pending_address},
    lease_plan::weight,
    market::endpoint_of,
};
use crate::chain::{Fetched, instruction::lease};

const POLL: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub struct LeasesUpdated {
    /// Those that hold the present state already.
    pub current: Vec<Pubkey>,
    /// Those that were brought up to date.
    pub updated: Vec<Pubkey>,
    /// Their peers have the new bytes, or will get them with the next try, and have not accepted them. What was in force
    /// is kept and proven until then.
    pub waiting: Vec<(Pubkey, Option<FlowError>)>,
    /// The new state weighs more than they were opened for: they need new leases in their place.
    pub heavier: Vec<Pubkey>,
    /// Their bytes could not be made, and why.
    pub unmade: Vec<(Pubkey, String)>,
    pub receipt: Receipt,
}

#[derive(Debug)]
pub struct LeaseReplaced {
    pub opened: LeaseOpened,
    /// Of those that were replaced.
    pub claimed: LeaseClaimed,
}

impl Session {
    /// Amends the live leases of these things that hold another state of them, uploads, and waits for the peers at most so
    /// long. An amendment that stands is gone on with.
    pub async fn lease_update(
        &self,
        what: &[LeaseWhat],
        patience: Duration,
    ) -> Result<LeasesUpdated, FlowError> {
        self.watch().step(Step::Checking);
        let mut done = LeasesUpdated::default();
        let mut groups = Vec::new();
        let mut changing: Vec<(Fetched<Lease>, BlobAddress, LeaseWhat)> = Vec::new();
        let mut contents: HashMap<LeaseWhat, Contents> = HashMap::new();
        for one in what {
            let mut leases = self.leases_of(one).await?;
            leases.retain(|lease| lease.is_live());
            if leases.is_empty() {
                continue;
            }
            let made = match self.lease_contents(*one).await {
                Ok(made) => made,
                Err(error) if error.stops_everything() => return Err(error),
                Err(error) => {
                    // What cannot be made anew keeps its older state, and keeps no other from being brought up to date.
                    let why = error.to_string();
                    done.unmade.extend(leases.iter().map(|lease| (lease.address, why.clone())));
                    continue;
                }
            };
            let heavier = weight(made.stored_len());
            let heavier = heavier.ok_or(FlowError::TooLongToLease { len: made.stored_len() })?;
            self.watch().step(Step::Copying);
            for lease in leases {
                if heavier > lease.weight {
                    done.heavier.push(lease.address);
                    continue;
                }
                let copy = made.address(self, &lease.address).await?;
                if copy.blob == lease_address(&lease) {
                    done.current.push(lease.address);
                    continue;
                }
                if pending_address(&lease) != Some(copy.blob) {
                    let scope = self.scope_of(&lease).await?;
                    let actor = self.lessee(&lease, &scope).await?;
                    let (root, blob) = (copy.root, copy.blob);
                    let amendment = Amendment { root, digest: blob.digest, stored_len: blob.len };
                    groups.push(vec![lease::amend(&actor, &scope.scope(), &lease, amendment)]);
                }
                changing.push((lease, copy.blob, *one));
            }
            contents.insert(*one, made);
        }
        if !groups.is_empty() {
            done.receipt.extend(self.send_leases(groups).await?);
        }
        let peers = self.peer_accounts(changing.iter().map(|(lease, ..)| lease.peer)).await?;
        self.watch().step(Step::Uploading);
        let mut waiting = Vec::new();
        for (index, (lease, blob, what)) in changing.iter().enumerate() {
            self.watch().item(index, changing.len());
            let (Some(contents), Some(peer)) = (contents.get(what), peers.get(&lease.peer)) else {
                continue;
            };
            match self.upload_offer(lease, *blob, &endpoint_of(peer), contents).await {
                Ok(()) => waiting.push((lease.address, *blob)),
                Err(error) => done.waiting.push((lease.address, Some(error))),
            }
        }
        self.wait_for_amended(waiting, patience, &mut done).await?;
        Ok(done)
    }

    async fn wait_for_amended(
        &self,
        mut waiting: Vec<(Pubkey, BlobAddress)>,
        patience: Duration,
        done: &mut LeasesUpdated,
    ) -> Result<(), FlowError> {
        self.watch().step(Step::Waiting);
        let until = tokio::time::Instant::now() + patience;
        while !waiting.is_empty() {
            let at: Vec<Pubkey> = waiting.iter().map(|(lease, _)| *lease).collect();
            let found = self.chain().find_many::<Lease>(&at).await?;
            let in_force = |lease: &Option<Fetched<Lease>>, blob: &BlobAddress| {
                lease.as_ref().is_some_and(|lease| lease_address(lease) == *blob)
            };
            let mut still = Vec::new();
            for ((lease, blob), now) in waiting.into_iter().zip(&found) {
                match in_force(now, &blob) {
                    true => done.updated.push(lease),
                    false => still.push((lease, blob)),
                }
            }
            waiting = still;
            if tokio::time::Instant::now() >= until {
                done.waiting.extend(waiting.into_iter().map(|(lease, _)| (lease, None)));
                return Ok(());
            }
            if !waiting.is_empty() {
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    /// Opens what a plan says, and when all of it is held, lets go of what it replaces: cancels what is live, and takes
    /// what is owed.
    pub async fn lease_replace(
        &self,
        plan: LeasePlan,
        patience: Duration,
    ) -> Result<LeaseReplaced, FlowError> {
        let old = plan.request.instead_of.clone();
        let opened = self.lease_open(plan, patience).await?;
        let mut claimed = LeaseClaimed::default();
        if !opened.all_live() {
            return Ok(LeaseReplaced { opened, claimed });
        }
        let accounts = self.chain().find_many::<Lease>(&old).await?;
        let mut over = Vec::new();
        for lease in accounts.into_iter().flatten() {
            match lease.is_ended() {
                true => over.push(lease.address),
                false => match self.lease_cancel(lease.address).await {
                    Ok(cancelled) => claimed.add(cancelled),
                    Err(error) if error.stops_everything() => return Err(error),
                    Err(error) => claimed.left.push((lease.address, error.to_string())),
                },
            }
        }
        if !over.is_empty() {
            claimed.add(self.lease_claim(Some(over)).await?);
        }
        Ok(LeaseReplaced { opened, claimed })
    }
}
