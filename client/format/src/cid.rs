//! Content identifiers: CIDv1 of raw and dag-pb blocks under SHA-256, in lower-case base32 (SPEC §5).

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::error::{Error, Result};
use crate::hash;

/// Length of a binary CID, bytes: version, codec, hash function, hash length, digest.
pub const CID_LEN: usize = 36;
/// Length of a CID's text: `b` and 58 base32 characters.
pub const CID_TEXT_LEN: usize = 59;

const CID_V1: u8 = 1;
const SHA2_256: u8 = 0x12;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Codec {
    /// The bytes themselves.
    Raw = 0x55,
    /// A node that links to other blocks.
    DagPb = 0x70,
}

/// The identifier of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cid {
    /// What the block holds.
    pub codec: Codec,
    /// SHA-256 of the block.
    pub digest: [u8; 32],
}

impl Cid {
    /// The identifier of `block`.
    pub fn of(codec: Codec, block: &[u8]) -> Self {
        Cid { codec, digest: hash::sha256(&[block]) }
    }

    /// Binary form, 36 bytes.
    pub fn to_bytes(&self) -> [u8; CID_LEN] {
        let mut bytes = [0; CID_LEN];
        bytes[..4].copy_from_slice(&[CID_V1, self.codec as u8, SHA2_256, 32]);
        bytes[4..].copy_from_slice(&self.digest);
        bytes
    }

    /// Reads the binary form.
    ///
    /// # Errors
    /// [`Error::CidInvalid`] for anything but a CIDv1 of a raw or dag-pb block under SHA-256.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let invalid = || Error::CidInvalid { text: String::from("<binary>") };
        let bytes: &[u8; CID_LEN] = bytes.try_into().map_err(|_| invalid())?;
        let codec = match bytes[..4] {
            [CID_V1, 0x55, SHA2_256, 32] => Codec::Raw,
            [CID_V1, 0x70, SHA2_256, 32] => Codec::DagPb,
            _ => return Err(invalid()),
        };
        let mut digest = [0; 32];
        digest.copy_from_slice(&bytes[4..]);
        Ok(Cid { codec, digest })
    }

    /// Checks that `block` is the block that this identifier names.
    ///
    /// # Errors
    /// [`Error::BlockMismatch`] when it is not.
    pub fn verify_block(&self, block: &[u8]) -> Result<()> {
        if hash::sha256(&[block]) == self.digest {
            Ok(())
        } else {
            Err(Error::BlockMismatch { expected: self.text() })
        }
    }

    /// Text form: `b` and lower-case base32 without padding.
    pub fn text(&self) -> String {
        let bytes = self.to_bytes();
        let mut text = String::with_capacity(CID_TEXT_LEN);
        text.push('b');
        let (mut buffer, mut bits) = (0u32, 0u32);
        for byte in bytes {
            buffer = (buffer << 8) | u32::from(byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                text.push(char::from(ALPHABET[((buffer >> bits) & 31) as usize]));
            }
            buffer &= (1 << bits) - 1;
        }
        text.push(char::from(ALPHABET[((buffer << (5 - bits)) & 31) as usize]));
        text
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl FromStr for Cid {
    type Err = Error;

    /// Reads the text form, and no other base or case: one CID has one spelling here.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = || Error::CidInvalid { text: text.chars().take(80).collect() };
        let digits = text.strip_prefix('b').ok_or_else(invalid)?;
        if text.len() != CID_TEXT_LEN {
            return Err(invalid());
        }
        let mut bytes = [0; CID_LEN];
        let (mut buffer, mut bits, mut at) = (0u32, 0u32, 0usize);
        for digit in digits.bytes() {
            let value = ALPHABET.iter().position(|&c| c == digit).ok_or_else(invalid)? as u32;
            buffer = (buffer << 5) | value;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes[at] = (buffer >> bits) as u8;
                at += 1;
                buffer &= (1 << bits) - 1;
            }
        }
        // 58 digits are 290 bits and a CID has 288: the last two are zero, or the text is a second spelling.
        if buffer != 0 {
            return Err(invalid());
        }
        Cid::from_bytes(&bytes).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_empty_raw_block() {
        let cid = Cid::of(Codec::Raw, b"");
        assert_eq!(cid.text(), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
        assert_eq!(cid.text().parse::<Cid>().unwrap(), cid);
    }

    #[test]
    fn a_second_spelling_is_refused() {
        let text = Cid::of(Codec::Raw, b"").text();
        let upper = text.to_uppercase();
        let (mut unclean, last) = (String::from(&text[..58]), &text[58..]);
        assert_eq!(last, "u");
        unclean.push('v');
        for bad in [&upper, &unclean, &text[..58], ""] {
            assert!(matches!(bad.parse::<Cid>(), Err(Error::CidInvalid { .. })), "{bad}");
        }
    }
}
