//! The keystore's file: what is in it, and the age armour around it.

use std::{
    io::{self, Read, Write},
    iter,
    path::Path,
};

use aceso_format::key::{SigningSeed, XWingSeed};
use age::{
    DecryptError, Decryptor, Encryptor,
    armor::{ArmoredReader, ArmoredWriter, Format},
    scrypt,
};
use anchor_lang::prelude::Pubkey;
use zeroize::Zeroizing;

use super::{HomeError, Password, ProfileKeys};

/// log2 of scrypt's cost. Everything but tests takes the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactor(pub u8);

impl Default for WorkFactor {
    /// What the age tool takes: about a second.
    fn default() -> Self {
        Self(18)
    }
}

/// A file may cost this much to open, in powers of two: more is an attack on our memory.
const MAX_WORK: u8 = 22;

const MAGIC: &[u8; 15] = b"aceso-keystore\n";
const LAYOUT: u8 = 1;
const HEAD_LEN: usize = MAGIC.len() + 1 + 32 + 4;
/// Profile, key version, X-Wing seed, signing seed.
const KEYS_LEN: usize = 32 + 4 + 32 + 32;

const FIRST_LINE: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const LAST_LINE: &[u8] = b"-----END AGE ENCRYPTED FILE-----";

/// What the file holds.
pub(super) struct Contents {
    pub keys: Vec<ProfileKeys>,
    pub journal_key: Zeroizing<[u8; 32]>,
}

impl Contents {
    pub(super) fn new() -> Result<Self, HomeError> {
        let mut journal_key = Zeroizing::new([0; 32]);
        getrandom::fill(journal_key.as_mut_slice())
            .map_err(|error| HomeError::Random(error.to_string()))?;
        Ok(Self { keys: Vec::new(), journal_key })
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // The capacity is exact: a vector that grows leaves copies behind that nobody wipes.
        let len = HEAD_LEN + KEYS_LEN * self.keys.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(len));
        bytes.extend_from_slice(MAGIC);
        bytes.push(LAYOUT);
        bytes.extend_from_slice(self.journal_key.as_slice());
        bytes.extend_from_slice(&u32::try_from(self.keys.len()).unwrap_or(u32::MAX).to_le_bytes());
        for keys in &self.keys {
            bytes.extend_from_slice(keys.profile.as_ref());
            bytes.extend_from_slice(&keys.key_version.to_le_bytes());
            bytes.extend_from_slice(keys.xwing.expose());
            bytes.extend_from_slice(keys.signing.expose());
        }
        bytes
    }

    fn decode(bytes: &[u8], path: &Path) -> Result<Self, HomeError> {
        let damaged = |reason| HomeError::KeystoreDamaged { path: path.to_owned(), reason };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("it is no keystore of ours"))?;
        let (version, rest) = rest.split_first().ok_or_else(|| damaged("it is empty"))?;
        if *version != LAYOUT {
            return Err(HomeError::KeystoreNewer { path: path.to_owned(), version: *version });
        }
        let (journal_key, rest) =
            rest.split_first_chunk::<32>().ok_or_else(|| damaged("no key"))?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("no count"))?;
        let (entries, trailing) = rest.as_chunks::<KEYS_LEN>();
        if !trailing.is_empty() || u32::from_le_bytes(*count) as usize != entries.len() {
            return Err(damaged("its length does not fit its count"));
        }
        let keys = entries.iter().map(|entry| {
            let part = |at: usize| <[u8; 32]>::try_from(&entry[at..at + 32]).unwrap_or_default();
            ProfileKeys {
                profile: Pubkey::new_from_array(part(0)),
                key_version: u32::from_le_bytes([entry[32], entry[33], entry[34], entry[35]]),
                xwing: XWingSeed::from_bytes(part(36)),
                signing: SigningSeed::from_bytes(part(68)),
            }
        });
        Ok(Self { keys: keys.collect(), journal_key: Zeroizing::new(*journal_key) })
    }
}

pub(super) fn seal(
    contents: &Contents,
    password: &Password,
    work: WorkFactor,
    path: &Path,
) -> Result<String, HomeError> {
    let failed = |error: io::Error| HomeError::io("seal", path, error);
    let mut recipient = scrypt::Recipient::new(password.secret());
    recipient.set_work_factor(work.0.clamp(1, MAX_WORK));
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as _))
        .map_err(|error| failed(io::Error::other(error.to_string())))?;
    let mut text = Vec::new();
    let armor = ArmoredWriter::wrap_output(&mut text, Format::AsciiArmor).map_err(failed)?;
    let mut writer = encryptor.wrap_output(armor).map_err(failed)?;
    writer.write_all(&contents.encode()).map_err(failed)?;
    writer.finish().and_then(ArmoredWriter::finish).map_err(failed)?;
    String::from_utf8(text).map_err(|error| failed(io::Error::other(error)))
}

pub(super) fn open(
    text: &[u8],
    password: &Password,
    work: WorkFactor,
    path: &Path,
) -> Result<Contents, HomeError> {
    let damaged = |reason| HomeError::KeystoreDamaged { path: path.to_owned(), reason };
    let text = text.trim_ascii();
    if !text.starts_with(FIRST_LINE) {
        return Err(match text.is_empty() || FIRST_LINE.starts_with(text) {
            true => HomeError::KeystoreTruncated { path: path.to_owned() },
            false => damaged("it is no armoured age file"),
        });
    }
    if !text.ends_with(LAST_LINE) {
        return Err(HomeError::KeystoreTruncated { path: path.to_owned() });
    }
    let decryptor =
        Decryptor::new(ArmoredReader::new(text)).map_err(|_| damaged("its header is broken"))?;
    if !decryptor.is_scrypt() {
        return Err(damaged("no password opens it"));
    }
    let mut identity = scrypt::Identity::new(password.secret());
    identity.set_max_work_factor(MAX_WORK.max(work.0));
    let mut reader =
        decryptor.decrypt(iter::once(&identity as _)).map_err(|error| match error {
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => HomeError::WrongPassword { path: path.to_owned() },
            DecryptError::ExcessiveWork { .. } => damaged("it asks for too much work"),
            _ => damaged("its header was changed"),
        })?;
    // Room for a thousand keys, so that it does not grow (see `encode`); more is possible.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().max(128 * 1024)));
    reader.read_to_end(&mut bytes).map_err(|_| damaged("its content was changed"))?;
    Contents::decode(&bytes, path)
}
