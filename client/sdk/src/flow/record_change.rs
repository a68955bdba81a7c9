//! What an owner does with a record besides new versions: reseal, move, archive, erase.

use std::{collections::HashSet, sync::Arc};

use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, Receipt, RecordChanged, RecordErased, Session, Step,
    folder_rotate::{ScopeState, would_be_refused},
    record_get::sealed_content,
    record_head::{Access, head_address},
    staged::{Unit, blob_address},
    staged_part::Named,
};
use crate::{
    chain::{Fetched, Record, instruction},
    file::{self, Output, Silent},
};

impl Session {
    /// A fresh head for the same content: out of the inbox, into the newest epoch, to the readers' newest keys.
    pub async fn record_reseal(&self, record: Pubkey) -> Result<RecordChanged, FlowError> {
        self.staged("record", async |staged| {
            self.watch().step(Step::Checking);
            let record = self.record_account(record).await?;
            let mut folder = self.folder_account(record.folder).await?;
            let mut unit = Unit::default();
            let reseal = self.reseal_unit(&mut folder, &record, &mut unit, staged).await?;
            let head = reseal.blobs.first().map_or(head_address(&record), |named| named.blob);
            unit.append(reseal);
            let receipt = staged.send(unit).await?;
            let sealed_to = super::Sealing::Epoch(folder.epoch);
            Ok(RecordChanged { record: record.address, head, sealed_to, receipt })
        })
        .await
    }

    /// Moves a record to another of one's folders: that folder's readers open it from then on, and the readers of the
    /// one it leaves no longer find it there.
    pub async fn record_move(
        &self,
        record: Pubkey,
        to_folder: Pubkey,
    ) -> Result<RecordChanged, FlowError> {
        self.staged("record", async |staged| {
            self.watch().step(Step::Checking);
            let record = self.record_account(record).await?;
            let to = self.folder_account(to_folder).await?;
            let (head, opened) = self.head_opened(&record, &Access::Owner).await?;
            let listed: HashSet<[u8; 32]> =
                head.claims().grants.iter().map(|(reader, _)| *reader).collect();
            let scope = ScopeState {
                address: record.address,
                created_slot: record.meta.created_slot,
                grants: record.grants,
            };
            let members = self.members(&scope, &listed, None).await?;
            let mut unit = Unit::default();
            let (_, target) = self.epoch_target(&to, &mut unit, staged).await?;
            self.watch().step(Step::Sealing);
            let keys = self.my_keys().await?;
            let sealed = self.head_sealed(
                &keys,
                &record.address,
                &target,
                &members.recipients,
                &opened.manifest,
            )?;
            let blob = staged.put(sealed.bytes).await?;
            let owner = self.owner_actor()?;
            let instruction =
                instruction::record::move_to(&owner, &record, to_folder, blob, target.sealed_to);
            unit.instructions.push(instruction);
            unit.blobs.push(Named::new(&blob, record.address));
            unit.replaced.push(Named { blob: head_address(&record), by: record.address });
            let receipt = staged.send(unit).await?;
            let (head, sealed_to) = (blob_address(&blob), target.sealing());
            Ok(RecordChanged { record: record.address, head, sealed_to, receipt })
        })
        .await
    }

    /// No more versions, still readable; or the way back.
    pub async fn record_archive(
        &self,
        record: Pubkey,
        archived: bool,
    ) -> Result<Receipt, FlowError> {
        let record = self.record_account(record).await?;
        self.send_alone(vec![instruction::record::archive(&self.owner_actor()?, &record, archived)])
            .await
    }

    /// Takes a record off the chain, with its grants, and lets its blobs go in one's own store.
    /// [`RecordErased::MEANING`] says what that means.
    pub async fn record_erase(&self, record: Pubkey) -> Result<RecordErased, FlowError> {
        let (mut erased, blobs) = self
            .staged("record", async |staged| {
                self.watch().step(Step::Checking);
                let record = self.record_account(record).await?;
                let owner = self.owner_actor()?;
                let (blobs, unknown_versions) = self.all_blobs(&record).await;
                let grants = self.grants_on(&record.address, record.grants).await?;
                let mut after = record;
                let mut units = Vec::new();
                for grant in &grants {
                    let scope = instruction::Scope::Record(&after);
                    let instructions = vec![instruction::grant::revoke(&owner, scope, grant)];
                    after.account.grant_removed().map_err(would_be_refused)?;
                    units.push(Unit { instructions, ..Unit::default() });
                }
                let instructions = vec![instruction::record::erase(&owner, &record)];
                // In the journal with it: a crash leaves none of them behind.
                let by = record.address;
                let replaced = blobs.iter().map(|blob| Named { blob: *blob, by }).collect();
                units.push(Unit { instructions, replaced, ..Unit::default() });
                let receipt = staged.send_units(units).await?;
                let revoked = grants.iter().map(|grant| grant.address).collect();
                let (unpinned, still_pinned) = Default::default();
                let erased = RecordErased {
                    record: record.address,
                    revoked,
                    unpinned,
                    still_pinned,
                    unknown_versions,
                    receipt,
                };
                Ok((erased, blobs))
            })
            .await?;
        self.watch().step(Step::Tidying);
        for blob in blobs {
            match self.store().unpin(&blob).await {
                Ok(()) => erased.unpinned.push(blob),
                Err(_) => erased.still_pinned.push(blob),
            }
        }
        Ok(erased)
    }

    /// Heads and contents of all versions, as far as they can still be opened. Digests are their writers' word, and could
    /// be those of any blob that the owner keeps: a head counts when it is one of this record, content when it opens as
    /// this record's. And how many versions could not be opened.
    async fn all_blobs(&self, record: &Fetched<Record>) -> (Vec<BlobAddress>, u32) {
        let mut blobs = Vec::new();
        let Ok((_, mut opened)) = self.head_opened(record, &Access::Owner).await else {
            return (blobs, record.version);
        };
        let mut head = head_address(record);
        loop {
            blobs.push(head);
            let sealed = sealed_content(&opened.manifest);
            let first = 0..sealed.content_len.min(1);
            let (store, nowhere) = (self.store(), Output::Writer(Box::new(std::io::sink())));
            let address = record.address.to_bytes();
            if file::open_range(store, &address, &sealed, first, nowhere, Arc::new(Silent))
                .await
                .is_ok()
            {
                blobs.push(opened.manifest.content);
            }
            let Some(previous) = &opened.manifest.previous else {
                // A filer's version names none before it.
                return (blobs, opened.manifest.version.saturating_sub(1));
            };
            head = previous.head;
            match self.previous_head(record, &Access::Owner, previous).await {
                Ok(older) => opened = older,
                Err(_) => return (blobs, previous.version),
            }
        }
    }
}
