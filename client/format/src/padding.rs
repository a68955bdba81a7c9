//! Padding that hides a length: Padmé, with a floor (SPEC §4.2).
//!
//! `plaintext = content ‖ zeros ‖ u64 BE content length`, of `max(floor, padmé(content length + 8))` bytes. Padmé (Nikitin
//! and others, PURBs, 2019) leaks O(log log) bits of a length and costs at most 12 %, 6.25 % from 4 KiB up.

use crate::error::{Error, Result};

/// Shortest padded content, bytes. Padded lengths from here up are multiples of 256, so the trailer never straddles two chunks.
pub const CONTENT_FLOOR: u64 = 4096;
/// Shortest padded manifest, bytes: manifests differ by names and notes, and most fit in this.
pub const MANIFEST_FLOOR: u64 = 1024;
/// Length of the trailer, bytes: the content's length.
pub const TRAILER_LEN: u64 = 8;
/// Longest content, bytes (2 PiB, so that every sum here stays in range).
pub const MAX_CONTENT_LEN: u64 = 1 << 51;

/// Padmé: the least length `>= len` whose binary form has zeros below its leading `log2(log2(len)) + 1` bits.
pub fn padme(len: u64) -> u64 {
    if len < 2 {
        return len;
    }
    let exponent = len.ilog2();
    let mantissa = exponent.max(1).ilog2() + 1;
    let mask = (1u64 << exponent.saturating_sub(mantissa)) - 1;
    len.saturating_add(mask) & !mask
}

/// Length of the padded plaintext of `content_len` bytes.
///
/// # Errors
/// [`Error::TooLong`] above [`MAX_CONTENT_LEN`].
pub fn padded_len(content_len: u64, floor: u64) -> Result<u64> {
    if content_len > MAX_CONTENT_LEN {
        return Err(Error::TooLong { what: "content", len: content_len, max: MAX_CONTENT_LEN });
    }
    Ok(padme(content_len + TRAILER_LEN).max(floor))
}

/// Least and greatest content length whose padded plaintext has `padded_len` bytes: what an observer learns.
///
/// # Errors
/// [`Error::PaddingInvalid`] when no content has that padded length.
pub fn content_len_bounds(padded: u64, floor: u64) -> Result<(u64, u64)> {
    let longest = padded.checked_sub(TRAILER_LEN).ok_or(Error::PaddingInvalid)?;
    if padded_len(longest, floor) != Ok(padded) {
        return Err(Error::PaddingInvalid);
    }
    if padded == floor {
        return Ok((0, longest));
    }
    // Below the greatest length the padded one falls by a known step; find where, by bisection.
    let (mut low, mut high) = (0, longest);
    while low < high {
        let middle = low + (high - low) / 2;
        if padded_len(middle, floor)? < padded { low = middle + 1 } else { high = middle }
    }
    Ok((low, longest))
}

/// Fills the part of `chunk` that comes after the content: zeros, and the trailer if it falls here.
///
/// `chunk` holds the bytes of the padded plaintext from `offset` on; content bytes in it are left as they are.
pub fn fill(content_len: u64, padded_len: u64, offset: u64, chunk: &mut [u8]) {
    let content = content_len.saturating_sub(offset).min(chunk.len() as u64) as usize;
    chunk[content..].fill(0);
    let trailer_at = padded_len - TRAILER_LEN;
    for (at, byte) in (trailer_at..).zip(content_len.to_be_bytes()) {
        if let Some(target) =
            at.checked_sub(offset).and_then(|at| chunk.get_mut(usize::try_from(at).ok()?))
        {
            *target = byte;
        }
    }
}

/// Checks the part of `chunk` that comes after the content, laid out as in [`fill`].
///
/// # Errors
/// [`Error::PaddingInvalid`] for anything but what [`fill`] writes.
pub fn check(content_len: u64, padded_len: u64, offset: u64, chunk: &[u8]) -> Result<()> {
    let content = content_len.saturating_sub(offset).min(chunk.len() as u64);
    let trailer_at = padded_len - TRAILER_LEN;
    let trailer = content_len.to_be_bytes();
    for (at, byte) in (offset + content..).zip(&chunk[content as usize..]) {
        let expected = if at < trailer_at {
            0
        } else {
            trailer.get((at - trailer_at) as usize).copied().unwrap_or(0)
        };
        if *byte != expected {
            return Err(Error::PaddingInvalid);
        }
    }
    Ok(())
}

/// The content's length as the end of the padded plaintext says it, checked to be canonical for `padded_len`.
///
/// # Errors
/// [`Error::PaddingInvalid`] when that length does not pad to `padded_len`.
pub fn read_trailer(trailer: [u8; TRAILER_LEN as usize], padded: u64, floor: u64) -> Result<u64> {
    let content_len = u64::from_be_bytes(trailer);
    match padded_len(content_len, floor) {
        Ok(len) if len == padded => Ok(content_len),
        _ => Err(Error::PaddingInvalid),
    }
}
