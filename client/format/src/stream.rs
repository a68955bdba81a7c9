//! A Cobblestone message as a stream: bytes in, bytes out, one chunk of memory (SPEC §4.1).
//!
//! `finish` MUST be called: only it writes or checks the final chunk, without which a message is truncated.

use alloc::vec::Vec;

use zeroize::{Zeroize, Zeroizing};

use crate::cobblestone::{
    CHUNK_LEN, ChunkCipher, MessageKey, PREFIX_LEN, SEALED_CHUNK_LEN, TAG_LEN,
};
use crate::engine::{Engine, Fast};
use crate::error::Result;

/// Seals a stream.
#[must_use = "a message that is not finished is truncated"]
pub struct Sealer<E: Engine = Fast> {
    cipher: ChunkCipher<E>,
    index: u64,
    chunk: Zeroizing<Vec<u8>>,
}

impl<E: Engine> Sealer<E> {
    /// Starts a message; its first 56 bytes go to `out`.
    pub fn new(keys: &MessageKey, out: &mut Vec<u8>) -> Self {
        debug_assert_eq!(keys.prefix().len(), PREFIX_LEN);
        out.extend_from_slice(&keys.prefix());
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_LEN));
        Sealer { cipher: ChunkCipher::with_engine(keys), index: 0, chunk }
    }

    /// Adds plaintext; chunks that became full go to `out`, sealed.
    ///
    /// # Errors
    /// [`crate::Error::TooMany`] past 4 PiB.
    pub fn update(&mut self, mut plaintext: &[u8], out: &mut Vec<u8>) -> Result<()> {
        while !plaintext.is_empty() {
            let (taken, rest) =
                plaintext.split_at(plaintext.len().min(CHUNK_LEN - self.chunk.len()));
            self.chunk.extend_from_slice(taken);
            plaintext = rest;
            if self.chunk.len() == CHUNK_LEN {
                self.flush(false, out)?;
            }
        }
        Ok(())
    }

    /// Seals the final chunk.
    ///
    /// # Errors
    /// As [`Sealer::update`].
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<()> {
        self.flush(true, out)
    }

    fn flush(&mut self, last: bool, out: &mut Vec<u8>) -> Result<()> {
        let len = self.chunk.len();
        self.chunk.resize(len + TAG_LEN, 0);
        self.cipher.seal_in_place(self.index, last, &mut self.chunk)?;
        out.extend_from_slice(&self.chunk);
        self.chunk.clear();
        self.index += 1;
        Ok(())
    }
}

/// Opens a stream. What it gives is authentic but may still end too early, until [`Opener::finish`] says otherwise.
#[must_use = "a message that is not finished may be truncated"]
pub struct Opener<E: Engine = Fast> {
    cipher: ChunkCipher<E>,
    index: u64,
    chunk: Zeroizing<Vec<u8>>,
}

impl<E: Engine> Opener<E> {
    /// Starts after the 56 bytes of prefix, from which the caller derived and checked `keys`.
    pub fn new(keys: &MessageKey) -> Self {
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_LEN));
        Opener { cipher: ChunkCipher::with_engine(keys), index: 0, chunk }
    }

    /// Adds sealed bytes; the plaintext of chunks that became full goes to `out`.
    ///
    /// # Errors
    /// [`crate::Error::ChunkForged`]; do not go on after it.
    pub fn update(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<()> {
        while !sealed.is_empty() {
            let (taken, rest) =
                sealed.split_at(sealed.len().min(SEALED_CHUNK_LEN - self.chunk.len()));
            self.chunk.extend_from_slice(taken);
            sealed = rest;
            if self.chunk.len() == SEALED_CHUNK_LEN {
                self.flush(false, out)?;
            }
        }
        Ok(())
    }

    /// Opens the final chunk.
    ///
    /// # Errors
    /// [`crate::Error::Truncated`] when there is none; [`crate::Error::ChunkForged`].
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<()> {
        self.flush(true, out)
    }

    fn flush(&mut self, last: bool, out: &mut Vec<u8>) -> Result<()> {
        self.cipher.open_in_place(self.index, last, &mut self.chunk)?;
        out.extend_from_slice(&self.chunk[..self.chunk.len() - TAG_LEN]);
        self.chunk.as_mut_slice().zeroize();
        self.chunk.clear();
        self.index += 1;
        Ok(())
    }
}
