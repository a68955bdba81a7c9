//! Packets: a secret sealed to one public key, for one purpose, in one place (SPEC §7).
//!
//! HPKE (RFC 9180), Base mode, X-Wing (0x647A), HKDF-SHA-256 (0x0001), AES-256-GCM (0x0002), empty `aad`. All binding is
//! in `info`. Base only: authenticity comes from the signed object around the packet (and X-Wing has no Auth mode: the
//! hpke crate panics on it).

use alloc::vec::Vec;

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::Address32;
use crate::engine::TAG_LEN;
use crate::error::{Error, Result};
use crate::key::{SigningSeed, XWing, XWingPublic, XWingSeed};
use crate::label;

/// The suite byte that a packet starts with.
pub const PACKET_SUITE: u8 = 1;
/// Length of the encapsulated key, bytes.
pub const ENCAPSULATED_LEN: usize = 1120;
/// What a packet adds to its plaintext, bytes: suite, encapsulated key, tag.
pub const PACKET_OVERHEAD: usize = 1 + ENCAPSULATED_LEN + TAG_LEN;
/// Length of a packet that holds one secret, bytes.
pub const SECRET_PACKET_LEN: usize = PACKET_OVERHEAD + 32;
/// Longest plaintext of a packet, bytes (the history of a keyring is the only long one).
pub const MAX_PLAINTEXT_LEN: usize = 512 * 1024;

/// What a packet is for; each has a label of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A head key, to the folder's epoch key. Scope: record; version: record version; recipient: folder.
    HeadFolder,
    /// A head key, to the owner, for a record in the inbox. Scope: record; version: record version.
    HeadInbox,
    /// A head key, to the reader of a grant on the record. Scope: record; version: record version.
    HeadGrant,
    /// An epoch seed, to the folder's owner or a reader. Scope: folder; version: epoch.
    Keyring,
    /// The earlier seeds of a folder, to its own epoch key. Scope and recipient: folder; version: epoch.
    History,
    /// The reason of a request, to the owner. Scope: request; version: key version of the owner.
    Reason,
    /// An epoch seed, to the emergency key of an issuer. Scope: folder; version: epoch.
    Emergency,
    /// A share of a second secret, to a storage peer. Scope: record; version: record version.
    SharePeer,
    /// A share, re-sealed by a peer to a reader. Scope: record; version: record version.
    ShareReader,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Purpose::HeadFolder => label::PACKET_HEAD_FOLDER,
            Purpose::HeadInbox => label::PACKET_HEAD_INBOX,
            Purpose::HeadGrant => label::PACKET_HEAD_GRANT,
            Purpose::Keyring => label::PACKET_KEYRING,
            Purpose::History => label::PACKET_HISTORY,
            Purpose::Reason => label::PACKET_REASON,
            Purpose::Emergency => label::PACKET_EMERGENCY,
            Purpose::SharePeer => label::PACKET_SHARE_PEER,
            Purpose::ShareReader => label::PACKET_SHARE_READER,
        }
    }
}

/// Everything that a packet is bound to, but for the recipient's public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketContext {
    /// What it is for.
    pub purpose: Purpose,
    /// The program that holds the accounts.
    pub program: Address32,
    /// The folder, record or request that it belongs to.
    pub scope: Address32,
    /// Epoch or version, as the purpose says.
    pub version: u64,
    /// Profile (or folder) that it is sealed to.
    pub recipient: Address32,
}

impl PacketContext {
    /// HPKE `info`: label ‖ program ‖ scope ‖ u64 BE version ‖ recipient ‖ SHA-256(public key) (SPEC §7.1).
    pub fn info(&self, key: &XWingPublic) -> Vec<u8> {
        [
            self.purpose.label(),
            &self.program,
            &self.scope,
            &self.version.to_be_bytes(),
            &self.recipient,
            &key.hash(),
        ]
        .concat()
    }

    /// Seals `plaintext` to `key`.
    ///
    /// # Errors
    /// [`Error::TooLong`] above [`MAX_PLAINTEXT_LEN`].
    pub fn seal(
        &self,
        key: &XWingPublic,
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Packet> {
        check_len(plaintext.len())?;
        let sealed = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, XWing>(
            &OpModeS::Base,
            &key.point(),
            &self.info(key),
            plaintext,
            &[],
            rng,
        );
        let (encapsulated, ciphertext) =
            sealed.map_err(|_| Error::PublicKeyInvalid { what: "X-Wing" })?;
        let mut bytes = Vec::with_capacity(1 + ENCAPSULATED_LEN + ciphertext.len());
        bytes.push(PACKET_SUITE);
        bytes.extend_from_slice(&encapsulated.to_bytes());
        bytes.extend_from_slice(&ciphertext);
        Ok(Packet(bytes))
    }

    /// Opens `packet` with the seed of the key that it was sealed to.
    ///
    /// # Errors
    /// [`Error::PacketForged`] for another key, purpose or place.
    pub fn open(&self, seed: &XWingSeed, packet: &Packet) -> Result<Zeroizing<Vec<u8>>> {
        let forged = |_| Error::PacketForged;
        let (encapsulated, ciphertext) = packet.0[1..].split_at(ENCAPSULATED_LEN);
        let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(encapsulated).map_err(forged)?;
        hpke::single_shot_open::<AesGcm256, HkdfSha256, XWing>(
            &OpModeR::Base,
            &seed.private(),
            &encapsulated,
            &self.info(&seed.public()),
            ciphertext,
            &[],
        )
        .map(Zeroizing::new)
        .map_err(forged)
    }
}

/// Suite byte, encapsulated key (1120 bytes), ciphertext with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet(Vec<u8>);

impl Packet {
    /// Reads a packet that fills `bytes`.
    ///
    /// # Errors
    /// [`Error::PacketSuite`], [`Error::Truncated`], [`Error::TooLong`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        match bytes.first() {
            None => return Err(Error::Truncated),
            Some(&PACKET_SUITE) => {}
            Some(&suite) => return Err(Error::PacketSuite { suite }),
        }
        let len = bytes.len().checked_sub(PACKET_OVERHEAD).ok_or(Error::Truncated)?;
        check_len(len)?;
        Ok(Packet(bytes.to_vec()))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// One whom something is sealed to: a profile and the key that its bundle publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The profile.
    pub profile: Address32,
    /// Version of its keys.
    pub key_version: u32,
    /// Its X-Wing public key.
    pub key: XWingPublic,
}

/// One who signs a head or a keyring.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// The profile.
    pub profile: Address32,
    /// Version of its keys.
    pub key_version: u32,
    /// Its signing seed.
    pub seed: &'a SigningSeed,
}

fn check_len(len: usize) -> Result<()> {
    if len > MAX_PLAINTEXT_LEN {
        return Err(Error::TooLong {
            what: "packet",
            len: len as u64,
            max: MAX_PLAINTEXT_LEN as u64,
        });
    }
    Ok(())
}
