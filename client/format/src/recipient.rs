//! The list of recipients in a head and in a keyring: whom one secret is sealed to (SPEC §7.2).
//!
//! An entry is kind (1), address (32), key version or epoch (4), packet (1169): 1206 bytes. The first entry is the folder
//! or the owner; readers follow in strictly ascending order of address, so a list has one form and nobody is in it twice.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use crate::Address32;
use crate::codec::{Reader, Writer, check_count};
use crate::error::{Error, Result};
use crate::packet::{Packet, PacketContext, Recipient, SECRET_PACKET_LEN};

/// Length of an entry, bytes.
pub const ENTRY_LEN: usize = 1 + 32 + 4 + SECRET_PACKET_LEN;
/// Most entries of a head or keyring, the folder or owner included. Above that, grant to a team.
pub const MAX_RECIPIENTS: usize = 800;

/// What a recipient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RecipientKind {
    /// A folder's epoch key; the version is the epoch.
    Folder = 0,
    /// The owner's own key; the version is its key version.
    Owner = 1,
    /// A reader's own key; the version is its key version.
    Reader = 2,
}

impl RecipientKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            RecipientKind::Folder => "folder",
            RecipientKind::Owner => "owner",
            RecipientKind::Reader => "reader",
        }
    }
}

/// One entry: whom, and the sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the recipient is.
    pub kind: RecipientKind,
    /// Its address.
    pub address: Address32,
    /// Its epoch or key version.
    pub version: u32,
    /// The secret, sealed to it.
    pub packet: Packet,
}

impl Entry {
    /// Seals `secret` to `recipient`.
    pub(crate) fn seal(
        kind: RecipientKind,
        recipient: &Recipient,
        context: PacketContext,
        secret: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<Self> {
        let context = PacketContext { recipient: recipient.profile, ..context };
        let packet = context.seal(&recipient.key, secret, rng)?;
        Ok(Entry { kind, address: recipient.profile, version: recipient.key_version, packet })
    }
}

/// Entries for all `readers`, in order of address.
pub(crate) fn seal_readers(
    readers: &[Recipient],
    context: PacketContext,
    secret: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<Vec<Entry>> {
    check_count("list of recipients", readers.len() + 1, MAX_RECIPIENTS)?;
    let mut ordered: Vec<&Recipient> = readers.iter().collect();
    ordered.sort_by_key(|reader| reader.profile);
    ordered
        .iter()
        .map(|reader| Entry::seal(RecipientKind::Reader, reader, context, secret, rng))
        .collect()
}

/// SPEC §7.2: one first entry that is not a reader, then readers, ascending; and nobody twice.
pub(crate) fn check_order(what: &'static str, entries: &[Entry]) -> Result<()> {
    check_count("list of recipients", entries.len(), MAX_RECIPIENTS)?;
    let invalid = || Error::FieldInvalid { what, field: "order of recipients" };
    let (first, readers) = entries.split_first().ok_or_else(invalid)?;
    if first.kind == RecipientKind::Reader
        || readers.iter().any(|entry| entry.kind != RecipientKind::Reader)
    {
        return Err(invalid());
    }
    if readers.iter().any(|reader| reader.address == first.address) {
        return Err(Error::RecipientRepeated);
    }
    for pair in readers.windows(2) {
        match pair[0].address.cmp(&pair[1].address) {
            core::cmp::Ordering::Less => {}
            core::cmp::Ordering::Equal => return Err(Error::RecipientRepeated),
            core::cmp::Ordering::Greater => return Err(invalid()),
        }
    }
    Ok(())
}

pub(crate) fn write(w: &mut Writer, entries: &[Entry]) {
    w.u16(entries.len() as u16);
    for entry in entries {
        w.u8(entry.kind as u8)
            .bytes(&entry.address)
            .u32(entry.version)
            .bytes(entry.packet.as_bytes());
    }
}

pub(crate) fn read(what: &'static str, r: &mut Reader) -> Result<Vec<Entry>> {
    let count = usize::from(r.u16()?);
    check_count("list of recipients", count, MAX_RECIPIENTS)?;
    if r.rest_len() < count * ENTRY_LEN {
        return Err(Error::Truncated);
    }
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let kind = match r.u8()? {
            0 => RecipientKind::Folder,
            1 => RecipientKind::Owner,
            2 => RecipientKind::Reader,
            _ => return Err(Error::FieldInvalid { what, field: "kind of a recipient" }),
        };
        let (address, version) = (r.array()?, r.u32()?);
        entries.push(Entry {
            kind,
            address,
            version,
            packet: Packet::decode(r.bytes(SECRET_PACKET_LEN)?)?,
        });
    }
    check_order(what, &entries)?;
    Ok(entries)
}

/// The entry of one recipient.
///
/// # Errors
/// [`Error::NotListed`]; [`Error::OtherVersion`] when it was sealed to another version of the recipient's key.
pub(crate) fn find<'e>(
    what: &'static str,
    entries: &'e [Entry],
    kinds: &[RecipientKind],
    address: &Address32,
    version: u32,
) -> Result<&'e Entry> {
    let listed = |entry: &&Entry| kinds.contains(&entry.kind) && entry.address == *address;
    let entry = entries.iter().find(listed).ok_or(Error::NotListed)?;
    if entry.version != version {
        let field = if entry.kind == RecipientKind::Folder { "epoch" } else { "key version" };
        return Err(Error::OtherVersion { what, field, found: entry.version, expected: version });
    }
    Ok(entry)
}
