//! Content of a record: header, then one Cobblestone message of the padded content (SPEC §4).
//!
//! The manifest gives the content's length and the content key. From the length alone follow all others
//! ([`ContentLayout`]), so a reader seeks without asking. [`ContentCipher`] works on single chunks, from any thread;
//! [`ContentSealer`] and [`ContentOpener`] wrap it for a stream.
//!
//! Whoever reads a whole record opens all chunks, the final one too. A range alone is authentic, but says nothing about
//! bytes outside of it.

use alloc::vec::Vec;
use core::ops::{Range, RangeInclusive};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::Address32;
use crate::cobblestone::{self, CHUNK_LEN, ChunkCipher, MessageKey, SEALED_CHUNK_LEN, TAG_LEN};
use crate::engine::{Engine, Fast};
use crate::error::{Error, Result};
use crate::header::{self, HEADER_LEN};
use crate::key::ContentKey;
use crate::label;
use crate::padding;

pub use crate::stream_content::{ContentOpener, ContentSealer, Step};

/// Length of what comes before the chunks, bytes: header (16), salt (24), commitment (32).
pub const PREFIX_LEN: usize = HEADER_LEN + cobblestone::PREFIX_LEN;

/// Every length and offset of one content, from its length alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLayout {
    content_len: u64,
    padded_len: u64,
}

/// Where one chunk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkPart {
    /// Its bytes in the sealed blob.
    pub sealed: Range<u64>,
    /// The content bytes in it (empty for padding only).
    pub content: Range<u64>,
    /// Whether it is the final chunk.
    pub last: bool,
}

/// What to fetch for a range of content, and where the range is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRange {
    /// Bytes of the sealed blob to fetch: whole chunks. Empty for an empty range.
    pub sealed: Range<u64>,
    /// Index of the first chunk in it.
    pub first_chunk: u64,
    /// Bytes of opened plaintext before the range.
    pub skip: usize,
    /// Length of the range, bytes.
    pub take: usize,
}

impl ContentLayout {
    /// The layout of content of `content_len` bytes.
    ///
    /// # Errors
    /// [`Error::TooLong`] above [`padding::MAX_CONTENT_LEN`].
    pub fn of(content_len: u64) -> Result<Self> {
        let padded_len = padding::padded_len(content_len, padding::CONTENT_FLOOR)?;
        Ok(ContentLayout { content_len, padded_len })
    }

    /// Which content lengths give a sealed blob of `sealed_len` bytes: what the chain tells an observer.
    ///
    /// # Errors
    /// [`Error::Truncated`] or [`Error::PaddingInvalid`] when none does.
    pub fn content_len_range(sealed_len: u64) -> Result<RangeInclusive<u64>> {
        let message_len = sealed_len.checked_sub(HEADER_LEN as u64).ok_or(Error::Truncated)?;
        let padded = cobblestone::plaintext_len(message_len)?;
        let (least, greatest) = padding::content_len_bounds(padded, padding::CONTENT_FLOOR)?;
        Ok(least..=greatest)
    }

    /// Length of the content, bytes.
    pub fn content_len(&self) -> u64 {
        self.content_len
    }

    /// Length of the padded content, bytes.
    pub fn padded_len(&self) -> u64 {
        self.padded_len
    }

    /// Length of the sealed blob, bytes: what [`crate::BlobAddress::len`] must be.
    pub fn sealed_len(&self) -> u64 {
        PREFIX_LEN as u64 + self.padded_len + self.chunks() * TAG_LEN as u64
    }

    /// How many chunks there are, the final one included.
    pub fn chunks(&self) -> u64 {
        self.padded_len / CHUNK_LEN as u64 + 1
    }

    /// Where chunk `index` is.
    ///
    /// # Errors
    /// [`Error::Truncated`] when there is none.
    pub fn chunk(&self, index: u64) -> Result<ChunkPart> {
        if index >= self.chunks() {
            return Err(Error::Truncated);
        }
        let start = index * CHUNK_LEN as u64;
        let end = (start + CHUNK_LEN as u64).min(self.padded_len);
        let sealed_start = PREFIX_LEN as u64 + index * SEALED_CHUNK_LEN as u64;
        Ok(ChunkPart {
            sealed: sealed_start..sealed_start + (end - start) + TAG_LEN as u64,
            content: start.min(self.content_len)..end.min(self.content_len),
            last: index + 1 == self.chunks(),
        })
    }

    /// What to fetch to read `range` of the content; a range past the end is cut.
    ///
    /// # Errors
    /// [`Error::TooLong`] when the range does not fit the memory of this machine.
    pub fn range(&self, range: Range<u64>) -> Result<SealedRange> {
        let end = range.end.min(self.content_len);
        let start = range.start.min(end);
        let too_long =
            |_| Error::TooLong { what: "range", len: end - start, max: usize::MAX as u64 };
        let take = usize::try_from(end - start).map_err(too_long)?;
        let first_chunk = start / CHUNK_LEN as u64;
        let first = self.chunk(first_chunk)?.sealed.start;
        if take == 0 {
            return Ok(SealedRange { sealed: first..first, first_chunk, skip: 0, take });
        }
        let last = self.chunk((end - 1) / CHUNK_LEN as u64)?.sealed.end;
        let skip = (start % CHUNK_LEN as u64) as usize;
        Ok(SealedRange { sealed: first..last, first_chunk, skip, take })
    }
}

