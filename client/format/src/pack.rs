//! Many small records of one folder under one root (SPEC §12).
//!
//! The table alone says where everything is, so a reader fetches the table, then one record. Each record's content is
//! masked under the pack's lease.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Address32;
use crate::codec::{Reader, Writer, check_count};
use crate::content::ContentLayout;
use crate::error::{Error, Result};
use crate::head::MAX_HEAD_LEN;
use crate::header::{Kind, PREAMBLE_LEN};
use crate::key::ReplicaSecret;
use crate::mask::Mask;

/// Longest pack, bytes.
pub const MAX_PACK_LEN: u64 = 64 << 20;
/// Most records in a pack.
pub const MAX_RECORDS: usize = 4096;
/// Length of what comes before the table, bytes: enough for [`PackTable::table_len`].
pub const PACK_PREFIX_LEN: usize = PREAMBLE_LEN + 32 + 4;

/// Length of a record in the table, bytes.
const ROW_LEN: usize = 32 + 8 + 4;
const WHAT: &str = "pack";

/// A record in a pack, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackEntry {
    /// The record.
    pub record: Address32,
    /// Where its masked content starts in the pack.
    pub offset: u64,
    /// Length of its content as it is stored, bytes.
    pub content_len: u64,
    /// Length of its head, bytes.
    pub head_len: u32,
}

impl PackEntry {
    /// Its masked content in the pack.
    pub fn content(&self) -> Range<u64> {
        self.offset..self.offset + self.content_len
    }

    /// Its head in the pack.
    pub fn head(&self) -> Range<u64> {
        let start = self.offset + self.content_len;
        start..start + u64::from(self.head_len)
    }
}

/// A record to be packed: its lengths, as the chain has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedRecord {
    /// The record.
    pub record: Address32,
    /// Length of its content as it is stored, bytes.
    pub content_len: u64,
    /// Length of its head, bytes.
    pub head_len: u32,
}

/// What a pack holds and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackTable {
    folder: Address32,
    entries: Vec<PackEntry>,
}

impl PackTable {
    /// The table of a new pack, of records in strictly ascending order of address.
    ///
    /// # Errors
    /// [`Error::FieldInvalid`] for no records, another order, a length of content that no content has, or a head of none;
    /// [`Error::TooMany`] and [`Error::TooLong`].
    pub fn new(folder: Address32, records: &[PackedRecord]) -> Result<Self> {
        check_count("pack", records.len(), MAX_RECORDS)?;
        let invalid = |field| Error::FieldInvalid { what: WHAT, field };
        if records.is_empty() {
            return Err(invalid("count"));
        }
        if !records.is_sorted_by(|a, b| a.record < b.record) {
            return Err(invalid("order of records"));
        }
        let mut offset = (PACK_PREFIX_LEN + records.len() * ROW_LEN) as u64;
        let mut entries = Vec::with_capacity(records.len());
        for &PackedRecord { record, content_len, head_len } in records {
            ContentLayout::content_len_range(content_len)
                .map_err(|_| invalid("length of content"))?;
            if head_len == 0 {
                return Err(invalid("length of a head"));
            }
            if head_len as usize > MAX_HEAD_LEN {
                let (len, max) = (u64::from(head_len), MAX_HEAD_LEN as u64);
                return Err(Error::TooLong { what: "head", len, max });
            }
            let entry = PackEntry { record, offset, content_len, head_len };
            offset = offset.saturating_add(content_len).saturating_add(u64::from(head_len));
            if offset > MAX_PACK_LEN {
                return Err(Error::TooLong { what: WHAT, len: offset, max: MAX_PACK_LEN });
            }
            entries.push(entry);
        }
        Ok(PackTable { folder, entries })
    }

