//! Listing: heads only, no content and no receipt.

use std::collections::HashSet;

use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, stream};

use super::{
    FlowError, ManifestView, RecordList, RecordView, Session, Step,
    record_head::{Access, content_address, head_address, sealing_of},
};
use crate::chain::{Fetched, Folder, Grant, Record, ScopeKind};

/// How many heads are fetched at a time.
const AT_ONCE: usize = 16;

impl Session {
    pub async fn record_list(&self, list: RecordList) -> Result<Vec<RecordView>, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        let found: Vec<(Fetched<Record>, Option<Access>)> = match list {
            RecordList::Own { folder: None } => {
                let records = self.chain().records_by_owner(&me).await?;
                records.into_iter().map(|record| (record, Some(Access::Owner))).collect()
            }
            RecordList::Own { folder: Some(folder) } => {
                let folder = self.folder_account(folder).await?;
                let access = |record: Fetched<Record>| {
                    let access = (record.owner == me).then_some(Access::Owner);
                    (record, access)
                };
                self.folder_records(&folder).await?.into_iter().map(access).collect()
            }
            RecordList::Shared { owner } => self.shared_records(owner).await?,
            RecordList::Filed => {
                let records = self.chain().records_by_author(&me).await?;
                records
                    .into_iter()
                    .filter(|record| record.owner != me)
                    .map(|record| (record, None))
                    .collect()
            }
        };
        let records: Vec<Fetched<Record>> = found.iter().map(|(record, _)| *record).collect();
        // One keyring opens many heads: opened once, before they are fetched side by side.
        let mut folders: Vec<(Pubkey, u32)> =
            records.iter().map(|record| (record.folder, record.epoch)).collect();
        folders.sort_unstable_by(|one, other| other.cmp(one));
        folders.dedup_by_key(|(folder, _)| *folder);
        for (folder, epoch) in folders {
            // Why it does not open is said with each record.
            let _ = self.keyring_with(folder, epoch).await;
        }
        let views = stream::iter(found).map(|(record, access)| self.view(record, access));
        let mut views: Vec<RecordView> = views.buffer_unordered(AT_ONCE).collect().await;
        // Remembered once their heads were checked: one lie must not make the truth look old.
        let opened: HashSet<Pubkey> =
            views.iter().filter(|view| view.manifest.is_ok()).map(|view| view.record).collect();
        let checked: Vec<Fetched<Record>> =
            records.into_iter().filter(|record| opened.contains(&record.address)).collect();
        // Nor must one node's, where a second is there to be asked about a record by its address.
        if self.chain().verify_rpc.is_none() {
            self.home().all_seen(&[], &checked)?;
        }
        views.sort_by_key(|view| (view.created_at_secs, view.record));
        Ok(views)
    }

    pub async fn record_show(&self, record: Pubkey) -> Result<RecordView, FlowError> {
        let record = self.record_account(record).await?;
        let access = match self.access(&record).await {
            Ok(access) => Some(access),
            Err(
                FlowError::NoGrant { .. }
                | FlowError::GrantEnded { .. }
                | FlowError::GrantNotBegun { .. },
            ) => None,
            Err(error) => return Err(error),
        };
        Ok(self.view(record, access).await)
    }

    /// Records of a folder: as many as the folder says that it has.
    async fn folder_records(
        &self,
        folder: &Fetched<Folder>,
    ) -> Result<Vec<Fetched<Record>>, FlowError> {
        let records = self.chain().records_by_folder(&folder.address).await?;
        let (found, seen) = (records.len() as u64, u64::from(folder.records));
        if found != seen {
            // One may have come between the two questions.
            let now = self.folder_account(folder.address).await?;
            if found != u64::from(now.records) {
                return Err(FlowError::ListIncomplete {
                    what: "records",
                    scope: folder.address,
                    found,
                    seen,
                });
            }
        }
        Ok(records)
    }

    /// Records that live grants let one open.
    pub(super) async fn shared_records(
        &self,
        owner: Option<Pubkey>,
    ) -> Result<Vec<(Fetched<Record>, Option<Access>)>, FlowError> {
        let me = self.profile()?;
        let now_secs = self.now_secs().await?;
        let mut grants = self.chain().grants_by_reader(&me).await?;
        grants.retain(|grant| {
            grant.require_live(now_secs).is_ok() && owner.is_none_or(|owner| grant.owner == owner)
        });
        let mut found: Vec<(Fetched<Record>, Option<Access>)> = Vec::new();
        for grant in grants {
            let on_record = grant.scope_kind == ScopeKind::Record as u8;
            let records = if on_record {
                self.chain().find::<Record>(&grant.scope).await?.into_iter().collect()
            } else {
                match self.chain().find::<Folder>(&grant.scope).await? {
                    Some(folder) if folder.meta.created_slot == grant.scope_created_slot => {
                        self.folder_records(&folder).await?
                    }
                    _ => Vec::new(),
                }
            };
            for record in records {
                let same = !on_record || record.meta.created_slot == grant.scope_created_slot;
                if same && found.iter().all(|(known, _)| known.address != record.address) {
                    found.push((record, Some(reading(grant, on_record))));
                }
            }
        }
        Ok(found)
    }

    async fn view(&self, record: Fetched<Record>, access: Option<Access>) -> RecordView {
        let grant = match &access {
            Some(Access::Reader { grant, .. }) => Some(grant.address),
            _ => None,
        };
        // Once seen again: somebody may be at work on it while a long list is read.
        let mut record = record;
        let manifest = match &access {
            Some(access) => match self.head_opened(&record, access).await {
                Err(error) if error.is_stale_state() => {
                    self.unchanging("record", async || {
                        record = self.record_account(record.address).await?;
                        self.head_opened(&record, access).await
                    })
                    .await
                }
                opened => opened,
            }
            .map(|(_, opened)| ManifestView::of(&opened.manifest)),
            None => Err(FlowError::NotListed { what: "record", address: record.address }),
        };
        RecordView {
            record: record.address,
            owner: record.owner,
            folder: record.folder,
            author: record.author,
            head_by: record.head_by,
            version: record.version,
            sealed_to: sealing_of(&record),
            archived: record.archived != 0,
            content: content_address(&record),
            head: head_address(&record),
            grants: record.grants,
            created_at_secs: record.created_at_secs,
            updated_at_secs: record.updated_at_secs,
            audit_count: record.audit_count,
            grant,
            manifest,
        }
    }
}

fn reading(grant: Fetched<Grant>, on_record: bool) -> Access {
    Access::Reader { grant: Box::new(grant), on_record }
}
