use std::ops::Range;

use aceso_format::{
    Address32, Error, Result,
    cobblestone::{CHUNK_LEN, SEALED_CHUNK_LEN},
    content::{ContentCipher, ContentLayout, PREFIX_LEN},
    key::ContentKey,
};

/// Opens the chunks of a range of content, from sealed bytes in pieces of any length. A range to
/// the end includes the final chunk and all padding.
pub(super) struct Chunks {
    cipher: ContentCipher,
    /// The chunk to open next, and the first that is none of ours.
    next: u64,
    end: u64,
    range: Range<u64>,
    /// Sealed bytes of a chunk that has not come whole.
    part: Vec<u8>,
}

/// Which chunks hold `range`: at least one, and all to the last when the range reaches the end of
/// the content.
pub(super) fn chunks_of(layout: &ContentLayout, range: &Range<u64>) -> Range<u64> {
    let chunk_len = CHUNK_LEN as u64;
    let first = (range.start / chunk_len).min(layout.chunks() - 1);
    let end = if range.end == layout.content_len() {
        layout.chunks()
    } else {
        range.end.div_ceil(chunk_len)
    };
    first..end.max(first + 1)
}

impl Chunks {
    pub fn new(
        record: &Address32,
        key: &ContentKey,
        content_len: u64,
        prefix: &[u8; PREFIX_LEN],
        range: Range<u64>,
    ) -> Result<Self> {
        let cipher = ContentCipher::for_opening(record, key, content_len, prefix)?;
        let chunks = chunks_of(cipher.layout(), &range);
        Ok(Self {
            cipher,
            next: chunks.start,
            end: chunks.end,
            range,
            part: Vec::with_capacity(SEALED_CHUNK_LEN),
        })
    }

    /// Opens what `sealed` completes, and appends the bytes of the range to `out`.
    pub fn open(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<()> {
        while !sealed.is_empty() {
            if self.next == self.end {
                return Err(Error::TrailingBytes { what: "content", len: sealed.len() });
            }
            let place = self.cipher.layout().chunk(self.next)?.sealed;
            let len = (place.end - place.start) as usize;
            if self.part.is_empty() && sealed.len() >= len {
                let (chunk, rest) = sealed.split_at(len);
                self.open_chunk(chunk, out)?;
                sealed = rest;
                continue;
            }
            let (taken, rest) = sealed.split_at(sealed.len().min(len - self.part.len()));
            self.part.extend_from_slice(taken);
            sealed = rest;
            if self.part.len() == len {
                let mut part = std::mem::take(&mut self.part);
                self.open_chunk(&part, out)?;
                part.clear();
                self.part = part;
            }
        }
        Ok(())
    }

    /// Whether every chunk of the range came.
    pub fn finish(self) -> Result<()> {
        if self.next == self.end { Ok(()) } else { Err(Error::Truncated) }
    }

    fn open_chunk(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let place = self.cipher.layout().chunk(self.next)?;
        let start = out.len();
        out.resize(start + CHUNK_LEN, 0);
        let opened =
            self.cipher.chunks().open_chunk(self.next, place.last, sealed, &mut out[start..]);
        let checked =
            opened.and_then(|len| self.cipher.check_padding(self.next, &out[start..start + len]));
        if let Err(error) = checked {
            out.truncate(start);
            return Err(error);
        }
        let content = place.content;
        let from = self.range.start.clamp(content.start, content.end) - content.start;
        let to = self.range.end.clamp(content.start, content.end) - content.start;
        out.truncate(start + to as usize);
        out.drain(start..start + from.min(to) as usize);
        self.next += 1;
        Ok(())
    }
}
