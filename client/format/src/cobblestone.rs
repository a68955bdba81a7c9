//! Cobblestone-256, unmodified: c2sp.org/chunked-encryption with HKDF-SHA-512 and AES-256-GCM (SPEC §4.1).
//!
//! [`MessageKey`] is derived once per message and commits to key, salt and context; [`ChunkCipher`] then seals or opens
//! any chunk alone, so callers seek and use several threads. A stream is in [`crate::stream`].

use alloc::vec::Vec;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use rand_core::CryptoRng;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::engine::{Engine, Fast, KEY_LEN, NONCE_LEN};
use crate::error::{Error, Result};

pub use crate::engine::TAG_LEN;

/// Length of a chunk's plaintext, bytes; the final chunk is always shorter, maybe empty.
pub const CHUNK_LEN: usize = 16 * 1024;
/// Length of a sealed chunk, bytes.
pub const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;
/// Length of the salt, bytes.
pub const SALT_LEN: usize = 24;
/// Length of the commitment, bytes.
pub const COMMITMENT_LEN: usize = 32;
/// Length of what comes before the chunks, bytes: salt and commitment.
pub const PREFIX_LEN: usize = SALT_LEN + COMMITMENT_LEN;
/// Most chunks in a message (4 PiB of plaintext).
pub const MAX_CHUNKS: u64 = 1 << 38;

const INFO: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// Keys of one message: AES key, base nonce and commitment, derived from input key, salt and context.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MessageKey {
    key: [u8; KEY_LEN],
    base_nonce: [u8; NONCE_LEN],
    commitment: [u8; COMMITMENT_LEN],
    salt: [u8; SALT_LEN],
}

impl MessageKey {
    /// Keys for a new message, under a fresh salt. `input_key` must be uniformly random.
    pub fn for_sealing(
        input_key: &[u8; KEY_LEN],
        context: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Self {
        let mut salt = [0; SALT_LEN];
        rng.fill_bytes(&mut salt);
        MessageKey::derive(input_key, salt, context)
    }

    /// Keys of a message that starts with `prefix`.
    ///
    /// # Errors
    /// [`Error::CommitmentMismatch`] when key or context are not those it was sealed under.
    pub fn for_opening(
        input_key: &[u8; KEY_LEN],
        prefix: &[u8; PREFIX_LEN],
        context: &[u8],
    ) -> Result<Self> {
        let (salt, commitment) = prefix.split_at(SALT_LEN);
        let keys =
            MessageKey::derive(input_key, salt.try_into().expect("split at its length"), context);
        // SPEC §4.1: before any chunk is opened. AES-GCM alone lets one ciphertext open under two keys.
        if keys.commitment.ct_eq(commitment).into() {
            Ok(keys)
        } else {
            Err(Error::CommitmentMismatch)
        }
    }

    fn derive(input_key: &[u8; KEY_LEN], salt: [u8; SALT_LEN], context: &[u8]) -> Self {
        // HKDF-Expand (RFC 5869 §2.3) for 76 bytes, which are two blocks of SHA-512. By hand because the hkdf crate asks
        // for a pseudorandom key as long as the hash, and C2SP takes one of 32 bytes.
        let block = |previous: &[u8], counter: u8| -> Zeroizing<[u8; 64]> {
            let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(input_key)
                .expect("HMAC takes a key of any length");
            for piece in [previous, INFO, &salt, context, &[counter]] {
                mac.update(piece);
            }
            Zeroizing::new(mac.finalize().into_bytes().into())
        };
        let first = block(&[], 1);
        let second = block(first.as_slice(), 2);
        let mut keys = MessageKey {
            key: [0; KEY_LEN],
            base_nonce: [0; NONCE_LEN],
            commitment: [0; COMMITMENT_LEN],
            salt,
        };
        keys.key.copy_from_slice(&first[..32]);
        keys.base_nonce.copy_from_slice(&first[32..44]);
        keys.commitment[..20].copy_from_slice(&first[44..]);
        keys.commitment[20..].copy_from_slice(&second[..12]);
        keys
    }

    /// Salt and commitment: the 56 bytes that the message starts with.
    pub fn prefix(&self) -> [u8; PREFIX_LEN] {
        let mut prefix = [0; PREFIX_LEN];
        prefix[..SALT_LEN].copy_from_slice(&self.salt);
        prefix[SALT_LEN..].copy_from_slice(&self.commitment);
        prefix
    }

    /// The AES key, for an engine outside of this crate (WebCrypto).
    pub fn key(&self) -> &[u8; KEY_LEN] {
        &self.key
    }

    /// The base nonce, for an engine outside of this crate: chunk `k` uses it XOR `k` as a big-endian number.
    pub fn base_nonce(&self) -> &[u8; NONCE_LEN] {
        &self.base_nonce
    }
}

/// Seals and opens single chunks of one message. Without state, so one cipher serves many threads.
///
/// Whoever seals must seal each index once: two plaintexts under one index break AES-GCM.
pub struct ChunkCipher<E: Engine = Fast> {
    engine: E,
    base_nonce: [u8; NONCE_LEN],
}

impl ChunkCipher<Fast> {
    /// A cipher on the fastest engine that is built in.
    pub fn new(keys: &MessageKey) -> Self {
        ChunkCipher::with_engine(keys)
    }
}

impl<E: Engine> ChunkCipher<E> {
    /// A cipher on the engine `E`.
    pub fn with_engine(keys: &MessageKey) -> Self {
        ChunkCipher { engine: E::new(&keys.key), base_nonce: keys.base_nonce }
    }