    /// The bytes that the pack starts with.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(PACK_PREFIX_LEN + self.entries.len() * ROW_LEN);
        w.bytes(&Kind::Pack.preamble()).bytes(&self.folder).u32(self.entries.len() as u32);
        for entry in &self.entries {
            w.bytes(&entry.record).u64(entry.content_len).u32(entry.head_len);
        }
        w.finish()
    }

    /// Length of prefix and table, from the first [`PACK_PREFIX_LEN`] bytes: what to fetch for [`PackTable::decode`].
    ///
    /// # Errors
    /// Those of the preamble; [`Error::Truncated`], [`Error::TooMany`], [`Error::FieldInvalid`].
    pub fn table_len(prefix: &[u8]) -> Result<usize> {
        Kind::Pack.check(prefix)?;
        let mut r = Reader::new(WHAT, &prefix[PREAMBLE_LEN..]);
        r.bytes(32)?;
        match r.count("pack", MAX_RECORDS)? {
            0 => Err(Error::FieldInvalid { what: WHAT, field: "count" }),
            count => Ok(PACK_PREFIX_LEN + count * ROW_LEN),
        }
    }

    /// Reads the table of a pack of `pack_len` bytes, from its start; what follows the table is not looked at.
    ///
    /// # Errors
    /// Those of [`PackTable::table_len`] and [`PackTable::new`]; [`Error::Truncated`] and [`Error::TrailingBytes`] when the
    /// records do not fill the pack.
    pub fn decode(start: &[u8], pack_len: u64) -> Result<Self> {
        let table_len = PackTable::table_len(start)?;
        let mut r = Reader::new(WHAT, start.get(PREAMBLE_LEN..table_len).ok_or(Error::Truncated)?);
        let folder = r.array()?;
        let count = r.count("pack", MAX_RECORDS)?;
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let (record, content_len, head_len) = (r.array()?, r.u64()?, r.u32()?);
            records.push(PackedRecord { record, content_len, head_len });
        }
        r.finish()?;
        let table = PackTable::new(folder, &records)?;
        // SPEC §12: without gaps, and nothing after the last one.
        match pack_len.checked_sub(table.pack_len()) {
            Some(0) => Ok(table),
            Some(len) => Err(Error::TrailingBytes { what: WHAT, len: len as usize }),
            None => Err(Error::Truncated),
        }
    }

    /// Checks that this is a pack of that folder.
    ///
    /// # Errors
    /// [`Error::OtherObject`].
    pub fn check(&self, folder: &Address32) -> Result<()> {
        if self.folder == *folder {
            Ok(())
        } else {
            Err(Error::OtherObject { what: WHAT, field: "folder" })
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Address32 {
        &self.folder
    }

    /// The records, in order.
    pub fn entries(&self) -> &[PackEntry] {
        &self.entries
    }

    /// Where a record is, if it is here.
    pub fn entry(&self, record: &Address32) -> Option<&PackEntry> {
        let at = self.entries.binary_search_by(|entry| entry.record.cmp(record)).ok()?;
        self.entries.get(at)
    }

    /// Length of the whole pack, bytes.
    pub fn pack_len(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.head().end)
    }
}

/// A record to be packed, in memory.
pub struct PackPart<'a> {
    /// The record.
    pub record: Address32,
    /// Of the version that is packed.
    pub secret: &'a ReplicaSecret,
    /// The content as it is stored.
    pub content: &'a [u8],
    /// The head as it is stored.
    pub head: &'a [u8],
}

/// Packs records of a folder for a lease, in memory; their order does not matter. Who streams encodes a [`PackTable`] and
/// pushes its bytes, then content and head of each record, to a [`crate::copy::CopyBuilder`].
///
/// # Errors
/// As [`PackTable::new`]; a record that comes twice is out of order.
pub fn pack(folder: Address32, lease: &Address32, parts: &mut [PackPart<'_>]) -> Result<Vec<u8>> {
    parts.sort_by_key(|part| part.record);
    let records = parts.iter().map(|part| PackedRecord {
        record: part.record,
        content_len: part.content.len() as u64,
        // What does not fit 4 bytes is refused as too long.
        head_len: u32::try_from(part.head.len()).unwrap_or(u32::MAX),
    });
    let table = PackTable::new(folder, &records.collect::<Vec<_>>())?;
    let mut bytes = Vec::with_capacity(table.pack_len() as usize);
    bytes.extend_from_slice(&table.encode());
    for part in parts {
        let start = bytes.len();
        bytes.extend_from_slice(part.content);
        Mask::new(part.secret, lease, &part.record).apply(0, &mut bytes[start..]);
        bytes.extend_from_slice(part.head);
    }
    Ok(bytes)
}
