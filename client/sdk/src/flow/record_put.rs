//! Filing: into one's own folder, or into one whose owner lets one file there without reading.

use std::collections::HashSet;

use aceso_format::{
    key::XWingPublic,
    manifest::{Manifest, PreviousVersion},
    packet::Recipient,
};
use anchor_lang::prelude::Pubkey;

use super::{
    About, Filed, FlowError, GrantTerms, PutItem, RecordPut, RecordPutDone, Session, Step,
    keys::Vouched,
    record_head::Target,
    record_put_run::{FileMark, PutRuns, Remaining},
    session::wall_secs,
    staged::{Staged, Unit, blob_address, chain_content},
    staged_part::Named,
};
use crate::{
    chain::{
        Fetched, Folder, Meta, Record,
        address::{self, Id},
        constants::{CAN_CREATE, CAN_GRANT},
        instruction::{self, grant::NewGrant, record::NewRecord},
    },
    file::SealedContent,
};

/// Content that is sealed and stored, waiting for its head.
struct Stored {
    id: Id,
    record: Pubkey,
    about: About,
    sealed: SealedContent,
}

/// Bytes that a record takes in a transaction, and each grant on it: with these a group is filled, and split again
/// should it not fit.
const RECORD_LEN: usize = 190;
const GRANT_LEN: usize = 265;
const GROUP_LEN: usize = 3_300;

impl Session {
    /// Seals files, stores them and files a record for each; shares them in the same transactions. A batch packs as
    /// many into a transaction as fit, and what is filed stays filed should a later one fail: when the same is put
    /// again, it goes on from there.
    pub async fn record_put(&self, mut put: RecordPut) -> Result<RecordPutDone, FlowError> {
        if put.items.is_empty() {
            return Err(FlowError::NothingToPut);
        }
        self.watch().step(Step::Checking);
        let folder = self.folder_account(put.folder).await?;
        let maintained = self.maintain_first(&folder.owner).await?;
        // Before anything is sealed: who cannot receive, or may not be shared with, is said now.
        let mut readers = Vec::with_capacity(put.share.len());
        for share in &put.share {
            readers.push((self.recipient(share.reader).await?, share.terms));
        }
        self.actor(&folder.owner, &folder.address, CAN_CREATE).await?;
        let (mut runs, Remaining { items, already }) = self.put_runs(&mut put).await?;
        let mut done = RecordPutDone { maintained, already, ..RecordPutDone::none(put.folder) };
        let failed =
            self.file_items(&put.folder, &folder.owner, items, &readers, &mut runs, &mut done);
        let failed = failed.await.err();
        runs.filed(&done.records.iter().map(|filed| filed.record).collect::<HashSet<_>>());
        match failed {
            None if put.goes_on => Ok(RecordPutDone { runs: Some(runs), ..done }),
            None => {
                runs.end()?;
                Ok(done)
            }
            Some(error) => {
                // What may still be filed is looked for by the next put.
                if !error.is_fate_unknown() {
                    // The cause matters more to the user than a note that stays in the journal.
                    let _ = runs.abandon();
                }
                Err(error)
            }
        }
    }

    async fn file_items(
        &self,
        folder: &Pubkey,
        owner: &Pubkey,
        items: Vec<(PutItem, FileMark)>,
        readers: &[(Vouched, GrantTerms)],
        runs: &mut PutRuns,
        done: &mut RecordPutDone,
    ) -> Result<(), FlowError> {
        let group_len = (GROUP_LEN / (RECORD_LEN + GRANT_LEN * readers.len())).max(1);
        let count = items.len();
        let mut items = items.into_iter().enumerate().peekable();
        while items.peek().is_some() {
            let mut group = items.by_ref().take(group_len).collect::<Vec<_>>();
            let mut stored: Vec<Stored> = Vec::new();
            let filing = self.staged("folder", async |staged| {
                for (index, (item, mark)) in group.drain(..) {
                    self.watch().item(index, count);
                    let one = self.store_item(owner, item, staged).await?;
                    self.put_note(runs, &mark, &one.sealed.sha256, one.record)?;
                    stored.push(one);
                }
                // What is stored serves the next attempt too, should somebody else be faster.
                staged.keep();
                self.file_group(folder, &stored, readers, staged).await
            });
            let group_done = match filing.await {
                Ok(done) => done,
                Err(source) if done.records.is_empty() => return Err(source),
                Err(source) => {
                    let (filed, source) = (done.records.clone(), Box::new(source));
                    return Err(FlowError::Partly { filed, total: count, source });
                }
            };
            done.records.extend(group_done.records);
            done.grants.extend(group_done.grants);
            done.receipt.extend(group_done.receipt);
        }
        Ok(())
    }

    async fn store_item(
        &self,
        owner: &Pubkey,
        item: PutItem,
        staged: &mut Staged<'_>,
    ) -> Result<Stored, FlowError> {
        self.watch().step(Step::Storing);
        let (id, record) = address::new_record(owner)?;
        let sealed = staged.content(item.input, &record).await?;
        Ok(Stored { id, record, about: item.about, sealed })
    }