    /// Seals a chunk into the first `plaintext.len() + 16` bytes of `out` and gives that length.
    ///
    /// # Errors
    /// [`Error::BufferLength`] when `last` does not fit the length (a chunk is last exactly when it is short) or `out` is
    /// too short; [`Error::TooLong`] for an index out of range.
    pub fn seal_chunk(
        &self,
        index: u64,
        last: bool,
        plaintext: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let len = plaintext.len() + TAG_LEN;
        let available = out.len();
        let slot = out.get_mut(..len).ok_or(Error::BufferLength {
            what: "a sealed chunk",
            len: available,
            expected: len,
        })?;
        slot[..plaintext.len()].copy_from_slice(plaintext);
        self.seal_in_place(index, last, slot)?;
        Ok(len)
    }

    /// Opens a sealed chunk into the first `sealed.len() - 16` bytes of `out` and gives that length.
    ///
    /// # Errors
    /// [`Error::Truncated`] when `last` does not fit the length; [`Error::ChunkForged`]; [`Error::BufferLength`] when `out`
    /// is too short; [`Error::TooLong`] for an index out of range.
    pub fn open_chunk(
        &self,
        index: u64,
        last: bool,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let len = sealed_plaintext_len(sealed.len(), last)?;
        let tag = sealed[len..].try_into().expect("a tag is what follows the plaintext");
        let available = out.len();
        let out = out.get_mut(..len).ok_or(Error::BufferLength {
            what: "an opened chunk",
            len: available,
            expected: len,
        })?;
        out.copy_from_slice(&sealed[..len]);
        let nonce = self.nonce(index)?;
        self.engine.open(&nonce, out, tag).map_err(|_| {
            out.zeroize();
            Error::ChunkForged { index }
        })?;
        Ok(len)
    }

    /// Seals `slot`, which holds the plaintext and 16 bytes for the tag, in place.
    ///
    /// # Errors
    /// As [`ChunkCipher::seal_chunk`].
    pub fn seal_in_place(&self, index: u64, last: bool, slot: &mut [u8]) -> Result<()> {
        let what = "a chunk to seal (the final one is always short)";
        let wrong = Error::BufferLength { what, len: slot.len(), expected: SEALED_CHUNK_LEN };
        let len = sealed_plaintext_len(slot.len(), last).map_err(|_| wrong)?;
        let nonce = self.nonce(index)?;
        let (data, tag) = slot.split_at_mut(len);
        tag.copy_from_slice(&self.engine.seal(&nonce, data));
        Ok(())
    }

    /// Opens `slot`, a sealed chunk, in place: the plaintext is all but its last 16 bytes.
    ///
    /// # Errors
    /// As [`ChunkCipher::open_chunk`]; then `slot` holds no plaintext.
    pub fn open_in_place(&self, index: u64, last: bool, slot: &mut [u8]) -> Result<()> {
        let len = sealed_plaintext_len(slot.len(), last)?;
        let nonce = self.nonce(index)?;
        let (data, tag) = slot.split_at_mut(len);
        let tag = (&*tag).try_into().expect("a tag is what follows the plaintext");
        self.engine.open(&nonce, data, tag).map_err(|_| {
            data.zeroize();
            Error::ChunkForged { index }
        })
    }

    /// Seals a run of full chunks in place: `slots` is a whole number of [`SEALED_CHUNK_LEN`], each with its plaintext first.
    ///
    /// # Errors
    /// [`Error::BufferLength`] for a part of a slot; [`Error::TooLong`] for an index out of range.
    pub fn seal_batch(&self, first: u64, slots: &mut [u8]) -> Result<()> {
        check_batch(slots.len())?;
        for (index, slot) in (first..).zip(slots.as_chunks_mut::<SEALED_CHUNK_LEN>().0) {
            self.seal_in_place(index, false, slot)?;
        }
        Ok(())
    }

    /// Opens a run of full chunks in place, laid out as in [`ChunkCipher::seal_batch`].
    ///
    /// # Errors
    /// As [`ChunkCipher::seal_batch`], and [`Error::ChunkForged`] for the first chunk that does not authenticate; then all
    /// slots are wiped, so no part of a batch is used.
    pub fn open_batch(&self, first: u64, slots: &mut [u8]) -> Result<()> {
        check_batch(slots.len())?;
        let opened = (first..)
            .zip(slots.as_chunks_mut::<SEALED_CHUNK_LEN>().0)
            .try_for_each(|(index, slot)| self.open_in_place(index, false, slot));
        if opened.is_err() {
            slots.zeroize();
        }
        opened
    }

