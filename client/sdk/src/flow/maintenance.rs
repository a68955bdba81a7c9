//! What an owner's next command does on the way: new epochs where readers have left, and records out of the inbox.

use std::collections::{BTreeMap, HashSet};

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, FolderRotated, Maintained, Session, Step,
    folder_rotate::ScopeState,
    record_head::{content_address, head_address},
    staged::{Staged, Unit},
    staged_part::Named,
};
use crate::chain::{Fetched, Folder, Record, instruction};

/// Records that are taken out of the inbox at a time. Each batch stands by itself: an interrupted maintenance goes on
/// with the next command.
const BATCH: usize = 16;

impl Session {
    /// Rotates what is due and empties the inbox. Owners' commands do this first, unless the options say otherwise.
    pub async fn maintain(&self) -> Result<Maintained, FlowError> {
        let me = self.profile()?;
        self.watch().step(Step::Checking);
        let mut done = Maintained::default();
        let folders = self.chain().folders_by_owner(&me).await?;
        let now_secs = self.now_secs().await?;
        for folder in folders {
            match self.maintain_keyring(&folder, now_secs, &mut done).await {
                Ok(()) => {}
                Err(error) if error.stops_everything() => return Err(error),
                // What is wrong with one folder must not keep the others from being filed into.
                Err(error) => done.failed.push((folder.address, error)),
            }
        }
        let inbox: Vec<Fetched<Record>> =
            self.chain().list(&[("owner", me.as_ref()), ("epoch", &0u32.to_le_bytes())]).await?;
        let mut by_folder: BTreeMap<Pubkey, Vec<Pubkey>> = BTreeMap::new();
        for record in &inbox {
            by_folder.entry(record.folder).or_default().push(record.address);
        }
        let (count, mut index) = (inbox.len(), 0);
        for (folder, records) in by_folder {
            for batch in records.chunks(BATCH) {
                self.watch().item(index, count);
                index += batch.len();
                match self.empty_inbox(&folder, batch, &mut done).await {
                    Ok(()) => {}
                    Err(error) if error.stops_everything() => return Err(error),
                    Err(error) => {
                        done.failed.push((folder, error));
                        break;
                    }
                }
            }
        }
        Ok(done)
    }

    async fn maintain_keyring(
        &self,
        folder: &Fetched<Folder>,
        now_secs: i64,
        done: &mut Maintained,
    ) -> Result<(), FlowError> {
        let is_due = folder.require_sealable(now_secs).is_err();
        if !is_due && folder.keyring_by == folder.owner {
            return Ok(());
        }
        if !is_due {
            // What is accepted is remembered, so not as a list of one node shows it.
            let folder = &self.folder_account(folder.address).await?;
            match self.keyring_opened(folder).await {
                Ok(_) => {
                    done.accepted.push(folder.address);
                    return Ok(());
                }
                // Whatever a delegate has put there, the owner's own epoch replaces it.
                Err(error) if error.is_about_sealing() => {}
                // Somebody is at work on it: the next command looks again.
                Err(error) if error.is_stale_state() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let rotated: FolderRotated = self.folder_rotate(folder.address).await?;
        done.receipt.extend(rotated.receipt.clone());
        done.rotated.push(rotated);
        Ok(())
    }

    /// For commands of which this is the first part.
    pub(super) async fn maintain_first(&self, owner: &Pubkey) -> Result<Maintained, FlowError> {
        if self.options().maintain && *owner == self.profile()? {
            return self.maintain().await;
        }
        Ok(Maintained::default())
    }

    async fn empty_inbox(
        &self,
        folder: &Pubkey,
        records: &[Pubkey],
        done: &mut Maintained,
    ) -> Result<(), FlowError> {
        let (resealed, skipped, receipt) = self
            .staged("record", async |staged| {
                let mut folder = self.folder_account(*folder).await?;
                let (mut resealed, mut skipped, mut units) = (Vec::new(), Vec::new(), Vec::new());
                let mut first = Unit::default();
                for address in records {
                    let record = match self.record_account(*address).await {
                        // Moved, erased or resealed by another command meanwhile.
                        Err(FlowError::Missing { .. }) => continue,
                        other => other?,
                    };
                    if record.epoch != 0 || record.folder != folder.address {
                        continue;
                    }
                    // A filer's store need not last as long as the record has to.
                    if record.author != record.owner
                        && let Err(error) = self.keep(&content_address(&record)).await
                    {
                        skipped.push((*address, error));
                        continue;
                    }
                    match self.reseal_unit(&mut folder, &record, &mut first, staged).await {
                        Ok(unit) => {
                            units.push(unit);
                            resealed.push(*address);
                        }
                        // One bad record must not keep the others in the inbox.
                        Err(error) if error.is_about_sealing() => skipped.push((*address, error)),
                        Err(error) => return Err(error),
                    }
                }
                if let Some(unit) = units.first_mut() {
                    first.append(std::mem::take(unit));
                    *unit = first;
                }
                let receipt = staged.send_units(units).await?;
                Ok((resealed, skipped, receipt))
            })
            .await?;
        done.resealed.extend(resealed);
        done.skipped.extend(skipped);
        done.receipt.extend(receipt);
        Ok(())
    }

    /// A fresh head for the content that a record has, sealed to the folder's epoch (a new one, where that is due, which
    /// goes into `first`) and to the readers of its own grants.
    pub(super) async fn reseal_unit(
        &self,
        folder: &mut Fetched<Folder>,
        record: &Fetched<Record>,
        first: &mut Unit,
        staged: &mut Staged<'_>,
    ) -> Result<Unit, FlowError> {
        let access = self.access(record).await?;
        let (head, opened) = self.head_opened(record, &access).await?;
        let listed: HashSet<[u8; 32]> =
            head.claims().grants.iter().map(|(reader, _)| *reader).collect();
        let scope = ScopeState {
            address: record.address,
            created_slot: record.meta.created_slot,
            grants: record.grants,
        };
        let members = self.members(&scope, &listed, None).await?;
        let (after, target) = self.epoch_target(folder, first, staged).await?;
        *folder = after;
        let rotate = crate::chain::constants::CAN_ROTATE;
        let actor = self.actor(&record.owner, &record.folder, rotate).await?;
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
        Ok(Unit {
            instructions: vec![instruction::record::reseal(&actor, record, blob, target.sealed_to)],
            blobs: vec![Named::new(&blob, record.address)],
            replaced: vec![Named { blob: head_address(record), by: record.address }],
        })
    }
}
