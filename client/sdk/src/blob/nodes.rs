use std::io::{self, Read, Seek, SeekFrom};

use aceso_format::address::{Cid, Node};

/// An entry of the index: digest, where the node starts behind the blob, its length.
const ENTRY_LEN: usize = 32 + 8 + 4;
/// Nodes of a petabyte: what an index of a damaged file may claim at most.
const MOST_NODES: u32 = 1 << 20;
const MOST_NODE_LEN: u32 = 128 << 10;

/// What stands behind a blob's bytes in its file: its nodes, an index of them, the number of
/// entries. Nothing at all behind a blob of one block.
#[derive(Default)]
pub(super) struct Tail {
    nodes: Vec<u8>,
    index: Vec<u8>,
    count: u32,
}

impl Tail {
    pub fn push(&mut self, node: Node) {
        self.index.extend_from_slice(&node.cid.digest);
        self.index.extend_from_slice(&(self.nodes.len() as u64).to_le_bytes());
        self.index.extend_from_slice(&(node.bytes.len() as u32).to_le_bytes());
        self.nodes.extend_from_slice(&node.bytes);
        self.count += 1;
    }

    pub fn into_bytes(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.nodes.append(&mut self.index);
            self.nodes.extend_from_slice(&self.count.to_le_bytes());
        }
        self.nodes
    }
}

/// The bytes of a node, unverified. A tail that makes no sense is an unexpected end, like a file
/// cut short.
pub(super) fn find<F: Read + Seek>(file: &mut F, blob_len: u64, cid: &Cid) -> io::Result<Vec<u8>> {
    let mut count = [0; 4];
    let end = file.seek(SeekFrom::End(-(count.len() as i64))).map_err(|_| cut_short())?;
    file.read_exact(&mut count)?;
    let count = u32::from_le_bytes(count);
    let index_len = u64::from(count) * ENTRY_LEN as u64;
    if count > MOST_NODES || end < blob_len + index_len {
        return Err(cut_short());
    }
    file.seek(SeekFrom::Start(end - index_len))?;
    let mut index = vec![0; index_len as usize];
    file.read_exact(&mut index)?;
    let entry = index
        .as_chunks::<ENTRY_LEN>()
        .0
        .iter()
        .find(|entry| entry[..32] == cid.digest)
        .ok_or_else(cut_short)?;
    let (start, len) = (u64_at(&entry[32..40]), u64_at(&entry[40..44]));
    if start > end - blob_len || len > u64::from(MOST_NODE_LEN) {
        return Err(cut_short());
    }
    file.seek(SeekFrom::Start(blob_len + start))?;
    let mut node = vec![0; len as usize];
    file.read_exact(&mut node)?;
    Ok(node)
}

fn u64_at(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn cut_short() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
