//! Looking after stored bytes: reading them again from time to time, getting back what is lost, and after a start what the
//! index has lost of them.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aceso::state::Lease;
use tokio::sync::{mpsc, watch};

use super::Repairs;
use crate::{
    chain::Sight,
    duty::{in_force, pending},
    holdings::{HoldError, Holdings, Leased},
    http::Service,
    index::{Condition, ObjectEntry},
    scrub::{self, Pace},
    storage::hex,
};

/// Between two looks for an object whose turn it is.
const PAUSE: Duration = Duration::from_secs(60);

/// Scrubs by turns, and whatever a challenge has found damaged at once.
pub struct Tender {
    pub service: Arc<Service>,
    pub repairs: Repairs,
    pub pace: Pace,
    pub damaged: mpsc::Receiver<[u8; 32]>,
}

impl Tender {
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let told = tokio::select! {
                biased;
                _ = stop.changed() => return,
                told = self.damaged.recv() => told,
                () = tokio::time::sleep(PAUSE) => None,
            };
            let tended = tokio::select! {
                biased;
                _ = stop.changed() => return,
                tended = self.tend(told) => tended,
            };
            if let Err(error) = tended {
                tracing::error!(%error, "stored bytes could not be read again");
            }
        }
    }

    async fn tend(&self, told: Option<[u8; 32]>) -> Result<(), HoldError> {
        let (holdings, now_secs) = (&self.service.holdings, self.service.accounts.now_secs());
        let object = match told {
            Some(digest) => match holdings.index.object(&digest)? {
                // Already known, and asked for everywhere once a day.
                Some(object) if object.condition != Condition::Sound => None,
                object => object,
            },
            None => scrub::next(holdings, self.pace, now_secs)?,
        };
        let Some(object) = object else { return Ok(()) };
        let condition =
            scrub::scrub(holdings, &self.service.metrics, &object, self.pace, now_secs).await?;
        if condition != Condition::Sound {
            self.repair(&object, now_secs).await?;
        }
        let damaged = scrub::damaged(holdings)?;
        self.service.metrics.damaged.set(damaged);
        self.service.health.damaged.store(damaged, Ordering::Relaxed);
        self.service.arrived.notify_one();
        Ok(())
    }

    async fn repair(&self, object: &ObjectEntry, now_secs: i64) -> Result<(), HoldError> {
        let holdings = &self.service.holdings;
        let leases = holdings.index.leases_of(&object.address.digest)?;
        let leases: Vec<Lease> = leases.into_iter().map(|(_, entry)| entry.account).collect();
        let leased = Leased { address: object.address, root: object.root };
        if !self.repairs.refetch(holdings, &leased, &leases, now_secs).await {
            tracing::error!(
                object = hex(&object.address.digest),
                "no other copy of these bytes was found; only their owners can send them again"
            );
        }
        Ok(())
    }
}

/// After a start: bytes of leases that are in the storage but not in the index are noted, so that an index may be lost, and
/// an upload may have died at its last step. What belongs to no lease at all is deleted.
pub async fn recover(service: &Service, sight: &Sight) -> Result<(), HoldError> {
    let (holdings, now_secs) = (&service.holdings, sight.time.unix_secs);
    for (at, entry) in &sight.leases {
        let needed = entry.objects().count() > 0;
        let wanted = needed.then(|| in_force(&entry.account));
        for leased in wanted.into_iter().chain(pending(&entry.account)) {
            if !holdings.holds(&leased)? && is_unknown(holdings, &leased)? {
                adopt(holdings, &leased, at, now_secs).await?;
            }
        }
    }
    service.health.damaged.store(scrub::damaged(holdings)?, Ordering::Relaxed);
    service.arrived.notify_one();
    Ok(())
}

/// What the index says is damaged is for the scrub.
fn is_unknown(holdings: &Holdings, leased: &Leased) -> Result<bool, HoldError> {
    Ok(holdings.index.object(&leased.address.digest)?.is_none())
}

async fn adopt(
    holdings: &Holdings,
    leased: &Leased,
    at: &aceso_sdk::chain::Pubkey,
    now_secs: i64,
) -> Result<(), HoldError> {
    match holdings.adopt(leased, now_secs).await {
        Ok(true) => tracing::info!(lease = %at, "bytes were here that the index had lost"),
        Ok(false) => {}
        Err(error) => tracing::error!(lease = %at, %error, "bytes could not be looked at"),
    }
    Ok(())
}

/// Objects that no lease has ever named, from uploads that died between disk and index. Only before uploads are taken.
pub async fn sweep(holdings: &Holdings, sight: &Sight) -> Result<(), HoldError> {
    if !sight.complete {
        return Ok(());
    }
    for digest in holdings.orphans().await? {
        let object = aceso_format::BlobAddress { digest, len: 0 };
        holdings.storage.delete(&object).await?;
        holdings.trees.delete(&object)?;
        tracing::info!(object = hex(&digest), "deleted: bytes of no lease");
    }
    Ok(())
}
