//! The trail of a folder or a record: what its flows give.

use aceso::state::Entry;
use anchor_lang::prelude::Pubkey;

use super::Scope;

/// One line of a trail.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// Place in the trail; the first is 1.
    pub count: u64,
    pub entry: Entry,
    /// Head of the trail with this line.
    pub head: [u8; 32],
    /// Transaction that it came with, when a node still has it.
    pub signature: Option<String>,
    /// Name of who acted, among contacts and one's own.
    pub actor_name: Option<String>,
    /// Name of the reader, record or folder that it is about, likewise.
    pub subject_name: Option<String>,
}

/// A whole trail: recomputed from its first line and equal to the head on the chain.
#[derive(Clone, Debug)]
pub struct AuditHistory {
    pub scope: Scope,
    pub created_slot: u64,
    pub head: [u8; 32],
    pub lines: Vec<AuditLine>,
    /// Lines that came from the archive, because the node has pruned them.
    pub from_archive: u64,
}

/// The archive holds a trail that fits together; whether it is all, only the chain tells.
#[derive(Clone, Debug)]
pub struct AuditArchived {
    pub scope: Pubkey,
    pub lines: Vec<AuditLine>,
    pub head: [u8; 32],
}
