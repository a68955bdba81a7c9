//! The head of a record: its manifest, sealed under a fresh head key, and that key sealed to whoever may open it
//! (SPEC §9).
//!
//! [`HeadDraft::seal`] makes one. A reader decodes a [`SignedHead`], whose claims are not to be believed yet, looks up its
//! writer's bundle, and gets a [`Head`] by [`SignedHead::verify`]; only that opens.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Address32;
use crate::address::BlobAddress;
use crate::cobblestone;
use crate::codec::Reader;
use crate::error::{Error, Result};
pub use crate::head_draft::{HeadDraft, SealedHead};
use crate::header::{Kind, PREAMBLE_LEN};
use crate::key::{HeadKey, VerifyingKey, XWingPublic, XWingSeed};
use crate::label;
use crate::manifest::Manifest;
use crate::packet::{PacketContext, Purpose, Recipient};
use crate::padding::{self, MANIFEST_FLOOR, TRAILER_LEN};
use crate::recipient::{self, Entry, RecipientKind};
use crate::signature;

/// Longest head, bytes.
pub const MAX_HEAD_LEN: usize = 1 << 20;

pub(crate) const WHAT: &str = "head";

/// What a record's head is sealed to, besides the grants on the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadTarget {
    /// The folder's epoch key: every reader of the folder opens it.
    Folder {
        /// The folder.
        folder: Address32,
        /// Its epoch.
        epoch: u32,
    },
    /// The owner's own key: the record is in the inbox until the owner reseals it.
    Inbox {
        /// The owner's profile.
        owner: Address32,
        /// Version of the owner's keys.
        key_version: u32,
    },
}

impl HeadTarget {
    pub(crate) fn kind(&self) -> RecipientKind {
        match self {
            HeadTarget::Folder { .. } => RecipientKind::Folder,
            HeadTarget::Inbox { .. } => RecipientKind::Owner,
        }
    }

    pub(crate) fn recipient(&self, key: &XWingPublic) -> Recipient {
        let (profile, key_version) = match *self {
            HeadTarget::Folder { folder, epoch } => (folder, epoch),
            HeadTarget::Inbox { owner, key_version } => (owner, key_version),
        };
        Recipient { profile, key_version, key: key.clone() }
    }
}

/// What a head says of itself. Not to be believed before [`SignedHead::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadClaims {
    /// The record.
    pub record: Address32,
    /// Version of the record.
    pub version: u32,
    /// Profile of the writer.
    pub writer: Address32,
    /// Version of the writer's keys.
    pub writer_key_version: u32,
    /// What it is sealed to.
    pub target: HeadTarget,
    /// Readers that it is sealed to besides: profile and key version.
    pub grants: Vec<(Address32, u32)>,
}

/// A head whose signature nobody has checked.
pub struct SignedHead {
    bytes: Vec<u8>,
    claims: HeadClaims,
    entries: Vec<Entry>,
    manifest: Range<usize>,
}

impl SignedHead {
    /// Reads a head.
    ///
    /// # Errors
    /// [`Error::TooLong`], those of the preamble, [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::FieldInvalid`],
    /// [`Error::RecipientRepeated`], [`Error::PacketSuite`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        check_len(bytes.len())?;
        Kind::Head.check(bytes)?;
        let (body, _) = signature::split(&bytes[PREAMBLE_LEN..])?;
        let mut r = Reader::new(WHAT, body);
        let (record, version, writer, writer_key_version) =
            (r.array()?, r.u32()?, r.array()?, r.u32()?);
        if version == 0 {
            return Err(Error::FieldInvalid { what: WHAT, field: "version" });
        }
        let entries = recipient::read(WHAT, &mut r)?;
        let sealed = r.sized("sealed manifest", MAX_HEAD_LEN)?.len();
        r.finish()?;

