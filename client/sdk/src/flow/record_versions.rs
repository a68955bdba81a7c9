//! The versions of a record, from head to head: no content, and no receipt.

use anchor_lang::prelude::Pubkey;

use super::{FlowError, ManifestView, Session, Step, VersionView, record_head::Access};
use crate::chain::constants::PERMIT_HISTORY;

impl Session {
    /// All versions of a record, newest first, as far as one can open their heads. The last one says why, where that is
    /// not the first version.
    pub async fn record_versions(&self, record: Pubkey) -> Result<Vec<VersionView>, FlowError> {
        self.watch().step(Step::Checking);
        let (record, access, mut opened) = self
            .unchanging("record", async || {
                let record = self.record_account(record).await?;
                let access = self.access(&record).await?;
                let (_, opened) = self.head_opened(&record, &access).await?;
                Ok((record, access, opened))
            })
            .await?;
        let without_history = match &access {
            Access::Owner => false,
            Access::Reader { grant, .. } => grant.permissions & PERMIT_HISTORY == 0,
        };
        let mut versions = Vec::new();
        loop {
            let manifest = ManifestView::of(&opened.manifest);
            versions.push(VersionView { version: manifest.version, manifest: Ok(manifest) });
            let Some(previous) = &opened.manifest.previous else { return Ok(versions) };
            let version = previous.version;
            let older = match without_history {
                true => Err(FlowError::HistoryNotPermitted),
                false => self.previous_head(&record, &access, previous).await,
            };
            match older {
                Ok(older) => opened = older,
                Err(error) => {
                    versions.push(VersionView { version, manifest: Err(error) });
                    return Ok(versions);
                }
            }
        }
    }
}
