//! Content as a stream: bytes in, bytes out, one chunk of memory. `finish` MUST be called.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::cobblestone::{CHUNK_LEN, SEALED_CHUNK_LEN};
use crate::content::ContentCipher;
use crate::engine::{Engine, Fast};
use crate::error::{Error, Result};

/// Most chunks that one call of [`ContentSealer::finish`] writes.
const CHUNKS_A_STEP: usize = 64;

/// Whether [`ContentSealer::finish`] is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "content is complete only at Step::Done"]
pub enum Step {
    /// There is more padding: write out what came, and call again.
    More,
    /// That was the final chunk.
    Done,
}

/// Seals a stream of content whose length is known. The 72 bytes of prefix are the cipher's; this gives the chunks.
#[must_use = "content that is not finished is truncated"]
pub struct ContentSealer<E: Engine = Fast> {
    cipher: ContentCipher<E>,
    pushed: u64,
    index: u64,
    slot: Zeroizing<Vec<u8>>,
}

impl<E: Engine> ContentSealer<E> {
    /// Starts with a cipher that has sealed nothing yet.
    pub fn new(cipher: ContentCipher<E>) -> Self {
        ContentSealer {
            cipher,
            pushed: 0,
            index: 0,
            slot: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_LEN)),
        }
    }

    /// The first 72 bytes of the blob, and its layout.
    pub fn cipher(&self) -> &ContentCipher<E> {
        &self.cipher
    }

    /// Adds content; chunks that became full go to `out`, sealed.
    ///
    /// # Errors
    /// [`Error::ContentLength`] past the announced length.
    pub fn update(&mut self, mut content: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.pushed = self.pushed.saturating_add(content.len() as u64);
        let expected = self.cipher.layout().content_len();
        if self.pushed > expected {
            return Err(Error::ContentLength { expected, pushed: self.pushed });
        }
        while !content.is_empty() {
            let (taken, rest) = content.split_at(content.len().min(CHUNK_LEN - self.slot.len()));
            self.slot.extend_from_slice(taken);
            content = rest;
            if self.slot.len() == CHUNK_LEN {
                self.flush(out)?;
            }
        }
        Ok(())
    }

    /// Writes padding and the final chunk, at most 1 MiB in a call: padding of a big file is big.
    ///
    /// # Errors
    /// [`Error::ContentLength`] when less came than was announced.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<Step> {
        let expected = self.cipher.layout().content_len();
        if self.pushed != expected {
            return Err(Error::ContentLength { expected, pushed: self.pushed });
        }
        for _ in 0..CHUNKS_A_STEP {
            if self.index == self.cipher.layout().chunks() {
                return Ok(Step::Done);
            }
            self.flush(out)?;
        }
        Ok(if self.index == self.cipher.layout().chunks() { Step::Done } else { Step::More })
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let sealed = self.cipher.layout().chunk(self.index)?.sealed;
        self.slot.resize((sealed.end - sealed.start) as usize, 0);
        self.cipher.seal_slot(self.index, &mut self.slot)?;
        out.extend_from_slice(&self.slot);
        self.slot.clear();
        self.index += 1;
        Ok(())
    }
}

/// Opens a stream of content. What it gives is authentic but may end too early, until [`ContentOpener::finish`] says
/// otherwise: write to a temporary file and rename it after that.
#[must_use = "content that is not finished may be truncated"]
pub struct ContentOpener<E: Engine = Fast> {
    cipher: ContentCipher<E>,
    index: u64,
    slot: Zeroizing<Vec<u8>>,
}

impl<E: Engine> ContentOpener<E> {
    /// Starts after the 72 bytes of prefix, from which the cipher was made.
    pub fn new(cipher: ContentCipher<E>) -> Self {
        ContentOpener {
            cipher,
            index: 0,
            slot: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_LEN)),
        }
    }

    /// Adds sealed bytes; content of chunks that became complete goes to `out`.
    ///
    /// # Errors
    /// [`Error::ChunkForged`], [`Error::PaddingInvalid`], [`Error::TrailingBytes`]; do not go on after one.
    pub fn update(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<()> {
        while !sealed.is_empty() {
            let chunks = self.cipher.layout().chunks();
            if self.index == chunks {
                return Err(Error::TrailingBytes { what: "content", len: sealed.len() });
            }
            let part = self.cipher.layout().chunk(self.index)?.sealed;
            let len = (part.end - part.start) as usize;
            let (taken, rest) = sealed.split_at(sealed.len().min(len - self.slot.len()));
            self.slot.extend_from_slice(taken);
            sealed = rest;
            if self.slot.len() == len {
                out.extend_from_slice(self.cipher.open_slot(self.index, &mut self.slot)?);
                self.slot.clear();
                self.index += 1;
            }
        }
        Ok(())
    }

    /// Checks that the final chunk came and was opened.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn finish(self) -> Result<()> {
        if self.index == self.cipher.layout().chunks() { Ok(()) } else { Err(Error::Truncated) }
    }
}
