//! The reason of a request: words that only the owner can read (SPEC §7.3).
//!
//! A short reason tells a diagnosis by its length alone, so the text is padded as content is, with a lower floor.

use alloc::string::String;
use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::Address32;
use crate::error::{Error, Result};
use crate::key::{XWingPublic, XWingSeed};
use crate::packet::{PACKET_OVERHEAD, Packet, PacketContext, Purpose};
use crate::padding;

/// Shortest padded reason, bytes: most reasons fit in this.
pub const REASON_FLOOR: u64 = 1024;
/// Longest reason, bytes of UTF-8.
pub const MAX_REASON_LEN: u64 = 16 * 1024;
/// Longest packet with a reason, bytes: the longest one padded is 17 KiB.
pub const MAX_REASON_PACKET_LEN: u64 = 17 * 1024 + PACKET_OVERHEAD as u64;

/// What a reason belongs to: one request to one owner, whose key has a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonContext {
    /// The program that holds the accounts.
    pub program: Address32,
    /// The request.
    pub request: Address32,
    /// The owner who is asked.
    pub owner: Address32,
    /// Version of the owner's keys.
    pub key_version: u32,
}

impl ReasonContext {
    fn packet(&self) -> PacketContext {
        PacketContext {
            purpose: Purpose::Reason,
            program: self.program,
            scope: self.request,
            version: u64::from(self.key_version),
            recipient: self.owner,
        }
    }

    /// Seals a reason to the owner's key.
    ///
    /// # Errors
    /// [`Error::TooLong`] above [`MAX_REASON_LEN`].
    pub fn seal(
        &self,
        key: &XWingPublic,
        reason: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Packet> {
        self.packet().seal(key, &pad(reason)?, rng)
    }

    /// Opens a reason with the owner's seed of [`Self::key_version`].
    ///
    /// # Errors
    /// [`Error::PacketForged`] for another key, request or owner; [`Error::PaddingInvalid`], [`Error::TooLong`] and
    /// [`Error::FieldInvalid`] for what [`Self::seal`] never writes.
    pub fn open(&self, seed: &XWingSeed, packet: &Packet) -> Result<Zeroizing<String>> {
        unpad(&self.packet().open(seed, packet)?)
    }
}

fn pad(reason: &str) -> Result<Zeroizing<Vec<u8>>> {
    let len = reason.len() as u64;
    check_len(len)?;
    let padded_len = padding::padded_len(len, REASON_FLOOR)?;
    let mut padded = Zeroizing::new(alloc::vec![0; padded_len as usize]);
    padded[..reason.len()].copy_from_slice(reason.as_bytes());
    padding::fill(len, padded_len, 0, &mut padded);
    Ok(padded)
}

fn unpad(padded: &[u8]) -> Result<Zeroizing<String>> {
    let padded_len = padded.len() as u64;
    let (_, trailer) = padded.split_last_chunk().ok_or(Error::PaddingInvalid)?;
    let len = padding::read_trailer(*trailer, padded_len, REASON_FLOOR)?;
    check_len(len)?;
    padding::check(len, padded_len, 0, padded)?;
    let text = core::str::from_utf8(&padded[..len as usize]);
    let text = text.map_err(|_| Error::FieldInvalid { what: "reason", field: "text" })?;
    Ok(Zeroizing::new(String::from(text)))
}

fn check_len(len: u64) -> Result<()> {
    if len > MAX_REASON_LEN {
        return Err(Error::TooLong { what: "reason", len, max: MAX_REASON_LEN });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_hide_in_steps_and_come_back() {
        for (len, padded_len) in
            [(0, 1024), (1, 1024), (1016, 1024), (1017, 1088), (16_384, 17_408)]
        {
            let text = "x".repeat(len);
            let padded = pad(&text).unwrap();
            assert_eq!(padded.len(), padded_len, "{len}");
            assert_eq!(unpad(&padded).unwrap().as_str(), text);
        }
        let most =
            padding::padded_len(MAX_REASON_LEN, REASON_FLOOR).unwrap() + PACKET_OVERHEAD as u64;
        assert_eq!(most, MAX_REASON_PACKET_LEN);
        assert!(matches!(pad(&"x".repeat(16_385)), Err(Error::TooLong { what: "reason", .. })));
    }

    #[test]
    fn one_form_only() {
        let good = pad("second opinion before surgery").unwrap();
        let changed = |at: usize, byte: u8| {
            let mut bad = good.to_vec();
            bad[at] = byte;
            unpad(&bad)
        };
        assert_eq!(changed(500, 1), Err(Error::PaddingInvalid));
        assert_eq!(changed(1016, 1), Err(Error::PaddingInvalid));
        assert_eq!(changed(1023, 28), Err(Error::PaddingInvalid));
        assert_eq!(changed(0, 0xff), Err(Error::FieldInvalid { what: "reason", field: "text" }));
        assert_eq!(unpad(&good[..1000]), Err(Error::PaddingInvalid));
        assert_eq!(unpad(&[]), Err(Error::PaddingInvalid));
    }
}