/// Seals and opens the chunks of one content. Without state, so one cipher serves many threads.
pub struct ContentCipher<E: Engine = Fast> {
    chunks: ChunkCipher<E>,
    layout: ContentLayout,
    prefix: [u8; PREFIX_LEN],
}

impl ContentCipher<Fast> {
    /// A cipher for new content of `content_len` bytes, under a fresh salt.
    ///
    /// One cipher seals one content, once: sealing other bytes under the same salt breaks AES-GCM. A put that is resumed
    /// sends the stored ciphertext again or starts anew.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn for_sealing(
        record: &Address32,
        key: &ContentKey,
        content_len: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Self> {
        ContentCipher::sealing_with_engine(record, key, content_len, rng)
    }

    /// A cipher for stored content, from the first 72 bytes of the blob.
    ///
    /// # Errors
    /// Those of the header, and [`Error::CommitmentMismatch`] when key or record are not those it was sealed under.
    pub fn for_opening(
        record: &Address32,
        key: &ContentKey,
        content_len: u64,
        prefix: &[u8; PREFIX_LEN],
    ) -> Result<Self> {
        ContentCipher::opening_with_engine(record, key, content_len, prefix)
    }
}

impl<E: Engine> ContentCipher<E> {
    /// [`ContentCipher::for_sealing`] on the engine `E`.
    ///
    /// # Errors
    /// As there.
    pub fn sealing_with_engine(
        record: &Address32,
        key: &ContentKey,
        content_len: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Self> {
        let layout = ContentLayout::of(content_len)?;
        let keys = MessageKey::for_sealing(key.expose(), &context(record), rng);
        Ok(ContentCipher {
            chunks: ChunkCipher::with_engine(&keys),
            layout,
            prefix: content_prefix(&keys),
        })
    }

    /// [`ContentCipher::for_opening`] on the engine `E`.
    ///
    /// # Errors
    /// As there.
    pub fn opening_with_engine(
        record: &Address32,
        key: &ContentKey,
        content_len: u64,
        prefix: &[u8; PREFIX_LEN],
    ) -> Result<Self> {
        let layout = ContentLayout::of(content_len)?;
        let keys = opening_key(record, key, prefix)?;
        Ok(ContentCipher { chunks: ChunkCipher::with_engine(&keys), layout, prefix: *prefix })
    }

    /// The first 72 bytes of the blob.
    pub fn prefix(&self) -> &[u8; PREFIX_LEN] {
        &self.prefix
    }

    /// Lengths and offsets.
    pub fn layout(&self) -> &ContentLayout {
        &self.layout
    }

    /// The chunk cipher, for batches of full chunks (all but the final one).
    pub fn chunks(&self) -> &ChunkCipher<E> {
        &self.chunks
    }

    /// Writes zeros and trailer behind the content bytes at the front of `slot` (plaintext and 16 bytes for the tag).
    ///
    /// # Errors
    /// [`Error::Truncated`] for an index out of range; [`Error::BufferLength`] for a slot of a wrong length.
    pub fn pad(&self, index: u64, slot: &mut [u8]) -> Result<()> {
        let len = self.check_slot(index, slot.len())?;
        padding::fill(
            self.layout.content_len,
            self.layout.padded_len,
            index * CHUNK_LEN as u64,
            &mut slot[..len],
        );
        Ok(())
    }

    /// Pads and seals chunk `index` in place; its content bytes are at the front of `slot`.
    ///
    /// # Errors
    /// As [`ContentCipher::pad`].
    pub fn seal_slot(&self, index: u64, slot: &mut [u8]) -> Result<()> {
        self.pad(index, slot)?;
        self.chunks.seal_in_place(index, index + 1 == self.layout.chunks(), slot)
    }

    /// Opens chunk `index` in place, checks its padding, and gives its content bytes.
    ///
    /// # Errors
    /// As [`ContentCipher::pad`]; [`Error::ChunkForged`]; [`Error::PaddingInvalid`].
    pub fn open_slot<'s>(&self, index: u64, slot: &'s mut [u8]) -> Result<&'s [u8]> {
        let len = self.check_slot(index, slot.len())?;
        self.chunks.open_in_place(index, index + 1 == self.layout.chunks(), slot)?;
        self.check_padding(index, &slot[..len])?;
        let content = self.layout.chunk(index)?.content;
        Ok(&slot[..(content.end - content.start) as usize])
    }

    /// Checks the padding in an opened chunk (for callers of [`ChunkCipher::open_batch`]).
    ///
    /// # Errors
    /// [`Error::PaddingInvalid`].
    pub fn check_padding(&self, index: u64, plaintext: &[u8]) -> Result<()> {
        padding::check(
            self.layout.content_len,
            self.layout.padded_len,
            index * CHUNK_LEN as u64,
            plaintext,
        )
    }

    /// Opens a range of content from the bytes that [`ContentLayout::range`] told to fetch.
    ///
    /// # Errors
    /// [`Error::BufferLength`] for other bytes; those of [`ContentCipher::open_slot`].
    pub fn open_range(&self, range: &SealedRange, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let expected = (range.sealed.end - range.sealed.start) as usize;
        if sealed.len() != expected {
            return Err(Error::BufferLength {
                what: "a sealed range",
                len: sealed.len(),
                expected,
            });
        }
        let mut opened = Zeroizing::new(Vec::with_capacity(expected));
        let mut slot = Zeroizing::new([0; SEALED_CHUNK_LEN]);
        for (index, chunk) in (range.first_chunk..).zip(sealed.chunks(SEALED_CHUNK_LEN)) {
            slot[..chunk.len()].copy_from_slice(chunk);
            opened.extend_from_slice(self.open_slot(index, &mut slot[..chunk.len()])?);
        }
        let end = range.skip.saturating_add(range.take);
        let content = opened.get(range.skip..end).ok_or(Error::Truncated)?;
        Ok(Zeroizing::new(content.to_vec()))
    }

    fn check_slot(&self, index: u64, len: usize) -> Result<usize> {
        let sealed = self.layout.chunk(index)?.sealed;
        let expected = (sealed.end - sealed.start) as usize;
        if len != expected {
            return Err(Error::BufferLength { what: "a chunk of content", len, expected });
        }
        Ok(len - TAG_LEN)
    }
}

