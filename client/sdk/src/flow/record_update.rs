//! A new version: fresh key, fresh head, and a link to the version before.

use std::collections::HashSet;

use aceso_format::{
    head::{HeadTarget, OpenedHead},
    manifest::PreviousVersion,
};

use super::{
    About, Filed, FlowError, Maintained, ManifestView, RecordUpdate, RecordUpdated, Session, Step,
    folder_rotate::ScopeState,
    record_head::{Access, head_address},
    record_put::manifest_of,
    staged::{Unit, blob_address, chain_content},
    staged_part::Named,
};
use crate::{
    chain::{Fetched, Record, constants::CAN_CREATE, instruction},
    file::SealedContent,
};

impl Session {
    /// Puts a new version in place. An author who cannot read the record says what it is; its owner may leave that out.
    pub async fn record_update(&self, update: RecordUpdate) -> Result<RecordUpdated, FlowError> {
        self.watch().step(Step::Checking);
        let record = self.record_account(update.record).await?;
        let maintained = self.maintain_first(&record.owner).await?;
        let me = self.profile()?;
        if me != record.owner && me != record.author {
            return Err(FlowError::NotAllowed { actor: me, action: "change this record" });
        }
        self.actor(&record.owner, &record.folder, CAN_CREATE).await?;
        let mut input = Some(update.input);
        let mut stored: Option<SealedContent> = None;
        let updated = self.staged("record", async |staged| {
            if let Some(input) = input.take() {
                self.watch().step(Step::Storing);
                stored = Some(staged.content(input, &update.record).await?);
                staged.keep();
            }
            let Some(sealed) = &stored else { return Err(FlowError::NothingToPut) };
            let record = self.record_account(update.record).await?;
            let before = self.readable(&record).await?;
            let about = match (&update.about, &before) {
                (Some(about), _) => about.clone(),
                (None, Some(before)) => {
                    About { created_secs: None, ..ManifestView::of(&before.manifest).about }
                }
                (None, None) => return Err(FlowError::AboutNeeded),
            };
            let previous = PreviousVersion {
                version: record.version,
                head: head_address(&record),
                head_key: before.map(|before| before.head_key),
            };
            let manifest = manifest_of(&about, record.version + 1, sealed, Some(previous));
            let folder = self.folder_account(record.folder).await?;
            let mut unit = Unit::default();
            let (_, target) = self.filing_target(&folder, &mut unit, staged).await?;
            // Readers of the record's own grants are those of its signed head.
            let head = self.head_checked(&record).await?;
            let listed: HashSet<[u8; 32]> =
                head.claims().grants.iter().map(|(reader, _)| *reader).collect();
            let scope = ScopeState {
                address: record.address,
                created_slot: record.meta.created_slot,
                grants: record.grants,
            };
            let members = self.members(&scope, &listed, None).await?;
            // The owner is no reader of its own record, whichever way the head is sealed.
            let recipients: Vec<_> = match target.target {
                HeadTarget::Inbox { owner, .. } => members
                    .recipients
                    .into_iter()
                    .filter(|reader| reader.profile != owner)
                    .collect(),
                HeadTarget::Folder { .. } => members.recipients,
            };
            self.watch().step(Step::Sealing);
            let keys = self.my_keys().await?;
            let sealed_head =
                self.head_sealed(&keys, &record.address, &target, &recipients, &manifest)?;
            let blob = staged.put(sealed_head.bytes).await?;
            let actor = self.actor(&record.owner, &record.folder, CAN_CREATE).await?;
            let content = chain_content(&sealed.blob);
            unit.instructions.push(instruction::record::update(
                &actor,
                &record,
                content,
                blob,
                target.sealed_to,
            ));
            let by = record.address;
            unit.blobs.extend([Named { blob: sealed.blob, by }, Named::new(&blob, by)]);
            // The head before stays pinned: the way to older versions leads through it.
            let receipt = staged.send(unit).await?;
            let filed = Filed {
                record: record.address,
                version: record.version + 1,
                content: sealed.blob,
                head: blob_address(&blob),
                plaintext_len: sealed.content_len,
                sealed_to: target.sealing(),
            };
            let (left_out, maintained) = (members.left_out, Maintained::default());
            Ok(RecordUpdated { filed, left_out, receipt, maintained })
        });
        Ok(RecordUpdated { maintained, ..updated.await? })
    }

    /// The head in force, opened, if one can: a filer cannot, and an owner always should.
    async fn readable(&self, record: &Fetched<Record>) -> Result<Option<OpenedHead>, FlowError> {
        let access = match self.access(record).await {
            Ok(access) => access,
            Err(
                FlowError::NoGrant { .. }
                | FlowError::GrantEnded { .. }
                | FlowError::GrantNotBegun { .. },
            ) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        match (self.head_opened(record, &access).await, access) {
            (Ok((_, opened)), _) => Ok(Some(opened)),
            (Err(FlowError::InInbox { .. }), Access::Reader { .. }) => Ok(None),
            (Err(error), _) => Err(error),
        }
    }
}