        let (first, grants) = entries.split_first().ok_or(Error::NotListed)?;
        let target = match first.kind {
            RecipientKind::Folder => {
                HeadTarget::Folder { folder: first.address, epoch: first.version }
            }
            _ => HeadTarget::Inbox { owner: first.address, key_version: first.version },
        };
        let grants = grants.iter().map(|entry| (entry.address, entry.version)).collect();
        let claims = HeadClaims { record, version, writer, writer_key_version, target, grants };
        let end = PREAMBLE_LEN + body.len();
        Ok(SignedHead { bytes: bytes.to_vec(), claims, entries, manifest: end - sealed..end })
    }

    /// What it says of itself: enough to find the bundle of its writer.
    pub fn claims(&self) -> &HeadClaims {
        &self.claims
    }

    /// Checks that this is the head of that record and version, signed by `writer`.
    ///
    /// That `writer` is the key of the profile and key version in the claims, and that this profile may write the record,
    /// the caller checks by chain and bundle.
    ///
    /// # Errors
    /// [`Error::OtherObject`], [`Error::OtherVersion`], [`Error::SignatureForged`].
    pub fn verify(
        self,
        program: &Address32,
        record: &Address32,
        version: u32,
        writer: &VerifyingKey,
    ) -> Result<Head> {
        self.check_place(record, version)?;
        signature::verify(WHAT, label::HEAD_SIGNATURE, program, &self.bytes, writer)?;
        Ok(Head { signed: self, program: *program })
    }

    /// Accepts a head without its writer's key, because a verified manifest (or the chain) names its address. For old
    /// versions whose writer's bundle is gone.
    ///
    /// # Errors
    /// [`Error::BlockMismatch`], [`Error::OtherObject`], [`Error::OtherVersion`].
    pub fn pinned(
        self,
        program: &Address32,
        record: &Address32,
        version: u32,
        address: &BlobAddress,
    ) -> Result<Head> {
        address.verify(&self.bytes)?;
        self.check_place(record, version)?;
        Ok(Head { signed: self, program: *program })
    }

    fn check_place(&self, record: &Address32, version: u32) -> Result<()> {
        if self.claims.record != *record {
            return Err(Error::OtherObject { what: WHAT, field: "record" });
        }
        let found = self.claims.version;
        if found != version {
            return Err(Error::OtherVersion {
                what: WHAT,
                field: "version",
                found,
                expected: version,
            });
        }
        Ok(())
    }
}

/// A head that its writer signed.
pub struct Head {
    signed: SignedHead,
    program: Address32,
}

/// What opening a head gives.
pub struct OpenedHead {
    /// The manifest.
    pub manifest: Manifest,
    /// The head's key, for the manifest of the next version.
    pub head_key: HeadKey,
}

impl Head {
    /// What it says of itself.
    pub fn claims(&self) -> &HeadClaims {
        &self.signed.claims
    }

    /// Opens it with the seed of the folder's epoch (see [`crate::keyring::OpenedKeyring::seed`]).
    ///
    /// # Errors
    /// [`Error::NotListed`] when it is in the inbox; [`Error::OtherObject`] for another folder; [`Error::OtherVersion`] for
    /// another epoch; [`Error::ListedNotSealed`]; those of the manifest.
    pub fn open_as_folder(
        &self,
        folder: &Address32,
        epoch: u32,
        seed: &XWingSeed,
    ) -> Result<OpenedHead> {
        match self.signed.claims.target {
            HeadTarget::Inbox { .. } => return Err(Error::NotListed),
            HeadTarget::Folder { folder: found, .. } if found != *folder => {
                return Err(Error::OtherObject { what: WHAT, field: "folder" });
            }
            HeadTarget::Folder { .. } => {}
        }
        self.open(&[RecipientKind::Folder], folder, epoch, seed)
    }

    /// Opens it, from the inbox, with the owner's own seed.
    ///
    /// # Errors
    /// [`Error::NotListed`], [`Error::OtherVersion`], [`Error::ListedNotSealed`]; those of the manifest.
    pub fn open_as_owner(
        &self,
        owner: &Address32,
        key_version: u32,
        seed: &XWingSeed,
    ) -> Result<OpenedHead> {
        self.open(&[RecipientKind::Owner], owner, key_version, seed)
    }

