//! A profile's public keys, signed by its wallet (SPEC §8).
//!
//! The wallet signs a text, because browser wallets show what they sign and sign only what is not a transaction. The text
//! names network, program, profile, wallet and key version, and the keys and the bundle before by their hashes.
//!
//! The chain vouches for the bundle in force only. Older ones are reached from it, each naming the one before
//! ([`Bundle::open_previous`]), and serve for nothing but checking what their keys have signed ([`FormerBundle`]).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Address32;
use crate::address::BlobAddress;
use crate::codec::{Reader, Writer};
use crate::error::{Error, Result};
use crate::hash;
use crate::header::{Kind, PREAMBLE_LEN};
use crate::key::{SIGNATURE_LEN, VerifyingKey, XWING_PUBLIC_LEN, XWingPublic, hex};
use crate::label;

/// Length of a bundle, bytes.
pub const BUNDLE_LEN: usize =
    PREAMBLE_LEN + 3 * 32 + 4 + XWING_PUBLIC_LEN + 32 + 32 + 32 + 4 + SIGNATURE_LEN;

const WHAT: &str = "bundle";
/// Stands, with the length 0, for "no bundle before".
const NO_DIGEST: [u8; 32] = [0; 32];

/// What a wallet vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleKeys {
    /// Genesis hash of the chain.
    pub genesis: Address32,
    /// The program.
    pub program: Address32,
    /// The profile.
    pub profile: Address32,
    /// Version of the keys, from 1.
    pub key_version: u32,
    /// Key that things are sealed to.
    pub xwing: XWingPublic,
    /// Key that heads and keyrings of this profile are signed by.
    pub signing: VerifyingKey,
    /// Key of the wallet that signs.
    pub wallet: Address32,
    /// The bundle of the key version before; absent for key version 1, and only there.
    pub previous: Option<BlobAddress>,
}

impl BundleKeys {
    /// The text that the wallet signs: ASCII, lines end in `\n`, none after the last (SPEC §8.2).
    pub fn message(&self) -> String {
        let base58 = |address: &Address32| bs58::encode(address).into_string();
        format!(
            "Aceso: keys of profile\n\
             \n\
             By signing, the wallet states that these are the keys of its profile.\n\
             This moves no funds and sends no transaction.\n\
             \n\
             Genesis: {}\n\
             Program: {}\n\
             Profile: {}\n\
             Wallet: {}\n\
             Key version: {}\n\
             Keys: {}\n\
             Previous: {}",
            base58(&self.genesis),
            base58(&self.program),
            base58(&self.profile),
            base58(&self.wallet),
            self.key_version,
            hex(&self.keys_hash()),
            self.previous.map_or_else(
                || String::from("none"),
                |previous| format!("{} {}", hex(&previous.digest), previous.len)
            ),
        )
    }

    /// A bundle, with the wallet's signature of [`BundleKeys::message`].
    ///
    /// # Errors
    /// [`Error::SignatureForged`] when the wallet did not sign that; [`Error::PublicKeyInvalid`] when the wallet's address is
    /// not an Ed25519 key; [`Error::FieldInvalid`] for key version 0, and for a previous bundle that is missing, too many or
    /// of no length that a bundle may have.
    pub fn sign_with(self, signature: [u8; SIGNATURE_LEN]) -> Result<Bundle> {
        if self.key_version == 0 {
            return Err(Error::FieldInvalid { what: WHAT, field: "key version" });
        }
        let fits = match self.previous {
            Some(previous) => {
                self.key_version > 1 && previous.len > 0 && u32::try_from(previous.len).is_ok()
            }
            None => self.key_version == 1,
        };
        if !fits {
            return Err(Error::FieldInvalid { what: WHAT, field: "previous" });
        }
        // SPEC §8.2: strict, and on every way in; there is no bundle here whose wallet did not sign.
        VerifyingKey::from_bytes(&self.wallet)?.verify(
            WHAT,
            self.message().as_bytes(),
            &signature,
        )?;
        Ok(Bundle { keys: self, signature })
    }

    /// SHA-256 of label ‖ X-Wing key ‖ Ed25519 key, as it stands in the text.
    fn keys_hash(&self) -> [u8; 32] {
        hash::sha256(&[label::BUNDLE_KEYS, self.xwing.as_bytes(), self.signing.as_bytes()])
    }
}

/// What a bundle must be about; from the chain and the caller's own settings, never from the bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Genesis hash of the chain.
    pub genesis: Address32,
    /// The program.
    pub program: Address32,
    /// The profile.
    pub profile: Address32,
    /// The profile's authority.
    pub wallet: Address32,
    /// The profile's key version.
    pub key_version: u32,
}

/// Public keys with their wallet's signature, which was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    keys: BundleKeys,
    signature: [u8; SIGNATURE_LEN],
}

