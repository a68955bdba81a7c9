//! What this peer holds: bytes in the storage, trees beside them, the index over both. Bytes come in here only whole and only
//! as the ones that were leased, and go only when no lease needs them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aceso_format::{BlobAddress, address::Node, proof_tree::Proof};
use bytes::Bytes;
use futures_util::Stream;

use crate::{
    index::{Condition, Index, IndexError, ObjectEntry},
    measure::{Leaves, Measure, Measured},
    storage::{Storage, StorageError, hex},
    tree_store::{TreeError, TreeStore},
};

/// Bytes as a lease names them: address, and root of their proof tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leased {
    pub address: BlobAddress,
    pub root: [u8; 32],
}

#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    #[error(
        "the upload is longer than the {expected} bytes of the lease; nothing was kept, so send what was leased"
    )]
    TooLong { expected: u64 },
    #[error(
        "the upload ended after {found} of {expected} bytes; nothing was kept, so send all of them"
    )]
    CutShort { found: u64, expected: u64 },
    #[error(
        "the bytes are {found}, and {expected} was leased; nothing was kept, so send what was leased"
    )]
    OtherBytes { expected: String, found: String },
    #[error("the upload broke off ({0}); nothing was kept, so send it again")]
    BrokenOff(String),
    #[error(
        "this peer's quota has {free} bytes left and {needed} are needed; lease from another peer"
    )]
    OverQuota { free: u64, needed: u64 },
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

pub struct Holdings {
    pub storage: Arc<dyn Storage>,
    pub trees: TreeStore,
    pub index: Arc<Index>,
    quota: u64,
    /// Bytes held, and those of uploads under way.
    taken: AtomicU64,
}

impl Holdings {
    pub fn open(
        storage: Arc<dyn Storage>,
        trees: TreeStore,
        index: Arc<Index>,
        quota: u64,
    ) -> Result<Self, HoldError> {
        let held = index.objects()?.iter().map(|object| object.address.len).sum();
        Ok(Self { storage, trees, index, quota, taken: AtomicU64::new(held) })
    }