    async fn file_group(
        &self,
        folder: &Pubkey,
        stored: &[Stored],
        readers: &[(Vouched, GrantTerms)],
        staged: &mut Staged<'_>,
    ) -> Result<RecordPutDone, FlowError> {
        let folder = self.folder_account(*folder).await?;
        let mut first = Unit::default();
        let (folder, target) = self.filing_target(&folder, &mut first, staged).await?;
        let actor = self.actor(&folder.owner, &folder.address, CAN_CREATE).await?;
        let granting = match readers.is_empty() {
            true => None,
            false => Some(self.actor(&folder.owner, &folder.address, CAN_GRANT).await?),
        };
        self.watch().step(Step::Sealing);
        let payer = self.payer_address();
        let keys = self.my_keys().await?;
        let mut done = RecordPutDone::none(folder.address);
        let mut units: Vec<Unit> = Vec::new();
        for item in stored {
            let manifest = manifest_of(&item.about, 1, &item.sealed, None);
            let head = self.head_sealed(&keys, &item.record, &target, &[], &manifest)?;
            let mut blob = staged.put(head.bytes).await?;
            let new = NewRecord {
                owner: folder.owner,
                folder: folder.address,
                id: item.id,
                content: chain_content(&item.sealed.blob),
                head: blob,
                sealed_to: target.sealed_to,
            };
            let by = item.record;
            let content = Named { blob: item.sealed.blob, by };
            let mut unit = Unit { blobs: vec![content, Named::new(&blob, by)], ..Unit::default() };
            unit.instructions.push(instruction::record::create(payer, &actor, &new));
            // The program swaps the head once for each grant; the heads in between are let go afterwards.
            let mut state = filed_state(&new, item.record, actor.profile);
            let mut recipients: Vec<Recipient> = Vec::new();
            for (reader, terms) in readers {
                let Some(granting) = &granting else { break };
                recipients.push(reader.recipient());
                let head =
                    self.head_sealed(&keys, &item.record, &target, &recipients, &manifest)?;
                unit.replaced.push(Named::new(&blob, by));
                blob = staged.put(head.bytes).await?;
                unit.blobs.push(Named::new(&blob, by));
                let grant =
                    NewGrant::Record { record: &state, head: blob, sealed_to: target.sealed_to };
                let terms = terms.to_chain();
                unit.instructions.push(instruction::grant::create(
                    payer,
                    granting,
                    &grant,
                    &reader.account,
                    terms,
                ));
                done.grants.push(address::grant(&item.record, &reader.account.address));
                state.account.head_digest = blob.digest;
                state.account.members_version += 1;
            }
            done.records.push(Filed {
                record: item.record,
                version: 1,
                content: item.sealed.blob,
                head: blob_address(&blob),
                plaintext_len: item.sealed.content_len,
                sealed_to: target.sealing(),
            });
            units.push(unit);
        }
        if let Some(unit) = units.first_mut() {
            unit.instructions.splice(0..0, first.instructions);
            unit.blobs.append(&mut first.blobs);
            unit.replaced.append(&mut first.replaced);
        }
        done.receipt = staged.send_units(units).await?;
        Ok(done)
    }

    /// What a new head of this folder is sealed to. When a reader has left, an owner begins a new epoch in the
    /// same transaction; anybody else seals to the owner's inbox.
    pub(super) async fn filing_target(
        &self,
        folder: &Fetched<Folder>,
        first: &mut Unit,
        staged: &mut Staged<'_>,
    ) -> Result<(Fetched<Folder>, Target), FlowError> {
        let is_owner = folder.owner == self.profile()?;
        if folder.require_sealable(self.now_secs().await?).is_ok() {
            if let Some(key) = self.epoch_key(folder).await? {
                return Ok((*folder, Target::epoch(folder, &key)));
            }
        } else if is_owner {
            let rotation = self.rotation(folder, None, staged).await?;
            first.append(rotation.unit);
            let target = Target::epoch(&rotation.after, rotation.opened.public());
            return Ok((rotation.after, target));
        }
        let owner = self.recipient(folder.owner).await?;
        let target = Target::inbox(&owner.account, &owner.xwing);
        Ok((*folder, target))
    }

    /// Public key of the epoch, or nothing where it is better not to trust the one on show: a filer cannot check that a
    /// seed makes it, so it takes the owner's word only, or that of somebody it knows.
    async fn epoch_key(&self, folder: &Fetched<Folder>) -> Result<Option<XWingPublic>, FlowError> {
        let me = self.profile()?;
        if folder.owner == me {
            return Ok(Some(self.keyring_opened(folder).await?.public().clone()));
        }
        if folder.keyring_by != folder.owner && !self.knows(&folder.keyring_by)? {
            return Ok(None);
        }
        let keyring = self.keyring_checked(folder).await?;
        if keyring.claims().readers.iter().any(|(reader, _)| *reader == me.to_bytes()) {
            return Ok(Some(self.keyring_opened(folder).await?.public().clone()));
        }
        Ok(Some(keyring.claims().public.clone()))
    }
}

/// The manifest of sealed content.
pub(super) fn manifest_of(
    about: &About,
    version: u32,
    sealed: &SealedContent,
    previous: Option<PreviousVersion>,
) -> Manifest {
    let title = if about.title.is_empty() { &about.file_name } else { &about.title };
    Manifest {
        version,
        title: title.clone(),
        file_name: about.file_name.clone(),
        media_type: about.media_type.clone(),
        fhir_type: about.fhir_type.clone(),
        codes: about.codes.clone(),
        tags: about.tags.clone(),
        note: about.note.clone(),
        created_secs: about.created_secs.unwrap_or_else(wall_secs),
        plaintext_sha256: sealed.sha256,
        plaintext_len: sealed.content_len,
        content_key: sealed.key.duplicate(),
        content: sealed.blob,
        previous,
    }
}

/// The record as it will be once it is filed: what a grant in the same transaction relies on.
fn filed_state(new: &NewRecord, record: Pubkey, author: Pubkey) -> Fetched<Record> {
    let mut account = Record { meta: Meta::default(), ..bytemuck::Zeroable::zeroed() };
    account.owner = new.owner;
    account.folder = new.folder;
    account.author = author;
    account.head_by = author;
    account.head_digest = new.head.digest;
    account.head_len = new.head.len;
    account.version = 1;
    Fetched { address: record, account, lamports: 0, slot: 0 }
}
