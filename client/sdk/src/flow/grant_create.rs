//! Granting: one packet more in the folder's keyring, or a fresh head with one packet more.

use std::collections::HashSet;

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, FolderRotated, GrantCreate, GrantCreated, Maintained, Receipt, Scope, Session, Step,
    fetch::Place,
    folder_rotate::{ScopeState, would_be_refused},
    keys::Vouched,
    record_head::{Target, head_address},
    session::entropy,
    staged::{Staged, Unit},
    staged_part::Named,
};
use crate::chain::{
    Blob, Grant, SealedTo, address,
    constants::CAN_GRANT,
    instruction::{self, grant::NewGrant},
};

/// A grant whose packet is sealed and stored; what is left is the instruction, which differs for an answer.
pub(super) struct Prepared {
    /// What has to happen first in the same transaction, and all blobs.
    pub unit: Unit,
    pub reader: Vouched,
    pub rotated: Option<FolderRotated>,
    place: Place,
    blob: Blob,
    sealed_to: Option<SealedTo>,
}

impl Prepared {
    pub fn grant(&self) -> NewGrant<'_> {
        match (&self.place.record, self.sealed_to) {
            (Some(record), Some(sealed_to)) => {
                NewGrant::Record { record, head: self.blob, sealed_to }
            }
            _ => NewGrant::Folder { folder: &self.place.folder, keyring: self.blob },
        }
    }

    pub fn address(&self) -> Pubkey {
        address::grant(&self.grant().scope().address(), &self.reader.account.address)
    }

    /// Done, by the transaction that `receipt` is of.
    pub fn created(self, receipt: Receipt) -> GrantCreated {
        let grant = self.address();
        GrantCreated { grant, rotated: self.rotated, receipt, maintained: Maintained::default() }
    }
}

impl Session {
    /// Lets a reader open a folder, with all it holds and will hold, or one record.
    pub async fn grant_create(&self, create: GrantCreate) -> Result<GrantCreated, FlowError> {
        self.watch().step(Step::Checking);
        // Before anything else: whether the reader can receive.
        self.recipient(create.reader).await?;
        let owner = self.place(create.scope).await?.folder.owner;
        let maintained = self.maintain_first(&owner).await?;
        let created = self
            .staged("folder or record", async |staged| {
                let mut prepared =
                    self.prepare_grant(create.scope, create.reader, CAN_GRANT, staged).await?;
                let folder = &prepared.place.folder;
                let actor = self.actor(&folder.owner, &folder.address, CAN_GRANT).await?;
                let (payer, terms) = (self.payer_address(), create.terms.to_chain());
                let grant = instruction::grant::create(
                    payer,
                    &actor,
                    &prepared.grant(),
                    &prepared.reader.account,
                    terms,
                );
                let mut unit = std::mem::take(&mut prepared.unit);
                unit.instructions.push(grant);
                let receipt = staged.send(unit).await?;
                Ok(prepared.created(receipt))
            })
            .await?;
        Ok(GrantCreated { maintained, ..created })
    }

    /// Seals to the reader, and prepares what has to come first: clearing away an old grant that has ended, and a new
    /// epoch where one is due.
    pub(super) async fn prepare_grant(
        &self,
        scope: Scope,
        reader: Pubkey,
        capability: u16,
        staged: &mut Staged<'_>,
    ) -> Result<Prepared, FlowError> {
        let mut place = self.place(scope).await?;
        let reader = self.recipient(reader).await?;
        self.actor(&place.folder.owner, &place.folder.address, capability).await?;
        let now_secs = self.now_secs().await?;
        let before = place;
        let mut unit = Unit::default();
        let old = address::grant(&scope.address(), &reader.account.address);
        let mut cleared = None;
        if let Some(old) = self.chain().find::<Grant>(&old).await? {
            if old.until_secs >= now_secs {
                return Err(FlowError::GrantExists { reader: old.reader });
            }
            unit.instructions.push(instruction::grant::expire(place.scope(), &old));
            match &mut place.record {
                Some(record) => record.account.grant_removed(),
                None => place.folder.account.grant_removed(old.until_secs),
            }
            .map_err(would_be_refused)?;
            cleared = Some(old.reader);
        }
        let on_folder = place.record.is_none();
        let mut rotated = None;
        let opened = if place.folder.require_sealable(now_secs).is_ok() {
            self.keyring_opened(&before.folder).await?
        } else {
            let without = cleared.filter(|_| on_folder);
            let rotation = self.rotation(&place.folder, without, staged).await?;
            unit.append(rotation.unit);
            place.folder = rotation.after;
            rotated = Some(FolderRotated {
                folder: place.folder.address,
                epoch: place.folder.epoch,
                readers: rotation.members.addresses(),
                left_out: rotation.members.left_out,
                receipt: Receipt::default(),
            });
            rotation.opened
        };
        self.watch().step(Step::Sealing);
        let keys = self.my_keys().await?;
        let Some(record) = &place.record else {
            let (bytes, _) =
                opened.with_reader_added(&keys.writer(), &reader.recipient(), &mut entropy()?)?;
            let blob = staged.put(bytes).await?;
            match &rotated {
                // The keyring of the rotation serves for the length of one transaction.
                Some(_) => {
                    let digest = place.folder.keyring_digest;
                    let between =
                        unit.blobs.iter().find(|named| named.blob.digest == digest).copied();
                    unit.replaced.extend(between);
                }
                None => unit.replaced.extend(self.replaced_keyrings(&before.folder, true)?),
            }
            unit.blobs.push(Named::new(&blob, place.folder.address));
            return Ok(Prepared { unit, reader, rotated, place, blob, sealed_to: None });
        };
        let access = self.access(record).await?;
        let (head, manifest) = self.head_opened(record, &access).await?;
        let listed: HashSet<[u8; 32]> =
            head.claims().grants.iter().map(|(reader, _)| *reader).collect();
        let scope = ScopeState {
            address: record.address,
            created_slot: record.meta.created_slot,
            grants: before.record.map_or(0, |record| record.grants),
        };
        let mut recipients = self.members(&scope, &listed, cleared).await?.recipients;
        recipients.push(reader.recipient());
        let target = Target::epoch(&place.folder, opened.public());
        let sealed =
            self.head_sealed(&keys, &record.address, &target, &recipients, &manifest.manifest)?;
        let blob = staged.put(sealed.bytes).await?;
        unit.blobs.push(Named::new(&blob, record.address));
        unit.replaced.push(Named { blob: head_address(record), by: record.address });
        Ok(Prepared { unit, reader, rotated, place, blob, sealed_to: Some(target.sealed_to) })
    }
}