    fn nonce(&self, index: u64) -> Result<[u8; NONCE_LEN]> {
        if index >= MAX_CHUNKS {
            return Err(Error::TooMany {
                what: "message",
                count: index.saturating_add(1),
                max: MAX_CHUNKS,
            });
        }
        let mut nonce = self.base_nonce;
        for (byte, counter) in nonce[4..].iter_mut().zip(index.to_be_bytes()) {
            *byte ^= counter;
        }
        Ok(nonce)
    }
}

/// Length of a message that seals `len` bytes, its 56 bytes of prefix included.
///
/// # Errors
/// [`Error::TooLong`] when it would have more than [`MAX_CHUNKS`].
pub fn sealed_len(len: u64) -> Result<u64> {
    let chunks = len / CHUNK_LEN as u64 + 1;
    if chunks > MAX_CHUNKS {
        return Err(Error::TooLong {
            what: "message",
            len,
            max: MAX_CHUNKS * CHUNK_LEN as u64 - 1,
        });
    }
    Ok(PREFIX_LEN as u64 + len + chunks * TAG_LEN as u64)
}

/// Length of the plaintext in a message of `sealed_len` bytes.
///
/// # Errors
/// [`Error::Truncated`] when no message has that length.
pub fn plaintext_len(sealed_len: u64) -> Result<u64> {
    let body = sealed_len.checked_sub(PREFIX_LEN as u64).ok_or(Error::Truncated)?;
    let (full, rest) = (body / SEALED_CHUNK_LEN as u64, body % SEALED_CHUNK_LEN as u64);
    let last = rest.checked_sub(TAG_LEN as u64).ok_or(Error::Truncated)?;
    if full >= MAX_CHUNKS {
        return Err(Error::TooMany {
            what: "message",
            count: full.saturating_add(1),
            max: MAX_CHUNKS,
        });
    }
    Ok(full * CHUNK_LEN as u64 + last)
}

/// Seals a message held in memory.
pub fn seal(
    input_key: &[u8; KEY_LEN],
    context: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let keys = MessageKey::for_sealing(input_key, context, rng);
    let cipher = ChunkCipher::new(&keys);
    let mut sealed = Vec::with_capacity(
        PREFIX_LEN + plaintext.len() + (plaintext.len() / CHUNK_LEN + 1) * TAG_LEN,
    );
    sealed.extend_from_slice(&keys.prefix());
    let full = plaintext.len() / CHUNK_LEN;
    for index in 0..=full {
        let chunk = &plaintext[index * CHUNK_LEN..plaintext.len().min((index + 1) * CHUNK_LEN)];
        let start = sealed.len();
        sealed.extend_from_slice(chunk);
        sealed.extend_from_slice(&[0; TAG_LEN]);
        cipher
            .seal_in_place(index as u64, index == full, &mut sealed[start..])
            .expect("cut to its length, in memory");
    }
    sealed
}

/// Opens a message held in memory.
///
/// # Errors
/// [`Error::CommitmentMismatch`], [`Error::ChunkForged`], [`Error::Truncated`].
pub fn open(
    input_key: &[u8; KEY_LEN],
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let prefix = sealed
        .get(..PREFIX_LEN)
        .and_then(|prefix| prefix.try_into().ok())
        .ok_or(Error::Truncated)?;
    let keys = MessageKey::for_opening(input_key, prefix, context)?;
    let cipher = ChunkCipher::new(&keys);
    let len = plaintext_len(sealed.len() as u64)? as usize;
    let mut plaintext = Zeroizing::new(alloc::vec![0; len]);
    let full = len / CHUNK_LEN;
    let mut rest = &sealed[PREFIX_LEN..];
    for index in 0..=full {
        let (chunk, after) = rest.split_at(rest.len().min(SEALED_CHUNK_LEN));
        cipher.open_chunk(
            index as u64,
            index == full,
            chunk,
            &mut plaintext[index * CHUNK_LEN..],
        )?;
        rest = after;
    }
    Ok(plaintext)
}

/// SPEC §4.1: a chunk is the final one exactly when it is short; anything else is a truncated message.
fn sealed_plaintext_len(sealed_len: usize, last: bool) -> Result<usize> {
    let len = sealed_len.checked_sub(TAG_LEN).ok_or(Error::Truncated)?;
    let fits = if last { len < CHUNK_LEN } else { len == CHUNK_LEN };
    if fits { Ok(len) } else { Err(Error::Truncated) }
}

fn check_batch(len: usize) -> Result<()> {
    if len.is_multiple_of(SEALED_CHUNK_LEN) {
        return Ok(());
    }
    Err(Error::BufferLength {
        what: "a batch of chunks",
        len,
        expected: len.next_multiple_of(SEALED_CHUNK_LEN),
    })
}