    /// Opens it with the seed of the reader of a grant on the record.
    ///
    /// # Errors
    /// [`Error::NotListed`]; [`Error::OtherVersion`] when it was sealed to another version of the reader's key;
    /// [`Error::ListedNotSealed`]; those of the manifest.
    pub fn open_as_recipient(
        &self,
        reader: &Address32,
        key_version: u32,
        seed: &XWingSeed,
    ) -> Result<OpenedHead> {
        self.open(&[RecipientKind::Reader], reader, key_version, seed)
    }

    /// Opens it with its own key, as the manifest of a later version gives it.
    ///
    /// # Errors
    /// [`Error::CommitmentMismatch`] for another key; [`Error::PaddingInvalid`]; those of [`Manifest::decode`].
    pub fn open_with_key(&self, head_key: &HeadKey) -> Result<OpenedHead> {
        let claims = &self.signed.claims;
        let context = manifest_context(&self.program, &claims.record, claims.version);
        let sealed = &self.signed.bytes[self.signed.manifest.clone()];
        let padded = cobblestone::open(head_key.expose(), &context, sealed)?;
        let (_, trailer) =
            padded.split_last_chunk::<{ TRAILER_LEN as usize }>().ok_or(Error::PaddingInvalid)?;
        let len = padding::read_trailer(*trailer, padded.len() as u64, MANIFEST_FLOOR)?;
        padding::check(len, padded.len() as u64, 0, &padded)?;
        let manifest = Manifest::decode(&padded[..len as usize])?;
        if manifest.version != claims.version {
            let (found, expected) = (manifest.version, claims.version);
            return Err(Error::OtherVersion {
                what: "manifest",
                field: "version",
                found,
                expected,
            });
        }
        Ok(OpenedHead { manifest, head_key: head_key.duplicate() })
    }

    fn open(
        &self,
        kinds: &[RecipientKind],
        address: &Address32,
        version: u32,
        seed: &XWingSeed,
    ) -> Result<OpenedHead> {
        let claims = &self.signed.claims;
        let entry = recipient::find(WHAT, &self.signed.entries, kinds, address, version)?;
        let context = packet_context(
            purpose(entry.kind),
            &self.program,
            &claims.record,
            claims.version,
            address,
        );
        // SPEC §9.3: a writer may list a reader and seal nothing, or another key; the reader must be told apart from damage.
        let not_sealed = Error::ListedNotSealed { recipient: entry.kind.name() };
        let secret = context.open(seed, &entry.packet).map_err(|_| not_sealed.clone())?;
        let head_key = HeadKey::from_slice(&secret).map_err(|_| not_sealed.clone())?;
        match self.open_with_key(&head_key) {
            Err(Error::CommitmentMismatch) => Err(not_sealed),
            opened => opened,
        }
    }
}

/// SPEC §9.2: label ‖ program ‖ record ‖ u32 BE version.
pub(crate) fn manifest_context(program: &Address32, record: &Address32, version: u32) -> Vec<u8> {
    [label::MANIFEST, program, record, &version.to_be_bytes()].concat()
}

pub(crate) fn purpose(kind: RecipientKind) -> Purpose {
    match kind {
        RecipientKind::Folder => Purpose::HeadFolder,
        RecipientKind::Owner => Purpose::HeadInbox,
        RecipientKind::Reader => Purpose::HeadGrant,
    }
}

pub(crate) fn packet_context(
    purpose: Purpose,
    program: &Address32,
    record: &Address32,
    version: u32,
    recipient: &Address32,
) -> PacketContext {
    PacketContext {
        purpose,
        program: *program,
        scope: *record,
        version: u64::from(version),
        recipient: *recipient,
    }
}

pub(crate) fn check_len(len: usize) -> Result<()> {
    if len > MAX_HEAD_LEN {
        return Err(Error::TooLong { what: WHAT, len: len as u64, max: MAX_HEAD_LEN as u64 });
    }
    Ok(())
}
