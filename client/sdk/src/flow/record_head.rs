//! Heads: fetching, checking by whom they are, opening, and making new ones.

use aceso_format::{
    BlobAddress,
    head::{Head, HeadDraft, HeadTarget, MAX_HEAD_LEN, OpenedHead, SealedHead, SignedHead},
    key::{ReplicaSecret, XWingPublic},
    manifest::{Manifest, PreviousVersion},
    packet::Recipient,
};
use anchor_lang::prelude::Pubkey;

use super::{FlowError, Sealing, Session, keys::OwnKeys, session::entropy};
use crate::chain::{Fetched, Folder, Grant, Profile, Record, SealedTo, instruction};

/// By what right one opens a record.
pub(super) enum Access {
    Owner,
    /// A grant on the folder or on the record.
    Reader {
        grant: Box<Fetched<Grant>>,
        on_record: bool,
    },
}

/// What a new head is sealed to, and the state of the chain that this relies on.
pub(super) struct Target {
    pub target: HeadTarget,
    pub key: XWingPublic,
    pub sealed_to: SealedTo,
}

impl Target {
    pub fn epoch(folder: &Fetched<Folder>, key: &XWingPublic) -> Self {
        let target = HeadTarget::Folder { folder: folder.address.to_bytes(), epoch: folder.epoch };
        let sealed_to = instruction::sealed_to_epoch(folder);
        Self { target, key: key.clone(), sealed_to }
    }

    pub fn inbox(owner: &Fetched<Profile>, key: &XWingPublic) -> Self {
        let target =
            HeadTarget::Inbox { owner: owner.address.to_bytes(), key_version: owner.key_version };
        Self { target, key: key.clone(), sealed_to: instruction::sealed_to_inbox(owner) }
    }

    pub fn sealing(&self) -> Sealing {
        match self.target {
            HeadTarget::Folder { epoch, .. } => Sealing::Epoch(epoch),
            HeadTarget::Inbox { .. } => Sealing::Inbox,
        }
    }
}

pub(super) fn head_address(record: &Record) -> BlobAddress {
    BlobAddress { digest: record.head_digest, len: u64::from(record.head_len) }
}

pub(super) fn content_address(record: &Record) -> BlobAddress {
    BlobAddress { digest: record.content_digest, len: record.content_len }
}

pub(super) fn sealing_of(record: &Record) -> Sealing {
    if record.epoch == 0 { Sealing::Inbox } else { Sealing::Epoch(record.epoch) }
}

impl Session {
    /// The head in force, signed by the writer whom the chain names and who may write it.
    pub(super) async fn head_checked(&self, record: &Fetched<Record>) -> Result<Head, FlowError> {
        let (what, address) = ("head of record", record.address);
        let untrue = |source| FlowError::Untrue { what, address, source };
        self.reach().note_record(record);
        let bytes = self.named_bytes(record, head_address, MAX_HEAD_LEN as u64).await?;
        let signed = SignedHead::decode(&bytes).map_err(untrue)?;
        let claims = signed.claims();
        let other = |field| untrue(aceso_format::Error::OtherObject { what: "head", field });
        if claims.writer != record.head_by.to_bytes() {
            return Err(other("writer"));
        }
        let fits = match claims.target {
            HeadTarget::Folder { folder, epoch } => {
                folder == record.folder.to_bytes() && epoch == record.epoch
            }
            HeadTarget::Inbox { owner, key_version } => {
                owner == record.owner.to_bytes() && key_version == record.inbox_key_version
            }
        };
        if !fits {
            return Err(other("folder, epoch or inbox"));
        }
        let key_version = claims.writer_key_version;
        let (by, author) = (record.head_by, Some(record.author));
        self.require_writer(what, address, &record.owner, &record.folder, by, author).await?;
        let key = self.signing_key(record.head_by, key_version).await?;
        signed
            .verify(&aceso::ID.to_bytes(), &address.to_bytes(), record.version, &key)
            .map_err(untrue)
    }

    /// Opens the head in force, and compares the manifest with what the chain says.
    pub(super) async fn head_opened(
        &self,
        record: &Fetched<Record>,
        access: &Access,
    ) -> Result<(Head, OpenedHead), FlowError> {
        let head = self.head_checked(record).await?;
        let opened = self.open_head(record, &head, access).await?;
        let content = content_address(record);
        if opened.manifest.content != content {
            let (what, address) = ("record", record.address);
            return Err(FlowError::ManifestDiffers { what, address, field: "content" });
        }
        self.reach().note_secret(&content, || ReplicaSecret::of(&opened.manifest.content_key));
        Ok((head, opened))
    }

