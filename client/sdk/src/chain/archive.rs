//! Entries that were seen, kept: nodes prune their history.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;

use super::{AuditEntry, AuditError, History};

/// The file of one trail: a line of JSON for each entry, appended.
#[derive(Clone, Debug)]
pub struct Archive {
    path: PathBuf,
}

impl Archive {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// All entries, recomputed from the beginning. An unfinished last line is left out.
    pub fn load(&self, scope: &Pubkey, created_slot: u64) -> Result<History, AuditError> {
        let _ = (&self.path, scope, created_slot);
        todo!()
    }

    /// Appends entries that were checked.
    pub fn append(&self, entries: &[AuditEntry]) -> Result<(), AuditError> {
        let _ = entries;
        todo!()
    }
}
