//! Reading and writing fields: little-endian integers, lengths before their bytes, every bound checked before memory is
//! taken (SPEC §1). For strings, vectors and options this is Borsh's layout; the reader is our own because Borsh's has no
//! bound for each field.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, Result};

/// Writes the fields of one object.
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Writer { bytes: Vec::new() }
    }

    /// For an object with secrets: a vector that never grows leaves no copy behind that nobody wipes.
    pub(crate) fn with_capacity(len: usize) -> Self {
        Writer { bytes: Vec::with_capacity(len) }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub(crate) fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// A length of 4 bytes, then the bytes.
    pub(crate) fn sized(
        &mut self,
        what: &'static str,
        bytes: &[u8],
        max: usize,
    ) -> Result<&mut Self> {
        if bytes.len() > max {
            return Err(Error::TooLong { what, len: bytes.len() as u64, max: max as u64 });
        }
        Ok(self.u32(bytes.len() as u32).bytes(bytes))
    }

    /// A count of 4 bytes; the entries follow.
    pub(crate) fn count(
        &mut self,
        what: &'static str,
        count: usize,
        max: usize,
    ) -> Result<&mut Self> {
        check_count(what, count, max)?;
        Ok(self.u32(count as u32))
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads the fields of one object.
pub(crate) struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Reader { what, rest: bytes }
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.bytes(N)?.try_into().map_err(|_| Error::Truncated)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn sized(&mut self, what: &'static str, max: usize) -> Result<&'a [u8]> {
        let len = self.u32()? as usize;
        if len > max {
            return Err(Error::TooLong { what, len: len as u64, max: max as u64 });
        }
        self.bytes(len)
    }

    pub(crate) fn text(&mut self, what: &'static str, max: usize) -> Result<String> {
        let bytes = self.sized(what, max)?;
        let text = core::str::from_utf8(bytes);
        text.map(String::from).map_err(|_| Error::FieldInvalid { what: self.what, field: what })
    }

    pub(crate) fn count(&mut self, what: &'static str, max: usize) -> Result<usize> {
        let count = self.u32()? as usize;
        check_count(what, count, max)?;
        Ok(count)
    }

    /// Whether an optional field follows: one byte, 0 or 1.
    pub(crate) fn present(&mut self, field: &'static str) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::FieldInvalid { what: self.what, field }),
        }
    }

    pub(crate) fn rest_len(&self) -> usize {
        self.rest.len()
    }

    /// SPEC §1: nothing may follow the end.
    pub(crate) fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Error::TrailingBytes { what: self.what, len: self.rest.len() })
    }
}

pub(crate) fn check_count(what: &'static str, count: usize, max: usize) -> Result<()> {
    if count > max {
        return Err(Error::TooMany { what, count: count as u64, max: max as u64 });
    }
    Ok(())
}
