//! Making a head: the writer's half of SPEC §9.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use crate::Address32;
use crate::cobblestone;
use crate::codec::Writer as FieldWriter;
use crate::error::Result;
use crate::head::{
    HeadTarget, MAX_HEAD_LEN, WHAT, check_len, manifest_context, packet_context, purpose,
};
use crate::header::Kind;
use crate::key::{HeadKey, XWingPublic};
use crate::label;
use crate::manifest::Manifest;
use crate::packet::{Purpose, Recipient, Writer};
use crate::padding::{self, MANIFEST_FLOOR};
use crate::recipient::{self, Entry};
use crate::signature;

/// All that goes into a head.
pub struct HeadDraft<'a> {
    /// The program.
    pub program: Address32,
    /// The record.
    pub record: Address32,
    /// Who signs.
    pub writer: Writer<'a>,
    /// What it is sealed to.
    pub target: HeadTarget,
    /// Public key of the target: from the folder's verified keyring, or the owner's verified bundle.
    pub target_key: &'a XWingPublic,
    /// One for each live grant on the record, in any order.
    pub grants: &'a [Recipient],
    /// The manifest; its version is the head's.
    pub manifest: &'a Manifest,
}

/// A head, ready to be stored.
pub struct SealedHead {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its key, for the manifest of the next version.
    pub head_key: HeadKey,
}

impl HeadDraft<'_> {
    /// Seals and signs, under a fresh head key.
    ///
    /// # Errors
    /// Those of [`Manifest::encode`]; [`Error::TooMany`] or [`Error::RecipientRepeated`] for the grants; [`Error::TooLong`]
    /// above [`MAX_HEAD_LEN`].
    pub fn seal(&self, rng: &mut impl CryptoRng) -> Result<SealedHead> {
        let head_key = HeadKey::generate(rng);
        let version = self.manifest.version;
        let sealed = seal_manifest(&self.program, &self.record, self.manifest, &head_key, rng)?;

        let target = self.target.recipient(self.target_key);
        let context =
            |purpose| packet_context(purpose, &self.program, &self.record, version, &[0; 32]);
        let target_purpose = purpose(self.target.kind());
        let first = Entry::seal(
            self.target.kind(),
            &target,
            context(target_purpose),
            head_key.expose(),
            rng,
        )?;
        let mut entries = alloc::vec![first];
        entries.extend(recipient::seal_readers(
            self.grants,
            context(Purpose::HeadGrant),
            head_key.expose(),
            rng,
        )?);
        recipient::check_order(WHAT, &entries)?;

        let mut w = FieldWriter::new();
        w.bytes(&Kind::Head.preamble()).bytes(&self.record).u32(version);
        w.bytes(&self.writer.profile).u32(self.writer.key_version);
        recipient::write(&mut w, &entries);
        w.sized("sealed manifest", &sealed, MAX_HEAD_LEN)?;
        let mut bytes = w.finish();
        signature::append(label::HEAD_SIGNATURE, &self.program, &mut bytes, self.writer.seed);
        check_len(bytes.len())?;
        Ok(SealedHead { bytes, head_key })
    }
}

fn seal_manifest(
    program: &Address32,
    record: &Address32,
    manifest: &Manifest,
    head_key: &HeadKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>> {
    let mut padded = manifest.encode()?;
    let len = padded.len() as u64;
    let padded_len = padding::padded_len(len, MANIFEST_FLOOR)?;
    // A growing vector would leave copies of the secrets behind; this one is made at its length and wiped.
    let mut plaintext = zeroize::Zeroizing::new(alloc::vec![0; padded_len as usize]);
    plaintext[..padded.len()].copy_from_slice(&padded);
    zeroize::Zeroize::zeroize(&mut *padded);
    padding::fill(len, padded_len, 0, &mut plaintext);
    let context = manifest_context(program, record, manifest.version);
    Ok(cobblestone::seal(head_key.expose(), &context, &plaintext, rng))
}