/// Message keys for new content and its first 72 bytes, for a client that has AES-GCM of its own (WebCrypto).
pub fn sealing_key(
    record: &Address32,
    key: &ContentKey,
    rng: &mut impl CryptoRng,
) -> (MessageKey, [u8; PREFIX_LEN]) {
    let keys = MessageKey::for_sealing(key.expose(), &context(record), rng);
    let prefix = content_prefix(&keys);
    (keys, prefix)
}

/// Message keys of stored content, from the first 72 bytes of the blob.
///
/// # Errors
/// As [`ContentCipher::for_opening`].
pub fn opening_key(
    record: &Address32,
    key: &ContentKey,
    prefix: &[u8; PREFIX_LEN],
) -> Result<MessageKey> {
    let (header, message) = prefix.split_at(HEADER_LEN);
    header::check_content_header(header.try_into().expect("split at its length"))?;
    MessageKey::for_opening(
        key.expose(),
        message.try_into().expect("split at its length"),
        &context(record),
    )
}

/// Seals content held in memory.
///
/// # Errors
/// [`Error::TooLong`].
pub fn seal(
    record: &Address32,
    key: &ContentKey,
    content: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>> {
    let cipher = ContentCipher::for_sealing(record, key, content.len() as u64, rng)?;
    let mut blob = alloc::vec![0; cipher.layout().sealed_len() as usize];
    blob[..PREFIX_LEN].copy_from_slice(cipher.prefix());
    for (index, slot) in (0..).zip(blob[PREFIX_LEN..].chunks_mut(SEALED_CHUNK_LEN)) {
        let part = cipher.layout().chunk(index)?.content;
        let bytes = &content[part.start as usize..part.end as usize];
        slot[..bytes.len()].copy_from_slice(bytes);
        cipher.seal_slot(index, slot)?;
    }
    Ok(blob)
}

/// Opens content held in memory, of the length that the manifest says.
///
/// # Errors
/// Those of [`ContentCipher::for_opening`] and [`ContentCipher::open_slot`]; [`Error::Truncated`] and
/// [`Error::TrailingBytes`] for a blob of another length.
pub fn open(
    record: &Address32,
    key: &ContentKey,
    content_len: u64,
    blob: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let (prefix, sealed) = blob.split_at_checked(PREFIX_LEN).ok_or(Error::Truncated)?;
    let prefix = prefix.try_into().expect("split at its length");
    let cipher: ContentCipher = ContentCipher::for_opening(record, key, content_len, prefix)?;
    let mut opener = ContentOpener::new(cipher);
    let mut content =
        Zeroizing::new(Vec::with_capacity(content_len.min(blob.len() as u64) as usize));
    opener.update(sealed, &mut content)?;
    opener.finish()?;
    Ok(content)
}

fn content_prefix(keys: &MessageKey) -> [u8; PREFIX_LEN] {
    let mut prefix = [0; PREFIX_LEN];
    prefix[..HEADER_LEN].copy_from_slice(&header::content_header());
    prefix[HEADER_LEN..].copy_from_slice(&keys.prefix());
    prefix
}

/// SPEC §4: label, header and record, so that content moved to another record does not open there.
fn context(record: &Address32) -> Vec<u8> {
    [label::CONTENT, &header::content_header(), record].concat()
}
