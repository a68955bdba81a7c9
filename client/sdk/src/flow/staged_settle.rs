//! After a crash: what became of the transactions that were sent, and which blobs nothing needs.

use std::collections::BTreeMap;

use aceso_format::BlobAddress;

use super::{
    FlowError, Session,
    staged::{Intent, KIND, NOTE_GONE, NOTE_PART},
    staged_part::{Part, blobs_from_json},
};
use crate::{
    chain::{Fate, Lifetime},
    home::{HomeError, JournalAction, JournalStep},
};

/// What the journal tells of one action.
#[derive(Default)]
struct Unfinished {
    pinned: Vec<BlobAddress>,
    parts: BTreeMap<u32, Part>,
    sent: BTreeMap<u32, Vec<Lifetime>>,
    confirmed: Vec<u32>,
}

impl Unfinished {
    /// `None`: it holds what is not understood, so nothing of it may be let go.
    fn read(steps: &[JournalStep]) -> Option<Self> {
        let mut this = Self::default();
        for step in steps {
            match step {
                JournalStep::Pinning { blob, .. } => this.pinned.push(*blob),
                JournalStep::Sending { part, lifetime } => {
                    this.sent.entry(*part).or_default().push(*lifetime)
                }
                JournalStep::Confirmed { part } => this.confirmed.push(*part),
                JournalStep::Note { name, value } if name == NOTE_GONE => {
                    let gone = blobs_from_json(value)?;
                    this.pinned.retain(|blob| !gone.contains(blob));
                }
                JournalStep::Note { name, value } if name == NOTE_PART => {
                    let (number, part) = Part::from_json(value)?;
                    this.parts.insert(number, part);
                }
                JournalStep::Note { .. } => {}
            }
        }
        Some(this)
    }
}

impl Session {
    /// Settles what earlier commands have left.
    ///
    /// Gives what could not be: it stays as it is, and keeps neither the rest from being settled nor a command from being
    /// run, be it a revocation.
    pub(super) async fn settle_unfinished(&self) -> Result<Vec<HomeError>, FlowError> {
        let unfinished = self.home().journal().unfinished()?;
        let mut left = unfinished.unreadable;
        for action in unfinished.actions {
            if action.kind() != KIND {
                continue;
            }
            let store = action.intent::<Intent>().map(|intent| intent.store);
            match (store, Unfinished::read(action.steps())) {
                (Err(error), _) => left.push(error),
                (Ok(_), None) => left.push(action.unreadable("a note is damaged")),
                (Ok(store), _) if store != self.store().describe() => {
                    left.push(action.of_other_store(store));
                }
                (Ok(_), Some(found)) => left.extend(self.settle_action(action, found).await?),
            }
        }
        Ok(left)
    }

    async fn settle_action(
        &self,
        action: JournalAction,
        mut found: Unfinished,
    ) -> Result<Option<HomeError>, FlowError> {
        let mut superfluous = Vec::new();
        for (number, part) in &found.parts {
            let sent = found.sent.get(number).map(Vec::as_slice).unwrap_or_default();
            if sent.is_empty() {
                // Nothing of it ever left this machine.
                continue;
            }
            let fate = match found.confirmed.contains(number) {
                true => None,
                false => self.last_fate(sent).await?,
            };
            // The fate is the word of one node, which may not even remember. What the accounts say is what counts.
            let namers = self.namers(part.accounts()).await?;
            let landed = !matches!(fate, Some(Fate::Failed { .. } | Fate::Expired));
            if landed || part.shows(&namers) {
                found.pinned.retain(|blob| !part.blobs.iter().any(|named| named.blob == *blob));
                let gone = part.replaced.iter().filter(|named| !namers.name(named));
                superfluous.extend(gone.map(|named| named.blob));
                continue;
            }
            for named in &part.blobs {
                if matches!(fate, Some(Fate::Expired)) && !part.untouched(named, &namers) {
                    found.pinned.retain(|blob| *blob != named.blob);
                }
            }
        }
        superfluous.append(&mut found.pinned);
        for blob in &superfluous {
            if let Err(error) = self.store().unpin(blob).await {
                return Ok(Some(action.store_away(error.to_string())));
            }
        }
        // What cannot be struck from the journal is settled once more.
        let _ = action.end();
        Ok(None)
    }

    /// Of the same instructions signed several times: that of the one that took effect, or else of the last.
    async fn last_fate(&self, sent: &[Lifetime]) -> Result<Option<Fate>, FlowError> {
        let mut last = None;
        for lifetime in sent {
            let fate = self.chain().settle(lifetime).await?;
            if matches!(fate, Fate::Confirmed { .. }) {
                return Ok(Some(fate));
            }
            last = Some(fate);
        }
        Ok(last)
    }
}
