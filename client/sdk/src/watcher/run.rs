use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Chore, Market, due};
use crate::{
    chain::{
        Chain, ChainError, Event, Fetched, Instruction, Lease, Peer, Pubkey, Sent, Transaction,
        instruction,
    },
    flow::Wallet,
};

/// Spot checks that a watcher opens at its own expense.
#[derive(Clone, Copy, Debug)]
pub struct SpotChecks {
    /// One at a time, this often.
    pub every: Duration,
}

/// Does what is due, with a wallet that pays fees and nothing else.
pub struct Watcher {
    chain: Chain,
    payer: Wallet,
    /// How long something has to be due before this watcher does it: who is paid for it comes first.
    patience: Duration,
    spot_checks: Option<SpotChecks>,
    last_spot: Option<Instant>,
    first_seen: HashMap<Chore, Instant>,
}

/// A step, and what became of it.
#[derive(Debug)]
pub struct Done {
    pub chore: Chore,
    pub outcome: Outcome,
}

#[derive(Debug)]
pub enum Outcome {
    /// With what the program said that it did.
    Did { sent: Box<Sent>, events: Vec<Event> },
    /// Somebody else was faster, or the node showed an old state: the program's sentence. Nothing was paid.
    Refused(String),
}

impl Watcher {
    pub fn new(chain: Chain, payer: Wallet, patience: Duration) -> Self {
        let (spot_checks, last_spot, first_seen) = Default::default();
        Self { chain, payer, patience, spot_checks, last_spot, first_seen }
    }

    pub fn spot_checks(mut self, spot_checks: Option<SpotChecks>) -> Self {
        self.spot_checks = spot_checks;
        self
    }

    /// Looks once, and does what is due; `told` hears of each step as it is done. Errors are the node's or the wallet's:
    /// the next round begins anew, and nothing is lost.
    pub async fn round(&mut self, told: &mut (dyn FnMut(Done) + Send)) -> Result<(), ChainError> {
        let Some(market) = Market::read(&self.chain).await? else { return Ok(()) };
        let mut chores = due(&market)?;
        let now = Instant::now();
        // What is not due any more is forgotten: should it be due again, patience begins again.
        let seen: HashMap<Chore, Instant> = chores
            .iter()
            .map(|chore| (chore.clone(), *self.first_seen.get(chore).unwrap_or(&now)))
            .collect();
        chores.retain(|chore| {
            seen.get(chore).is_some_and(|since| now.duration_since(*since) >= self.patience)
        });
        self.first_seen = seen;
        chores.extend(self.spot_check(&market, now)?);
        for chore in chores {
            let Some(step) = self.step(&market, &chore) else { continue };
            let outcome = self.perform(step).await?;
            self.first_seen.remove(&chore);
            told(Done { chore, outcome });
        }
        Ok(())
    }

    async fn perform(&self, step: Instruction) -> Result<Outcome, ChainError> {
        let transaction = Transaction::new(vec![step], &*self.payer, &[&*self.payer]);
        match self.chain.send(&transaction).await {
            Ok(sent) => {
                self.chain.rpc.saw_slot(sent.slot);
                // It took effect, whether the node tells of it or not.
                let events = self.chain.rpc.events(&sent.signature).await.unwrap_or_default();
                Ok(Outcome::Did { sent: Box::new(sent), events })
            }
            Err(
                error @ (ChainError::Program(_)
                | ChainError::Framework { .. }
                | ChainError::Failed { .. }),
            ) => Ok(Outcome::Refused(error.to_string())),
            Err(error) => Err(error),
        }
    }

    fn step(&self, market: &Market, chore: &Chore) -> Option<Instruction> {
        let peer = |at: &Pubkey| -> Option<&Fetched<Peer>> {
            market.stalls.iter().map(|stall| &stall.peer).find(|peer| peer.address == *at)
        };
        let lease = |at: &Pubkey| -> Option<&Fetched<Lease>> {
            let all = market.stalls.iter().flat_map(|stall| &stall.leases);
            all.into_iter().find(|lease| lease.address == *at)
        };
        Some(match chore {
            Chore::Arm { .. } => instruction::beacon::arm(),
            Chore::Rearm { .. } => instruction::beacon::rearm(),
            Chore::Draw { .. } => instruction::beacon::draw(),
            Chore::PeerDefault { peer } => instruction::peer::default(*peer),
            Chore::DebtDefault { lease: at, k, .. } => {
                instruction::proof::debt_default(lease(at)?, *k)
            }
            Chore::SpotDefault { lease: at } => instruction::spot::default(lease(at)?),
            Chore::Settle { peer: at, leases, payout } => {
                instruction::proof::settle(peer(at)?, leases, *payout)
            }
            Chore::Expire { lease: at } => instruction::lease_end::expire(lease(at)?),
            Chore::End { lease: at } => instruction::lease_end::end(lease(at)?),
            Chore::Apply { peer, leases } => instruction::proof::set_apply(peer, leases),
            Chore::SpotOpen { lease: at, offset } => {
                instruction::spot::open(self.payer.pubkey(), lease(at)?, *offset)
            }
        })
    }

    /// A leaf of a lease, both by chance: a peer must not know which one is looked at next.
    fn spot_check(&mut self, market: &Market, now: Instant) -> Result<Option<Chore>, ChainError> {
        let Some(checks) = self.spot_checks else { return Ok(None) };
        if self.last_spot.is_some_and(|last| now.duration_since(last) < checks.every) {
            return Ok(None);
        }
        let epoch = market.beacon.current_epoch(market.now.unix_secs).unwrap_or(u64::MAX);
        let open = |lease: &&Fetched<Lease>| {
            lease.is_live() && lease.spot_checker == Pubkey::default() && epoch < lease.until_epoch
        };
        let sound = market.stalls.iter().filter(|stall| !stall.peer.is_defaulted());
        let leases: Vec<&Fetched<Lease>> =
            sound.flat_map(|stall| &stall.leases).filter(open).collect();
        let (which, offset) = (random()?, random()?);
        let Some(lease) = usize::try_from(which)
            .ok()
            .and_then(|which| which.checked_rem(leases.len()))
            .and_then(|which| leases.get(which))
        else {
            return Ok(None);
        };
        self.last_spot = Some(now);
        let offset = offset.checked_rem(lease.weight);
        Ok(offset.map(|offset| Chore::SpotOpen { lease: lease.address, offset }))
    }
}

fn random() -> Result<u64, ChainError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| ChainError::Random(error.to_string()))?;
    Ok(u64::from_le_bytes(bytes))
}
