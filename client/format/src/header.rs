//! The header that each stored object starts with: magic, version, suite, flags (SPEC §1).

use crate::error::{Error, Result};

/// Layout version of all objects.
pub const VERSION: u8 = 1;
/// Cipher suite of all objects: Cobblestone-256, X-Wing HPKE with HKDF-SHA-256 and AES-256-GCM, Ed25519, SHA-256.
pub const SUITE: u8 = 1;
/// Length of the header of content, bytes.
pub const HEADER_LEN: usize = 16;
/// Length of the start that all objects share, bytes.
pub const PREAMBLE_LEN: usize = 8;

/// The kinds of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Content,
    Head,
    Keyring,
    Bundle,
    Pack,
}

impl Kind {
    pub(crate) const fn magic(self) -> &'static [u8; 4] {
        match self {
            Kind::Content => b"ACSO",
            Kind::Head => b"ACSH",
            Kind::Keyring => b"ACSK",
            Kind::Bundle => b"ACSB",
            Kind::Pack => b"ACSP",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::Content => "content",
            Kind::Head => "head",
            Kind::Keyring => "keyring",
            Kind::Bundle => "bundle",
            Kind::Pack => "pack",
        }
    }

    /// Magic, version, suite and (no) flags.
    pub(crate) fn preamble(self) -> [u8; PREAMBLE_LEN] {
        let mut bytes = [0; PREAMBLE_LEN];
        bytes[..4].copy_from_slice(self.magic());
        bytes[4] = VERSION;
        bytes[5] = SUITE;
        bytes
    }

    /// Checks the start of an object.
    pub(crate) fn check(self, bytes: &[u8]) -> Result<()> {
        let what = self.name();
        let bytes: &[u8; PREAMBLE_LEN] = bytes
            .get(..PREAMBLE_LEN)
            .and_then(|start| start.try_into().ok())
            .ok_or(Error::Truncated)?;
        if &bytes[..4] != self.magic() {
            return Err(Error::MagicMismatch { what });
        }
        if bytes[4] != VERSION {
            return Err(Error::VersionUnknown { what, version: bytes[4] });
        }
        if bytes[5] != SUITE {
            return Err(Error::SuiteUnknown { what, suite: bytes[5] });
        }
        // SPEC §1: a flag may change what the rest means, so an unknown one is refused, not skipped.
        let flags = u16::from_le_bytes([bytes[6], bytes[7]]);
        if flags != 0 {
            return Err(Error::FlagUnknown { what, flags });
        }
        Ok(())
    }
}

/// The 16 bytes that content starts with.
pub fn content_header() -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    bytes[..PREAMBLE_LEN].copy_from_slice(&Kind::Content.preamble());
    bytes
}

/// Checks the 16 bytes that content starts with.
///
/// # Errors
/// [`Error::MagicMismatch`], [`Error::VersionUnknown`], [`Error::SuiteUnknown`], [`Error::FlagUnknown`],
/// [`Error::FieldInvalid`] for reserved bytes that are not zero.
pub fn check_content_header(bytes: &[u8; HEADER_LEN]) -> Result<()> {
    Kind::Content.check(bytes)?;
    if bytes[PREAMBLE_LEN..] != [0; HEADER_LEN - PREAMBLE_LEN] {
        return Err(Error::FieldInvalid { what: "content", field: "reserved bytes of the header" });
    }
    Ok(())
}
