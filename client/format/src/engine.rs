//! AES-256-GCM behind one trait: a portable engine and a fast one that give the same bytes (SPEC §4).
//!
//! The fast engine is ring, not aws-lc-rs: ring is in the tree through rustls already, aws-lc-rs would be a second C
//! library to build, and hashing the CID (1.8 GB/s a thread) bounds a put long before ring (8.5 GB/s) does.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};

/// Length of a key, bytes.
pub const KEY_LEN: usize = 32;
/// Length of a nonce, bytes.
pub const NONCE_LEN: usize = 12;
/// Length of a tag, bytes.
pub const TAG_LEN: usize = 16;

/// A chunk did not authenticate; its buffer holds nothing of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

/// AES-256-GCM with empty associated data, in place. Holds a key, so it is wiped when dropped as far as its library does.
pub trait Engine: Send + Sync + Sized {
    /// An engine for `key`.
    fn new(key: &[u8; KEY_LEN]) -> Self;

    /// Encrypts `data` in place and gives the tag. `data` is at most a chunk, far below what AES-GCM allows.
    fn seal(&self, nonce: &[u8; NONCE_LEN], data: &mut [u8]) -> [u8; TAG_LEN];

    /// Decrypts `data` in place if `tag` authenticates it.
    ///
    /// # Errors
    /// [`Forged`]; then `data` holds no plaintext.
    fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged>;
}

/// The engine that callers get when they name none: ring's with the feature `ring`, else the portable one.
#[cfg(feature = "ring")]
pub type Fast = Ring;
/// The engine that callers get when they name none: ring's with the feature `ring`, else the portable one.
#[cfg(not(feature = "ring"))]
pub type Fast = RustCrypto;

/// The `aes-gcm` crate: portable Rust, runs in WASM, the reference for the others.
pub struct RustCrypto(aes_gcm::Aes256Gcm);

impl Engine for RustCrypto {
    fn new(key: &[u8; KEY_LEN]) -> Self {
        RustCrypto(aes_gcm::Aes256Gcm::new(key.into()))
    }

    fn seal(&self, nonce: &[u8; NONCE_LEN], data: &mut [u8]) -> [u8; TAG_LEN] {
        let sealed = self.0.encrypt_inout_detached(nonce.into(), &[], InOutBuf::from(data));
        sealed.expect("a chunk is far below 64 GiB").into()
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged> {
        self.0
            .decrypt_inout_detached(nonce.into(), &[], InOutBuf::from(data), tag.into())
            .map_err(|_| Forged)
    }
}

/// The `ring` crate: BoringSSL's assembly, for native clients.
#[cfg(feature = "ring")]
pub struct Ring(ring::aead::LessSafeKey);

#[cfg(feature = "ring")]
impl Engine for Ring {
    fn new(key: &[u8; KEY_LEN]) -> Self {
        let key = ring::aead::UnboundKey::new(&ring::aead::AES_256_GCM, key);
        Ring(ring::aead::LessSafeKey::new(key.expect("an AES-256 key is 32 bytes")))
    }

    fn seal(&self, nonce: &[u8; NONCE_LEN], data: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = ring::aead::Nonce::assume_unique_for_key(*nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, ring::aead::Aad::empty(), data);
        let mut bytes = [0; TAG_LEN];
        bytes.copy_from_slice(tag.expect("a chunk is far below 64 GiB").as_ref());
        bytes
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged> {
        let nonce = ring::aead::Nonce::assume_unique_for_key(*nonce);
        let tag = ring::aead::Tag::from(*tag);
        self.0
            .open_in_place_separate_tag(nonce, ring::aead::Aad::empty(), tag, data, 0..)
            .map(|_| ())
            .map_err(|_| Forged)
    }
}
