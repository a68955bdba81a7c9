//! The trail of a folder or a record, recomputed.

use aceso::state::Entry;
use anchor_lang::prelude::Pubkey;
use solana_signature::Signature;

use super::{Archive, Chain, ChainError};

/// Whose trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Folder(Pubkey),
    Record(Pubkey),
}

/// One line of a trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Place in the trail; the first is 1.
    pub count: u64,
    pub entry: Entry,
    /// Head of the trail with this line.
    pub head: [u8; 32],
    pub signature: Signature,
}

/// A whole trail, recomputed from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub scope: Pubkey,
    pub created_slot: u64,
    pub entries: Vec<AuditEntry>,
    pub head: [u8; 32],
    /// Entries that came from the archive and not from the node.
    pub archived: u64,
}

/// How a trail was tampered with, or why it cannot be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    #[error(
        "the trail of {scope} lacks entry {count}: the node dropped it, or has pruned its history; ask another node"
    )]
    Dropped { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} has an entry {count} that the chain does not have: the node invented it; use another node"
    )]
    Invented { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} is out of order from entry {count} on: the node put another in its place; use another node"
    )]
    Reordered { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} does not lead to the head on chain, from entry {count} on: the node changed it; use another node"
    )]
    HeadMismatch { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} has {found} entries and {seen} were seen before: the node takes some back; use another node"
    )]
    CountBelowSeen { scope: Pubkey, found: u64, seen: u64 },
    #[error(
        "the archive {path} is damaged in line {line}; move it away, and fetch the trail again from a node that keeps history"
    )]
    ArchiveDamaged { path: String, line: u64 },
    #[error(
        "the archive {path} differs from the trail on chain from entry {count} on; keep it as evidence and ask another node"
    )]
    ArchiveDiffers { path: String, count: u64 },
    #[error("cannot {action} the archive {path}: {source}")]
    Archive { action: &'static str, path: String, source: std::io::Error },
}

impl Chain {
    /// The whole trail, equal to the head on chain; what is new goes into the archive.
    pub async fn audit(&self, scope: Scope, archive: &Archive) -> Result<History, ChainError> {
        let _ = (scope, archive);
        todo!()
    }

    /// The trail of a record that was erased: `head` is what its folder's trail keeps of it.
    pub async fn audit_erased(
        &self,
        record: Pubkey,
        created_slot: u64,
        head: [u8; 32],
        archive: &Archive,
    ) -> Result<History, ChainError> {
        let _ = (record, created_slot, head, archive);
        todo!()
    }
}