    /// Bytes that leases take, those of uploads under way included.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub fn quota(&self) -> u64 {
        self.quota
    }

    /// Whether the bytes are here, whole and, as far as is known, sound.
    pub fn holds(&self, leased: &Leased) -> Result<bool, HoldError> {
        let entry = self.index.object(&leased.address.digest)?;
        Ok(entry.is_some_and(|entry| {
            entry.address == leased.address
                && entry.root == leased.root
                && entry.condition == Condition::Sound
        }))
    }

    /// Takes the bytes of a lease while they arrive. Address, length and root are recomputed; only when all are the leased
    /// ones do the bytes get a name. Whatever fails, and wherever this process dies, nothing of them stays.
    pub async fn receive<S, E>(
        &self,
        leased: &Leased,
        body: S,
        now_secs: i64,
    ) -> Result<(), HoldError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let room = self.reserve(leased)?;
        let expected = leased.address.len;
        let mut body = Leaves::of(body);
        let mut draft = self.storage.begin(&leased.address).await?;
        let mut tree = self.trees.begin(expected)?;
        let mut measure = Measure::new();
        let mut len = 0;
        while let Some(bytes) =
            body.next().await.map_err(|e| HoldError::BrokenOff(e.to_string()))?
        {
            len += bytes.len() as u64;
            if len > expected {
                return Err(HoldError::TooLong { expected });
            }
            let (next, leaf, nodes) = measure.push(bytes).await?;
            measure = next;
            tree.write(&nodes)?;
            draft.write(leaf).await?;
        }
        if len < expected {
            return Err(HoldError::CutShort { found: len, expected });
        }
        let (measured, nodes) = measure.finish();
        check(leased, &measured)?;
        tree.write(&nodes)?;
        // The tree first: it is worth nothing alone, and bytes without it would have to be read again.
        tree.name(&measured)?;
        draft.name().await?;
        self.note(leased, &measured, now_secs).await?;
        room.keep();
        Ok(())
    }

    /// Bytes that are in the storage but not in the index: read, and noted when they are the leased ones. This is how an
    /// index that was lost comes back, and an upload whose process died before the last step.
    pub async fn adopt(&self, leased: &Leased, now_secs: i64) -> Result<bool, HoldError> {
        if self.holds(leased)? {
            return Ok(true);
        }
        if self.storage.len(&leased.address).await? != Some(leased.address.len) {
            return Ok(false);
        }
        let known = self.index.object(&leased.address.digest)?.is_some();
        let measured = match self.trees.rebuild(&*self.storage, &leased.address).await {
            Ok(measured) => measured,
            Err(TreeError::Rotten { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if check(leased, &measured).is_err() {
            return Ok(false);
        }
        if !known {
            self.taken.fetch_add(leased.address.len, Ordering::Relaxed);
        }
        self.note(leased, &measured, now_secs).await?;
        Ok(true)
    }

    /// Deletes bytes that no lease needs any more. The index forgets them first, so nothing is served or proven that is half
    /// gone; what a crash leaves behind is found by [`Holdings::orphans`].
    pub async fn forget(&self, object: &BlobAddress) -> Result<(), HoldError> {
        if let Some(entry) = self.index.object(&object.digest)? {
            let leaves = self.trees.leaves(object).unwrap_or_default();
            let nodes = self.nodes(object)?;
            self.index.object_remove(&object.digest, &leaves, &nodes)?;
            self.taken.fetch_sub(entry.address.len, Ordering::Relaxed);
        }
        self.storage.delete(object).await?;
        Ok(self.trees.delete(object)?)
    }

    /// Proves a leaf of the bytes.
    pub async fn prove(&self, leased: &Leased, leaf: u64) -> Result<Proof, HoldError> {
        let proof = self.trees.prove(&*self.storage, &leased.address, &leased.root, leaf).await?;
        Ok(proof)
    }

    /// Objects in the storage that neither the index nor any lease knows. Ask only when the index is complete.
    pub async fn orphans(&self) -> Result<Vec<[u8; 32]>, HoldError> {
        let crate::storage::Listing::Ours(all) = self.storage.list().await? else {
            return Ok(Vec::new());
        };
        let mut orphans = Vec::new();
        for digest in all {
            let needed = !self.index.leases_of(&digest)?.is_empty();
            if !needed && self.index.object(&digest)?.is_none() {
                orphans.push(digest);
            }
        }
        Ok(orphans)
    }

    /// The nodes above an object's blocks.
    pub fn nodes(&self, object: &BlobAddress) -> Result<Vec<Node>, HoldError> {
        if object.is_raw() { Ok(Vec::new()) } else { Ok(self.trees.nodes(object)?) }
    }

    async fn note(
        &self,
        leased: &Leased,
        measured: &Measured,
        now_secs: i64,
    ) -> Result<(), HoldError> {
        let entry = ObjectEntry {
            address: leased.address,
            root: leased.root,
            read_at_secs: now_secs,
            condition: Condition::Sound,
        };
        let (index, leaves) = (self.index.clone(), measured.leaves.clone());
        let nodes = self.nodes(&leased.address)?;
        // A commit waits for the disk.
        let noting = tokio::task::spawn_blocking(move || index.object_put(&entry, &leaves, &nodes));
        noting.await.map_err(|e| StorageError::Worker(e.to_string()))??;
        Ok(())
    }

    fn reserve(&self, leased: &Leased) -> Result<Room<'_>, HoldError> {
        // Bytes that are here already take no more room.
        let needed = match self.index.object(&leased.address.digest)? {
            Some(_) => 0,
            None => leased.address.len,
        };
        let quota = self.quota;
        let fits = |taken: u64| taken.checked_add(needed).filter(|taken| *taken <= quota);
        match self.taken.try_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => Ok(Room { taken: &self.taken, bytes: needed }),
            Err(taken) => Err(HoldError::OverQuota { free: quota.saturating_sub(taken), needed }),
        }
    }
}

/// Room for an upload; given back unless it is kept.
struct Room<'a> {
    taken: &'a AtomicU64,
    bytes: u64,
}

impl Room<'_> {
    fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn check(leased: &Leased, measured: &Measured) -> Result<(), HoldError> {
    if measured.address == leased.address && measured.root == Some(leased.root) {
        return Ok(());
    }
    let say = |address: &BlobAddress, root: &[u8; 32]| {
        format!("{} with root {}", address.cid_string(), hex(root))
    };
    Err(HoldError::OtherBytes {
        expected: say(&leased.address, &leased.root),
        found: say(&measured.address, &measured.root.unwrap_or_default()),
    })
}
