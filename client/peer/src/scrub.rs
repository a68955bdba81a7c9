//! Reads stored bytes again, from time to time, and says what a disk has lost before a challenge does.

use std::time::Duration;

use aceso_format::proof_tree::ProofBuilder;
use futures_util::TryStreamExt;

use crate::{
    holdings::{HoldError, Holdings},
    index::{Condition, ObjectEntry},
    metrics::Metrics,
    storage::{StorageError, hex},
};

const DAY_SECS: i64 = 24 * 60 * 60;

/// How often, and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// 0: never.
    pub every_days: u16,
    pub bytes_per_sec: u64,
}

/// The object whose turn it is: the one read longest ago, once that is longer ago than the pace says. Damaged ones come
/// first again and again: somebody may have brought their bytes back.
pub fn next(
    holdings: &Holdings,
    pace: Pace,
    now_secs: i64,
) -> Result<Option<ObjectEntry>, HoldError> {
    if pace.every_days == 0 {
        return Ok(None);
    }
    let due = |object: &ObjectEntry| {
        let days =
            if object.condition == Condition::Sound { i64::from(pace.every_days) } else { 1 };
        now_secs.saturating_sub(object.read_at_secs) >= days * DAY_SECS
    };
    let objects = holdings.index.objects()?;
    Ok(objects.into_iter().filter(due).min_by_key(|object| object.read_at_secs))
}

/// Reads one object whole and compares it with its root. What was found is noted in the index: rotten bytes are neither
/// served nor proven with any more.
pub async fn scrub(
    holdings: &Holdings,
    metrics: &Metrics,
    object: &ObjectEntry,
    pace: Pace,
    now_secs: i64,
) -> Result<Condition, HoldError> {
    let condition = match read(holdings, object, pace.bytes_per_sec).await {
        Ok(true) => Condition::Sound,
        Ok(false) | Err(StorageError::Short { .. }) => Condition::Rotten,
        Err(StorageError::NotFound { .. }) => Condition::Missing,
        // A block of Kubo's or a sector of a disk that cannot be read is lost, unless it can be read later.
        Err(error) => return Err(error.into()),
    };
    let digest = object.address.digest;
    holdings.index.object_read(&digest, condition, now_secs)?;
    match condition {
        Condition::Sound => {
            metrics.scrubbed.inc_by(object.address.len);
            // A tree that was lost would cost a whole reading when a proof is due.
            if !holdings.trees.has(&object.address) {
                holdings.trees.rebuild(&*holdings.storage, &object.address).await?;
            }
        }
        _ => {
            let leases = holdings.index.leases_of(&digest)?;
            let leases: Vec<String> = leases.iter().map(|(at, _)| at.to_string()).collect();
            tracing::error!(
                object = hex(&digest),
                ?condition,
                leases = leases.join(" "),
                "stored bytes are not the leased ones any more; the owner may send them again, or they must come from another copy"
            );
        }
    }
    metrics.damaged.set(damaged(holdings)?);
    Ok(condition)
}

/// Objects that are rotten or missing.
pub fn damaged(holdings: &Holdings) -> Result<u64, HoldError> {
    let objects = holdings.index.objects()?;
    Ok(objects.iter().filter(|object| object.condition != Condition::Sound).count() as u64)
}

async fn read(
    holdings: &Holdings,
    object: &ObjectEntry,
    bytes_per_sec: u64,
) -> Result<bool, StorageError> {
    let len = holdings.storage.len(&object.address).await?;
    if len != Some(object.address.len) {
        let (storage, object) = (holdings.storage.describe(), hex(&object.address.digest));
        return Err(match len {
            None => StorageError::NotFound { storage, object },
            Some(_) => StorageError::Short { storage, object },
        });
    }
    let mut pieces = holdings.storage.read(&object.address, 0..object.address.len).await?;
    let mut builder = ProofBuilder::new();
    while let Some(piece) = pieces.try_next().await? {
        let pause = Duration::from_secs_f64(piece.len() as f64 / bytes_per_sec as f64);
        let hashing = tokio::task::spawn_blocking(move || {
            builder.push(&piece, |_| ());
            builder
        });
        let (hashed, ()) = tokio::join!(hashing, tokio::time::sleep(pause));
        builder = hashed.map_err(|e| StorageError::Worker(e.to_string()))?;
    }
    Ok(builder.finish(|_| ()).is_ok_and(|root| root == object.root))
}
