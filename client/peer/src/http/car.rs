//! A DAG as CARv1 (ipld.io/specs/transport/car/carv1): the root, then its blocks depth first, as a trustless gateway sends
//! them.

use std::collections::VecDeque;

use aceso_format::{
    BlobAddress,
    address::{BLOCK_LEN, Branch, CID_LEN, Node},
};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream;

use crate::storage::{ByteStream, Storage, StorageError};

/// How much of a DAG is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    /// The root block alone.
    Block,
}

/// `{"roots": [cid], "version": 1}` in DAG-CBOR, with its length before it.
fn header(object: &BlobAddress) -> Bytes {
    let mut cbor = BytesMut::new();
    cbor.put_slice(b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00");
    cbor.put_slice(&object.cid().to_bytes());
    cbor.put_slice(b"\x67version\x01");
    let mut header = BytesMut::new();
    put_varint(&mut header, cbor.len() as u64);
    header.put(cbor);
    header.freeze()
}

fn section_head(cid: &[u8; CID_LEN], len: u64) -> BytesMut {
    let mut head = BytesMut::new();
    put_varint(&mut head, CID_LEN as u64 + len);
    head.put_slice(cid);
    head
}

fn put_varint(bytes: &mut BytesMut, mut number: u64) {
    while number >= 0x80 {
        bytes.put_u8(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.put_u8(number as u8);
}

enum Part {
    Bytes(Bytes),
    /// A leaf, from storage.
    Leaf(Branch),
}

/// The parts of an object's CAR, and its length. Nodes are few; leaves are read when their turn comes.
fn parts(
    object: &BlobAddress,
    nodes: &[Node],
    scope: Scope,
) -> aceso_format::Result<(VecDeque<Part>, u64)> {
    let mut parts = VecDeque::from([Part::Bytes(header(object))]);
    let mut ahead = vec![object.root()?];
    while let Some(branch) = ahead.pop() {
        let cid = branch.cid.to_bytes();
        if branch.is_leaf() {
            parts.push_back(Part::Bytes(section_head(&cid, branch.len).freeze()));
            parts.push_back(Part::Leaf(branch));
            continue;
        }
        let found = nodes.iter().find(|node| node.cid == branch.cid);
        let node = found.ok_or(aceso_format::Error::NodeShape { cid: branch.cid.text() })?;
        let mut section = section_head(&cid, node.bytes.len() as u64);
        section.put_slice(&node.bytes);
        parts.push_back(Part::Bytes(section.freeze()));
        if scope == Scope::All {
            ahead.extend(branch.children(&node.bytes)?.into_iter().rev());
        }
    }
    let len = parts.iter().map(|part| match part {
        Part::Bytes(bytes) => bytes.len() as u64,
        Part::Leaf(branch) => branch.len,
    });
    let len = len.sum();
    Ok((parts, len))
}

/// The CAR as a stream, and how long it is.
pub fn stream(
    storage: std::sync::Arc<dyn Storage>,
    object: BlobAddress,
    nodes: &[Node],
    scope: Scope,
) -> aceso_format::Result<(ByteStream, u64)> {
    let (parts, len) = parts(&object, nodes, scope)?;
    let state = (storage, parts);
    let stream = stream::try_unfold(state, move |(storage, mut parts)| async move {
        let bytes = match parts.pop_front() {
            None => return Ok::<_, StorageError>(None),
            Some(Part::Bytes(bytes)) => bytes,
            Some(Part::Leaf(branch)) => {
                debug_assert!(branch.len <= BLOCK_LEN);
                storage.read_all(&object, branch.range()).await?.into()
            }
        };
        Ok(Some((bytes, (storage, parts))))
    });
    Ok((Box::pin(stream), len))
}
