//! How a record's copies are, and new ones in place of those that are lost.

use std::time::Duration;

use aceso::state::EndReason;
use anchor_lang::prelude::Pubkey;

use super::{
    Depth, FlowError, Health, LeaseChecked, LeaseClaimed, LeaseOpen, LeaseOpened, LeasePlan,
    LeaseState, LeaseView, LeaseWhat, Session, Step,
    record_head::{content_address, head_address},
};
use crate::blob::BlobStore;

#[derive(Debug)]
pub struct RecordHealth {
    pub record: Pubkey,
    pub folder: Pubkey,
    /// Whether this computer's own store has content and head.
    pub here: bool,
    /// Leases on the record.
    pub copies: Vec<LeaseChecked>,
    /// Leases on its folder's keyring, without which its readers open nothing.
    pub keyring: Vec<LeaseChecked>,
}

impl RecordHealth {
    pub fn good(&self) -> usize {
        good(&self.copies)
    }
}

/// Ended by its owner, or ended and paid out: nobody misses it, only its account waits to be closed.
fn is_settled(view: &LeaseView) -> bool {
    match view.state {
        LeaseState::Ended(EndReason::Cancelled) => true,
        LeaseState::Ended(_) => view.lease.owed == 0,
        _ => false,
    }
}

fn good(checked: &[LeaseChecked]) -> usize {
    checked.iter().filter(|lease| lease.health == Health::Good).count()
}

/// How to repair.
#[derive(Clone, Debug)]
pub struct RecordRepair {
    pub record: Pubkey,
    /// How many copies there shall be; `None` is as many as there were.
    pub copies: Option<u32>,
    /// How long new leases last; `None` is as long as those that they replace would have.
    pub term_secs: Option<i64>,
    pub mint: Option<Pubkey>,
    pub price_max: Option<u64>,
}

/// What a repair will do and cost.
#[derive(Debug)]
pub struct RepairPlan {
    pub health: RecordHealth,
    /// Leases that are no copy any more.
    pub lost: Vec<Pubkey>,
    /// New leases, for the record and for the keyring; `None` where nothing is missing.
    pub plans: Vec<LeasePlan>,
}

#[derive(Debug, Default)]
pub struct RecordRepaired {
    pub opened: LeaseOpened,
    /// From those that were lost.
    pub claimed: LeaseClaimed,
}

impl Session {
    /// Looks at every copy: whether it is the chain's, proven, reachable, and the right bytes.
    pub async fn record_health(
        &self,
        record: Pubkey,
        depth: Depth,
    ) -> Result<RecordHealth, FlowError> {
        self.watch().step(Step::Checking);
        let record = self.record_account(record).await?;
        let copies = self.leases_of(&LeaseWhat::Record(record.address)).await?;
        let keyring = self.leases_of(&LeaseWhat::Keyring(record.folder)).await?;
        let (mut copies, mut keyring) =
            (self.lease_views(copies).await?, self.lease_views(keyring).await?);
        copies.retain(|view| !is_settled(view));
        keyring.retain(|view| !is_settled(view));
        let own = self.reach();
        let mut here = true;
        for blob in [content_address(&record), head_address(&record)] {
            // A store that cannot say so has not got it.
            here &= own.has(&blob).await.unwrap_or(false);
        }
        Ok(RecordHealth {
            record: record.address,
            folder: record.folder,
            here,
            copies: self.check_views(copies, depth).await?,
            keyring: self.check_views(keyring, depth).await?,
        })
    }

    /// What is lost, and what it costs to have as many copies again. Nothing is signed.
    pub async fn record_repair_plan(&self, repair: RecordRepair) -> Result<RepairPlan, FlowError> {
        let health = self.record_health(repair.record, Depth::default()).await?;
        if !health.here && health.good() == 0 {
            return Err(FlowError::NothingToRepairFrom { record: repair.record });
        }
        let (mut lost, mut plans) = (Vec::new(), Vec::new());
        for (what, checked) in [
            (LeaseWhat::Record(health.record), &health.copies),
            (LeaseWhat::Keyring(health.folder), &health.keyring),
        ] {
            let dead: Vec<&LeaseChecked> =
                checked.iter().filter(|lease| lease.health == Health::Lost).collect();
            lost.extend(dead.iter().map(|lease| lease.view.lease.address));
            let asked = repair.copies.filter(|_| !checked.is_empty() || plans.is_empty());
            let copies = asked.unwrap_or(checked.len() as u32);
            let alive = checked.len() - dead.len();
            if copies as usize <= alive {
                continue;
            }
            let request = LeaseOpen {
                what: vec![what],
                copies,
                term_secs: repair.term_secs.unwrap_or_else(|| rest_secs(checked)),
                mint: repair.mint,
                price_max: repair.price_max,
                peers: Vec::new(),
                without: Vec::new(),
                instead_of: dead.iter().map(|lease| lease.view.lease.address).collect(),
            };
            plans.push(self.lease_plan(request).await?);
        }
        Ok(RepairPlan { health, lost, plans })
    }

    /// Opens new leases from what is left, and when they are held, ends the lost ones and takes what they owe.
    pub async fn record_repair(
        &self,
        plan: RepairPlan,
        patience: Duration,
    ) -> Result<RecordRepaired, FlowError> {
        let mut done = RecordRepaired::default();
        let mut left: Vec<Pubkey> = plan.lost;
        for plan in plan.plans {
            left.retain(|lease| !plan.request.instead_of.contains(lease));
            let replaced = self.lease_replace(plan, patience).await?;
            done.opened.add(replaced.opened);
            done.claimed.add(replaced.claimed);
        }
        // Lost ones that need no replacement.
        for view in self.lease_views_of(&left).await? {
            let address = view.lease.address;
            if view.state == LeaseState::Live {
                done.claimed.add(self.lease_cancel(address).await?);
            }
        }
        if !left.is_empty() {
            done.claimed.add(self.lease_claim(Some(left)).await?);
        }
        Ok(done)
    }
}

/// What the longest of these leases would still have lasted; an epoch at least.
fn rest_secs(checked: &[LeaseChecked]) -> i64 {
    let rest = |lease: &LeaseChecked| {
        let view = &lease.view;
        let epochs = match view.lease.until_epoch {
            // An offer that never began.
            0 => u64::from(view.lease.epochs),
            until => until.saturating_sub(view.epoch.max(view.lease.from_epoch)),
        };
        i64::try_from(epochs).unwrap_or(i64::MAX).saturating_mul(view.epoch_secs)
    };
    checked.iter().map(rest).max().unwrap_or(1).max(1)
}
