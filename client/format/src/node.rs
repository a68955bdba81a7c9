//! dag-pb nodes of a file, exactly as `unixfs-v1-2025` writes them (SPEC §5.2).
//!
//! A node is a function of its children's digests and of how many bytes it covers; everything else in it (lengths,
//! cumulative sizes, order of fields) follows. So decoding is: take the digests from where they must be, make the
//! node again, compare.

use alloc::vec::Vec;

use crate::address::{BLOCK_LEN, Branch, Node};
use crate::cid::{CID_LEN, Cid, Codec};

/// Most links in a node.
pub const MAX_LINKS: usize = 1024;

const FIELD_DATA: u8 = 0x0a; // PBNode.Data, bytes
const FIELD_LINK: u8 = 0x12; // PBNode.Links, message
const LINK_HASH: u8 = 0x0a; // PBLink.Hash, bytes
const LINK_NAME: u8 = 0x12; // PBLink.Name, string, always empty
const LINK_SIZE: u8 = 0x18; // PBLink.Tsize, varint
const DATA_TYPE_FILE: [u8; 2] = [0x08, 2]; // Data.Type = File
const DATA_FILE_SIZE: u8 = 0x18; // Data.filesize, varint
const DATA_BLOCK_SIZE: u8 = 0x20; // Data.blocksizes, repeated varint, not packed

/// A child of a node in work.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub(crate) cid: Cid,
    /// Bytes of the blob below it.
    pub(crate) len: u64,
    /// Bytes of all blocks below it, its own included.
    pub(crate) size: u64,
}

/// The node over `links`, and the link to it.
pub(crate) fn encode(links: &[Link]) -> (Link, Node) {
    let len = links.iter().map(|link| link.len).sum();
    let mut bytes = Vec::with_capacity(links.len() * 64 + 16);
    for link in links {
        bytes.push(FIELD_LINK);
        put_varint(&mut bytes, link_len(link.size));
        bytes.extend_from_slice(&[LINK_HASH, CID_LEN as u8]);
        bytes.extend_from_slice(&link.cid.to_bytes());
        bytes.extend_from_slice(&[LINK_NAME, 0, LINK_SIZE]);
        put_varint(&mut bytes, link.size);
    }
    let mut data = Vec::with_capacity(links.len() * 4 + 16);
    data.extend_from_slice(&DATA_TYPE_FILE);
    data.push(DATA_FILE_SIZE);
    put_varint(&mut data, len);
    for link in links {
        data.push(DATA_BLOCK_SIZE);
        put_varint(&mut data, link.len);
    }
    bytes.push(FIELD_DATA);
    put_varint(&mut bytes, data.len() as u64);
    bytes.extend_from_slice(&data);

    let cid = Cid::of(Codec::DagPb, &bytes);
    let size = links.iter().map(|link| link.size).sum::<u64>() + bytes.len() as u64;
    (Link { cid, len, size }, Node { cid, bytes })
}

/// The children of the node at `branch`; `None` for any other shape.
pub(crate) fn decode(branch: &Branch, block: &[u8]) -> Option<Vec<Branch>> {
    let Branch { offset, len, .. } = *branch;
    let height = branch.height.checked_sub(1)?;
    // What each child, but the last, covers.
    let child_span = BLOCK_LEN.checked_mul((MAX_LINKS as u64).checked_pow(height)?)?;
    let count = usize::try_from(len.div_ceil(child_span)).ok()?;
    if !(1..=MAX_LINKS).contains(&count) {
        return None;
    }
    let codec = if height == 0 { Codec::Raw } else { Codec::DagPb };
    let full_size = tree_size(child_span, child_span);
    let mut links = Vec::with_capacity(count);
    let mut rest = block;
    for index in 0..count as u64 {
        let child_len = child_span.min(len - index * child_span);
        let size =
            if child_len == child_span { full_size } else { tree_size(child_len, child_span) };
        let body = link_len(size);
        let start = 1 + varint_len(body) as usize + 2;
        let digest = Cid::from_bytes(rest.get(start..start + CID_LEN)?).ok()?.digest;
        links.push(Link { cid: Cid { codec, digest }, len: child_len, size });
        rest = rest.get(start - 2 + body as usize..)?;
    }
    // SPEC §5.3: the node must be, byte for byte, the one that these digests and this length make.
    if encode(&links).1.bytes != block {
        return None;
    }
    let branch = |(index, link): (usize, &Link)| Branch {
        cid: link.cid,
        offset: offset + index as u64 * child_span,
        len: link.len,
        height,
    };
    Some(links.iter().enumerate().map(branch).collect())
}

/// Levels of nodes over a blob of `len` bytes.
pub(crate) fn height(len: u64) -> u32 {
    let (mut height, mut span) = (0, BLOCK_LEN);
    while span < len {
        height += 1;
        span = span.saturating_mul(MAX_LINKS as u64);
    }
    height
}

/// Size of all blocks over `len` bytes, in a tree as high as one that covers `span` bytes.
fn tree_size(len: u64, span: u64) -> u64 {
    if span == BLOCK_LEN {
        return len;
    }
    let below = span / MAX_LINKS as u64;
    let (full, last) = (len / below, len % below);
    let full_size = tree_size(below, below);
    let mut total = full * full_size;
    let mut links = full * framed(link_len(full_size));
    let mut data = 2 + 1 + varint_len(len) + full * (1 + varint_len(below));
    if last > 0 {
        let size = tree_size(last, below);
        total += size;
        links += framed(link_len(size));
        data += 1 + varint_len(last);
    }
    total += links + framed(data);
    total
}

/// Length of a link's body.
fn link_len(size: u64) -> u64 {
    2 + CID_LEN as u64 + 2 + 1 + varint_len(size)
}

/// Length of a field with its tag and length.
fn framed(len: u64) -> u64 {
    1 + varint_len(len) + len
}

fn varint_len(value: u64) -> u64 {
    u64::from((64 - value.max(1).leading_zeros()).div_ceil(7))
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