    /// Opens any head of the record with what one holds: the folder's seeds, one's own key as owner or as reader.
    async fn open_head(
        &self,
        record: &Fetched<Record>,
        head: &Head,
        access: &Access,
    ) -> Result<OpenedHead, FlowError> {
        let me = self.profile()?;
        let claims = head.claims();
        let blame = |source| self.sealing_fault("record", record.address, claims.writer, source);
        if let Access::Reader { on_record: true, .. } = access {
            let listed = claims.grants.iter().find(|(reader, _)| *reader == me.to_bytes());
            let not_listed = FlowError::NotListed { what: "record", address: record.address };
            let (_, key_version) = *listed.ok_or(not_listed)?;
            let keys = self.own_keys(me, key_version)?;
            return head
                .open_as_recipient(&me.to_bytes(), key_version, keys.xwing())
                .map_err(blame);
        }
        match claims.target {
            HeadTarget::Folder { folder, epoch } => {
                let keyring = self.keyring_with(Pubkey::new_from_array(folder), epoch).await?;
                let seed = keyring.seed(epoch).map_err(blame)?;
                head.open_as_folder(&folder, epoch, seed).map_err(blame)
            }
            HeadTarget::Inbox { .. } if !matches!(access, Access::Owner) => {
                Err(FlowError::InInbox { record: record.address })
            }
            HeadTarget::Inbox { owner, key_version } => {
                let keys = self.own_keys(me, key_version)?;
                head.open_as_owner(&owner, key_version, keys.xwing()).map_err(blame)
            }
        }
    }

    /// Heads of older versions, newest first, down to `version`: each is named by a manifest that was opened.
    pub(super) async fn older_head(
        &self,
        record: &Fetched<Record>,
        access: &Access,
        newest: OpenedHead,
        version: u32,
    ) -> Result<OpenedHead, FlowError> {
        let mut opened = newest;
        while opened.manifest.version != version {
            let Some(previous) = opened.manifest.previous.as_ref() else {
                let (record, current) = (record.address, record.version);
                return Err(FlowError::NoSuchVersion { record, version, current });
            };
            opened = self.previous_head(record, access, previous).await?;
        }
        Ok(opened)
    }

    /// The head before, by its key if the manifest has it, else by its own packets.
    pub(super) async fn previous_head(
        &self,
        record: &Fetched<Record>,
        access: &Access,
        previous: &PreviousVersion,
    ) -> Result<OpenedHead, FlowError> {
        let address = record.address;
        let untrue = |source| FlowError::Untrue { what: "older head of record", address, source };
        let bytes = self.store().get_bytes(previous.head, MAX_HEAD_LEN as u64).await?;
        let head = SignedHead::decode(&bytes)
            .and_then(|head| {
                head.pinned(
                    &aceso::ID.to_bytes(),
                    &address.to_bytes(),
                    previous.version,
                    &previous.head,
                )
            })
            .map_err(untrue)?;
        match &previous.head_key {
            Some(key) => head.open_with_key(key).map_err(untrue),
            None => self.open_head(record, &head, access).await,
        }
    }

    /// Seals a manifest under a fresh head key and signs it.
    pub(super) fn head_sealed(
        &self,
        keys: &OwnKeys,
        record: &Pubkey,
        target: &Target,
        grants: &[Recipient],
        manifest: &Manifest,
    ) -> Result<SealedHead, FlowError> {
        let draft = HeadDraft {
            program: aceso::ID.to_bytes(),
            record: record.to_bytes(),
            writer: keys.writer(),
            target: target.target,
            target_key: &target.key,
            grants,
            manifest,
        };
        Ok(draft.seal(&mut entropy()?)?)
    }

    /// Tells a writer who sealed nothing from a reader who is not meant, or has other keys by now.
    pub(super) fn sealing_fault(
        &self,
        what: &'static str,
        address: Pubkey,
        writer: [u8; 32],
        source: aceso_format::Error,
    ) -> FlowError {
        use aceso_format::Error;
        match source {
            Error::NotListed => FlowError::NotListed { what, address },
            Error::ListedNotSealed { .. } => {
                FlowError::ListedNotSealed { what, address, writer: Pubkey::new_from_array(writer) }
            }
            Error::OtherVersion { field: "key version", found, .. } => {
                FlowError::SealedToOldKeys { what, address, sealed_to: found }
            }
            source => FlowError::Untrue { what, address, source },
        }
    }
}
