//! Trails: recomputed, compared with the chain and with what was seen before, and shown with names.

use std::collections::HashMap;

use anchor_lang::prelude::Pubkey;

use super::{AuditArchived, AuditHistory, AuditLine, FlowError, Scope, Session, Step};
use crate::chain::{self, Action, AuditError, ChainError, History};

/// What an account says about its trail.
#[derive(Clone, Copy)]
struct Seen {
    created_slot: u64,
    count: u64,
    head: [u8; 32],
}

impl Session {
    /// The whole trail, recomputed from its first line, and equal to the head on the chain. Lines that were seen are kept
    /// in the archive, because nodes prune theirs.
    ///
    /// A record that was erased has its trail still, in the word of its folder: the owner can ask for it.
    pub async fn audit_history(&self, scope: Scope) -> Result<AuditHistory, FlowError> {
        self.watch().step(Step::Checking);
        let history = match (self.trail(scope).await, scope) {
            (Err(missing @ FlowError::Missing { .. }), Scope::Record(record)) => {
                self.trail_erased(record).await?.ok_or(missing)?
            }
            (other, _) => other?,
        };
        Ok(AuditHistory {
            scope,
            created_slot: history.created_slot,
            head: history.head,
            lines: self.lines(&history),
            from_archive: history.archived,
        })
    }

    /// The trail from the archive alone, without asking a node: each line follows from the one before. Empty where none
    /// was ever fetched. An address that was used twice gives the newest trail.
    pub fn audit_archived(&self, scope: Scope) -> Result<AuditArchived, FlowError> {
        let address = scope.address();
        let Some(seen) = self.seen(scope)? else {
            return Ok(AuditArchived { scope: address, lines: Vec::new(), head: [0; 32] });
        };
        let archive = self.home().archive(&address, seen.created_slot);
        let history = archive.load(&address, seen.created_slot).map_err(ChainError::from)?;
        Ok(AuditArchived { scope: address, lines: self.lines(&history), head: history.head })
    }

    async fn trail(&self, scope: Scope) -> Result<History, FlowError> {
        let before = self.seen(scope)?;
        let (chain_scope, account, folders, records) = match scope {
            Scope::Folder(address) => {
                let folder = self.folder_account(address).await?;
                let (created_slot, count) = (folder.meta.created_slot, folder.audit_count);
                (
                    chain::Scope::Folder(address),
                    Seen { created_slot, count, head: folder.audit_head },
                    vec![folder],
                    Vec::new(),
                )
            }
            Scope::Record(address) => {
                let record = self.record_account(address).await?;
                let (created_slot, count) = (record.meta.created_slot, record.audit_count);
                (
                    chain::Scope::Record(address),
                    Seen { created_slot, count, head: record.audit_head },
                    Vec::new(),
                    vec![record],
                )
            }
        };
        let archive = self.home().archive(&scope.address(), account.created_slot);
        let history = self.chain().audit(chain_scope, &archive).await?;
        // The node gave account and trail alike, so that they agree is only half of it: the trail has to lead through
        // the head that the second node confirmed, and through the one of the last time.
        let before = before.filter(|before| before.created_slot == account.created_slot);
        for seen in before.into_iter().chain([account]) {
            require_leads_through(&history, &seen)?;
        }
        // Once all of it holds: one lie must not make the truth look old.
        self.home().all_seen(&folders, &records)?;
        Ok(history)
    }

    /// The trail of a record that is gone: the folder that it was erased from keeps the head of it.
    async fn trail_erased(&self, record: Pubkey) -> Result<Option<History>, FlowError> {
        for folder in self.chain().folders_by_owner(&self.profile()?).await? {
            let trail = self.trail(Scope::Folder(folder.address)).await?;
            let mut entries = trail.entries.iter().rev().map(|line| &line.entry);
            let erased = entries
                .find(|entry| entry.action == Action::RecordErased && entry.subject == record);
            if let Some(erased) = erased {
                let archive = |created_slot| self.home().archive(&record, created_slot);
                return Ok(Some(self.chain().audit_erased(erased, archive).await?));
            }
        }
        Ok(None)
    }

    /// Newest state that was ever seen here.
    fn seen(&self, scope: Scope) -> Result<Option<Seen>, FlowError> {
        Ok(match scope {
            Scope::Folder(address) => self.home().folder_pin(&address)?.map(|pin| Seen {
                created_slot: pin.created_slot,
                count: pin.audit_count,
                head: pin.audit_head,
            }),
            Scope::Record(address) => self.home().record_pin(&address)?.map(|pin| Seen {
                created_slot: pin.created_slot,
                count: pin.audit_count,
                head: pin.audit_head,
            }),
        })
    }

    fn lines(&self, history: &History) -> Vec<AuditLine> {
        let mut names: HashMap<Pubkey, Option<String>> = HashMap::new();
        let mut name = |address: Pubkey| {
            names.entry(address).or_insert_with(|| self.name_of(&address)).clone()
        };
        let line = |entry: &chain::AuditEntry| AuditLine {
            count: entry.count,
            entry: entry.entry,
            head: entry.head,
            signature: Some(entry.signature.to_string()),
            actor_name: name(entry.entry.actor),
            subject_name: name(entry.entry.subject),
        };
        history.entries.iter().map(line).collect()
    }
}

/// That a trail has, at the place that was seen, the head that was seen.
fn require_leads_through(history: &History, seen: &Seen) -> Result<(), FlowError> {
    let scope = history.scope;
    let Some(index) = seen.count.checked_sub(1) else { return Ok(()) };
    let line = usize::try_from(index).ok().and_then(|index| history.entries.get(index));
    let fault = match line {
        Some(line) if line.head == seen.head => return Ok(()),
        Some(line) => AuditError::HeadMismatch { scope, count: line.count },
        None => AuditError::CountBelowSeen { scope, found: history.count(), seen: seen.count },
    };
    Err(ChainError::from(fault).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_that_avoids_what_was_seen_is_refused() {
        let scope = Pubkey::new_from_array([1; 32]);
        let history = History::empty(scope, 7);
        let seen = |count, head| Seen { created_slot: 7, count, head };
        assert!(require_leads_through(&history, &seen(0, [9; 32])).is_ok());
        let missing = require_leads_through(&history, &seen(1, [9; 32]));
        let named = matches!(
            missing,
            Err(FlowError::Chain(ChainError::Audit(AuditError::CountBelowSeen {
                found: 0,
                seen: 1,
                ..
            })))
        );
        assert!(named, "{missing:?}");
    }
}
