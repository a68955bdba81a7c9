//! What a lease stores of a record, a folder or a profile: opened once, masked for each lease.

use std::sync::Arc;

use aceso_format::{
    BlobAddress,
    copy::CopyAddress,
    head::MAX_HEAD_LEN,
    key::ReplicaSecret,
    keyring::MAX_KEYRING_LEN,
    mask::Mask,
    pack::{MAX_PACK_LEN, MAX_RECORDS, PackTable, PackedRecord},
};
use anchor_lang::prelude::Pubkey;
use bytes::Bytes;

use super::{
    FlowError, LeaseWhat, Session,
    folder_keyring::keyring_address,
    keys::bundle_address,
    record_head::{content_address, head_address},
};
use crate::{
    blob::{CopyPart, CopyRecipe},
    chain::{Fetched, Folder, Record},
};

/// Content and head together: more is leased as a record of its own, a pack is for what would otherwise be billed as a
/// MiB each.
pub(super) const PACKED_LEN: u64 = 1 << 20;

/// No bundle is longer.
const BUNDLE_LEN: u64 = 1 << 20;

/// What is to be stored, before the mask of any lease.
pub(super) struct Contents {
    pub owner: Pubkey,
    parts: Vec<Part>,
}

enum Part {
    Plain(Bytes),
    Content { record: Pubkey, content: BlobAddress, secret: ReplicaSecret },
}

impl Contents {
    /// The same for every lease.
    pub fn stored_len(&self) -> u64 {
        let len = |part: &Part| match part {
            Part::Plain(bytes) => bytes.len() as u64,
            Part::Content { content, .. } => content.len,
        };
        self.parts.iter().map(len).sum()
    }

    /// The bytes of one lease.
    pub fn recipe(&self, session: &Session, lease: &Pubkey) -> CopyRecipe {
        let parts = self.parts.iter().map(|part| match part {
            Part::Plain(bytes) => CopyPart::Plain(bytes.clone()),
            Part::Content { record, content, secret } => {
                let mask = Mask::new(secret, &lease.to_bytes(), &record.to_bytes());
                CopyPart::Masked { content: *content, mask: Arc::new(mask) }
            }
        });
        CopyRecipe::new(session.store().clone(), parts.collect())
    }

    /// What the chain is told of them.
    pub async fn address(
        &self,
        session: &Session,
        lease: &Pubkey,
    ) -> Result<CopyAddress, FlowError> {
        Ok(self.recipe(session, lease).address(&*session.progress()).await?)
    }
}

impl Session {
    /// Opens what is to be leased: who cannot open a record cannot make a copy of it.
    pub(super) async fn lease_contents(&self, what: LeaseWhat) -> Result<Contents, FlowError> {
        match what {
            LeaseWhat::Record(record) => {
                let record = self.record_account(record).await?;
                let (mut parts, owner) = (Vec::new(), record.owner);
                self.add_record(&record, &mut parts).await?;
                Ok(Contents { owner, parts })
            }
            LeaseWhat::Keyring(folder) => {
                let folder = self.folder_account(folder).await?;
                self.keyring_checked(&folder).await?;
                let blob = keyring_address(&folder);
                let bytes = self.store().get_bytes(blob, MAX_KEYRING_LEN as u64).await?;
                Ok(Contents { owner: folder.owner, parts: vec![Part::Plain(bytes)] })
            }
            LeaseWhat::Bundle(profile) => {
                let profile = self.profile_account(profile).await?;
                let blob = bundle_address(&profile);
                self.reach().note_bundle(profile.address, &blob);
                let bytes = self.store().get_bytes(blob, BUNDLE_LEN).await?;
                Ok(Contents { owner: profile.address, parts: vec![Part::Plain(bytes)] })
            }
            LeaseWhat::Pack { folder, .. } => {
                let folder = self.folder_account(folder).await?;
                self.pack_contents(&folder).await
            }
        }
    }

    async fn add_record(
        &self,
        record: &Fetched<Record>,
        parts: &mut Vec<Part>,
    ) -> Result<(), FlowError> {
        let access = self.access(record).await?;
        let (_, opened) = self.head_opened(record, &access).await?;
        self.home().record_seen(record)?;
        let head = self.store().get_bytes(head_address(record), MAX_HEAD_LEN as u64).await?;
        let secret = ReplicaSecret::of(&opened.manifest.content_key);
        let content = content_address(record);
        parts.push(Part::Content { record: record.address, content, secret });
        parts.push(Part::Plain(head));
        Ok(())
    }

    /// The small records of a folder, oldest first as far as they fit, in order of address.
    async fn pack_contents(&self, folder: &Fetched<Folder>) -> Result<Contents, FlowError> {
        let mut records = self.chain().records_by_folder(&folder.address).await?;
        let len = |record: &Record| record.content_len + u64::from(record.head_len);
        records.retain(|record| len(record) <= PACKED_LEN);
        records.sort_by_key(|record| (record.created_at_secs, record.address));
        let mut room = MAX_PACK_LEN - PACKED_LEN;
        records.truncate(MAX_RECORDS);
        records.retain(|record| {
            let fits = len(record) <= room;
            room = if fits { room - len(record) } else { 0 };
            fits
        });
        if records.is_empty() {
            return Err(FlowError::NothingToPack { folder: folder.address });
        }
        records.sort_by_key(|record| record.address);
        let packed: Vec<PackedRecord> = records
            .iter()
            .map(|record| PackedRecord {
                record: record.address.to_bytes(),
                content_len: record.content_len,
                head_len: record.head_len,
            })
            .collect();
        let table = PackTable::new(folder.address.to_bytes(), &packed)?;
        let mut parts = vec![Part::Plain(table.encode().into())];
        for record in &records {
            self.add_record(record, &mut parts).await?;
        }
        Ok(Contents { owner: folder.owner, parts })
    }
}
