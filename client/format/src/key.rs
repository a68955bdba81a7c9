//! Keys as types (SPEC §3). Secrets are wiped when dropped, compared in constant time, and have neither `Debug` nor
//! `Clone`, so none ends up in a log or lives on in a copy that nobody wipes.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use ed25519_dalek::Signer;
use hpke::{Deserializable, Kem, Serializable};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hash;

/// Length of an X-Wing public key, bytes: ML-KEM-768 (1184) and X25519 (32).
pub const XWING_PUBLIC_LEN: usize = 1216;
/// Length of an Ed25519 signature, bytes.
pub const SIGNATURE_LEN: usize = 64;

pub(crate) type XWing = hpke::kem::XWing;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Zeroizing<[u8; 32]>);

        impl $name {
            /// A fresh one from `rng`.
            pub fn generate(rng: &mut impl CryptoRng) -> Self {
                let mut secret = $name(Zeroizing::new([0; 32]));
                rng.fill_bytes(secret.0.as_mut());
                secret
            }

            /// From its 32 bytes. The caller wipes its own copy.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                $name(Zeroizing::new(bytes))
            }

            /// Reads it from an opened packet and the like.
            ///
            /// # Errors
            /// [`Error::FieldInvalid`] when it is not 32 bytes.
            pub fn from_slice(bytes: &[u8]) -> Result<Self> {
                let mut secret = $name(Zeroizing::new([0; 32]));
                if bytes.len() != secret.0.len() {
                    return Err(Error::FieldInvalid { what: "secret", field: "length" });
                }
                secret.0.copy_from_slice(bytes);
                Ok(secret)
            }

            /// The secret bytes, for sealing them or writing them to a keystore. Named to stand out in a review.
            pub fn expose(&self) -> &[u8; 32] {
                &self.0
            }

            /// A second owner of the same secret, wiped on its own. Named to stand out in a review.
            pub fn duplicate(&self) -> Self {
                $name(self.0.clone())
            }
        }

        impl ConstantTimeEq for $name {
            fn ct_eq(&self, other: &Self) -> subtle::Choice {
                self.0.as_slice().ct_eq(other.0.as_slice())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.ct_eq(other).into()
            }
        }

        impl Eq for $name {}
    };
}

secret! {
    /// Input key of the content of one version of a record.
    ContentKey
}
secret! {
    /// Input key of the manifest in one head.
    HeadKey
}
secret! {
    /// Input key of the masks over one version of a record, in all leases.
    ReplicaSecret
}
secret! {
    /// AES-256 key of the mask over one record in one lease.
    MaskKey
}
secret! {
    /// Seed of an X-Wing key pair; in X-Wing the seed *is* the decapsulation key.
    XWingSeed
}
secret! {
    /// Seed of an Ed25519 key pair.
    SigningSeed
}

impl XWingSeed {
    /// The public key that this seed makes.
    pub fn public(&self) -> XWingPublic {
        let public = XWing::sk_to_pk(&self.private());
        let mut bytes = Box::new([0; XWING_PUBLIC_LEN]);
        public.write_exact(bytes.as_mut_slice());
        XWingPublic(bytes)
    }

    /// Refuses a seed that does not make `public` (SPEC §3): an opened packet proves who could read it, not that its
    /// content is right.
    ///
    /// # Errors
    /// [`Error::SeedMismatch`].
    pub fn check(&self, public: &XWingPublic) -> Result<()> {
        if self.public().0.as_slice().ct_eq(public.0.as_slice()).into() {
            Ok(())
        } else {
            Err(Error::SeedMismatch)
        }
    }

    pub(crate) fn private(&self) -> <XWing as Kem>::PrivateKey {
        <XWing as Kem>::PrivateKey::from_bytes(self.0.as_slice())
            .expect("an X-Wing private key is any 32 bytes")
    }
}

impl SigningSeed {
    /// The public key that this seed makes.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.pair().verifying_key())
    }

    /// Ed25519 signature of `message` (RFC 8032, deterministic).
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.pair().sign(message).to_bytes()
    }

    fn pair(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.0)
    }
}

/// An X-Wing public key that passed its checks: 1216 bytes, ML-KEM part within the modulus.
#[derive(Clone, PartialEq, Eq)]
pub struct XWingPublic(Box<[u8; XWING_PUBLIC_LEN]>);

impl XWingPublic {
    /// Reads 1216 bytes.
    ///
    /// # Errors
    /// [`Error::PublicKeyInvalid`] for another length or an ML-KEM key out of range (FIPS 203 §7.2).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let invalid = || Error::PublicKeyInvalid { what: "X-Wing" };
        <XWing as Kem>::PublicKey::from_bytes(bytes).map_err(|_| invalid())?;
        let bytes: [u8; XWING_PUBLIC_LEN] = bytes.try_into().map_err(|_| invalid())?;
        Ok(XWingPublic(Box::new(bytes)))
    }

    /// Its 1216 bytes.
    pub fn as_bytes(&self) -> &[u8; XWING_PUBLIC_LEN] {
        &self.0
    }

    /// SHA-256 of its bytes, as it stands in a packet's `info` and in a keyring's history.
    pub fn hash(&self) -> [u8; 32] {
        hash::sha256(&[self.0.as_slice()])
    }

    pub(crate) fn point(&self) -> <XWing as Kem>::PublicKey {
        <XWing as Kem>::PublicKey::from_bytes(self.0.as_slice()).expect("checked when it was read")
    }
}

impl fmt::Debug for XWingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "XWingPublic({})", hex(&self.hash()[..8]))
    }
}

/// An Ed25519 public key that passed its checks: canonical, and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Reads 32 bytes.
    ///
    /// # Errors
    /// [`Error::PublicKeyInvalid`] for what is not a point, or one of small order, under which anything verifies.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes);
        match key {
            Ok(key) if !key.is_weak() => Ok(VerifyingKey(key)),
            _ => Err(Error::PublicKeyInvalid { what: "Ed25519" }),
        }
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Checks a signature, strictly: canonical `R` and `s`, no small order, no cofactor (SPEC §3).
    ///
    /// # Errors
    /// [`Error::SignatureForged`], naming `what`.
    pub fn verify(
        &self,
        what: &'static str,
        message: &[u8],
        signature: &[u8; SIGNATURE_LEN],
    ) -> Result<()> {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).map_err(|_| Error::SignatureForged { what })
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", hex(self.as_bytes()))
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