impl Bundle {
    /// Reads a bundle and checks its wallet's signature. What it is about is checked by [`Bundle::check`].
    ///
    /// # Errors
    /// Those of the preamble; [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::PublicKeyInvalid`],
    /// [`Error::FieldInvalid`], [`Error::SignatureForged`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Kind::Bundle.check(bytes)?;
        let mut r = Reader::new(WHAT, &bytes[PREAMBLE_LEN..]);
        let keys = BundleKeys {
            genesis: r.array()?,
            program: r.array()?,
            profile: r.array()?,
            key_version: r.u32()?,
            xwing: XWingPublic::from_bytes(r.bytes(XWING_PUBLIC_LEN)?)?,
            signing: VerifyingKey::from_bytes(&r.array()?)?,
            wallet: r.array()?,
            previous: match (r.array()?, u64::from(r.u32()?)) {
                (NO_DIGEST, 0) => None,
                (digest, len) => Some(BlobAddress { digest, len }),
            },
        };
        let signature = r.array()?;
        r.finish()?;
        keys.sign_with(signature)
    }

    /// Its bytes, [`BUNDLE_LEN`] of them.
    pub fn encode(&self) -> Vec<u8> {
        let keys = &self.keys;
        let mut w = Writer::new();
        w.bytes(&Kind::Bundle.preamble())
            .bytes(&keys.genesis)
            .bytes(&keys.program)
            .bytes(&keys.profile);
        w.u32(keys.key_version).bytes(keys.xwing.as_bytes()).bytes(keys.signing.as_bytes());
        let previous = keys.previous.unwrap_or(BlobAddress { digest: NO_DIGEST, len: 0 });
        // SPEC §8: a bundle has a length that fits, or was refused by `sign_with`.
        w.bytes(&keys.wallet).bytes(&previous.digest).u32(previous.len as u32);
        w.bytes(&self.signature);
        w.finish()
    }

    /// The keys.
    pub fn keys(&self) -> &BundleKeys {
        &self.keys
    }

    /// The wallet's signature.
    pub fn signature(&self) -> &[u8; SIGNATURE_LEN] {
        &self.signature
    }

    /// Checks that the bundle is about what the caller expects.
    ///
    /// # Errors
    /// [`Error::OtherObject`] names the field; [`Error::OtherVersion`] for another key version.
    pub fn check(&self, expected: &Expected) -> Result<()> {
        let keys = &self.keys;
        let fields = [
            ("chain", keys.genesis, expected.genesis),
            ("program", keys.program, expected.program),
            ("profile", keys.profile, expected.profile),
            ("wallet", keys.wallet, expected.wallet),
        ];
        for (field, found, wanted) in fields {
            if found != wanted {
                return Err(Error::OtherObject { what: WHAT, field });
            }
        }
        if keys.key_version != expected.key_version {
            return Err(Error::OtherVersion {
                what: WHAT,
                field: "key version",
                found: keys.key_version,
                expected: expected.key_version,
            });
        }
        Ok(())
    }

    /// Reads the bundle before this one. This one has to be vouched for: by the chain, or because it was pinned.
    ///
    /// # Errors
    /// [`Error::FieldInvalid`] when this is of key version 1 and there is none; [`Error::BlockMismatch`] for other bytes than
    /// it names; those of [`Bundle::decode`]; [`Error::OtherObject`] for a bundle about another chain, program or profile;
    /// [`Error::OtherVersion`] for any but the key version before.
    pub fn open_previous(&self, bytes: &[u8]) -> Result<FormerBundle> {
        let (keys, none) = (&self.keys, Error::FieldInvalid { what: WHAT, field: "previous" });
        keys.previous.ok_or(none)?.verify(bytes)?;
        let former = Bundle::decode(bytes)?;
        // SPEC §8.4: the wallet may be another, because authority is handed over; it signed what it vouches for.
        former.check(&Expected {
            genesis: keys.genesis,
            program: keys.program,
            profile: keys.profile,
            wallet: former.keys.wallet,
            key_version: keys.key_version - 1,
        })?;
        Ok(FormerBundle(former))
    }

    /// What two people compare, by voice or on paper.
    pub fn fingerprint(&self) -> Fingerprint {
        let keys = &self.keys;
        Fingerprint(hash::sha256(&[
            label::FINGERPRINT,
            &keys.profile,
            keys.xwing.as_bytes(),
            keys.signing.as_bytes(),
        ]))
    }
}

/// A bundle that is no longer in force, vouched for by the one after it. Its X-Wing key is out of reach: nothing is sealed
/// to old keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerBundle(Bundle);

impl FormerBundle {
    /// Version of the keys.
    pub fn key_version(&self) -> u32 {
        self.0.keys.key_version
    }

    /// Key that the profile's heads and keyrings of that time are signed by.
    pub fn signing(&self) -> VerifyingKey {
        self.0.keys.signing
    }

    /// The bundle before this one, unless it is the first.
    pub fn previous(&self) -> Option<BlobAddress> {
        self.0.keys.previous
    }

    /// As [`Bundle::open_previous`].
    ///
    /// # Errors
    /// Those of [`Bundle::open_previous`].
    pub fn open_previous(&self, bytes: &[u8]) -> Result<FormerBundle> {
        self.0.open_previous(bytes)
    }
}

/// SHA-256 of label ‖ profile ‖ keys; shown as 12 groups of 5 decimal digits (SPEC §8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Lower-case hex.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The last 60 decimal digits of the hash as a big-endian number, in groups of 5.
    pub fn groups(&self) -> [u32; 12] {
        let mut number = self.0;
        let mut groups = [0; 12];
        for group in groups.iter_mut().rev() {
            let mut remainder = 0u32;
            for byte in &mut number {
                let value = remainder * 256 + u32::from(*byte);
                *byte = (value / 100_000) as u8;
                remainder = value % 100_000;
            }
            *group = remainder;
        }
        groups
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups().iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{group:05}")?;
        }
        Ok(())
    }
}
