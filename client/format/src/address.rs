//! Addresses of blobs: a digest and a length, from which the shape on IPFS follows (SPEC §5).
//!
//! Up to [`BLOCK_LEN`] bytes a blob is one raw block. Above that its root is the dag-pb node that `ipfs add` makes
//! with the profile `unixfs-v1-2025` (IPIP-499): raw leaves of 1 MiB, at most 1024 links in a node, balanced, so all
//! leaves are equally deep. For one length there is exactly one shape, and readers accept no other: [`Branch`] says
//! which bytes a block must hold, and [`Branch::children`] compares a node with the one that its length prescribes.
//!
//! Hashing and tree are apart, so a caller may hash leaves on several threads ([`leaf_digest`]) and hand their digests
//! over in order ([`TreeBuilder`]); [`AddressBuilder`] does both for a stream of bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use sha2::{Digest, Sha256};

pub use crate::cid::{CID_LEN, Cid, Codec};
use crate::error::{Error, Result};
use crate::node;
pub use crate::node::MAX_LINKS;

/// Length of a leaf, bytes: every leaf of a blob but the last one.
pub const BLOCK_LEN: u64 = 1 << 20;
/// Longest blob that has an address here, bytes (8 PiB, above the 4 PiB of a Cobblestone message).
pub const MAX_BLOB_LEN: u64 = 1 << 53;

/// What the chain stores of a blob: the digest of its root block and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobAddress {
    /// SHA-256 of the root block (of the whole blob, up to [`BLOCK_LEN`]).
    pub digest: [u8; 32],
    /// Length of the blob, bytes.
    pub len: u64,
}

impl BlobAddress {
    /// The address of a blob held in memory.
    pub fn of(blob: &[u8]) -> Self {
        let mut builder = AddressBuilder::new();
        builder.push(blob, |_| ());
        builder.finish(|_| ())
    }

    /// Whether the blob is one raw block.
    pub fn is_raw(&self) -> bool {
        self.len <= BLOCK_LEN
    }

    /// The root block's identifier.
    pub fn cid(&self) -> Cid {
        let codec = if self.is_raw() { Codec::Raw } else { Codec::DagPb };
        Cid { codec, digest: self.digest }
    }

    /// The root block's identifier as text.
    pub fn cid_string(&self) -> String {
        self.cid().text()
    }

    /// The root block: where a reader starts.
    ///
    /// # Errors
    /// [`Error::TooLong`] above [`MAX_BLOB_LEN`].
    pub fn root(&self) -> Result<Branch> {
        check_len(self.len)?;
        Ok(Branch { cid: self.cid(), offset: 0, len: self.len, height: node::height(self.len) })
    }

    /// Checks that `blob` has this address.
    ///
    /// # Errors
    /// [`Error::BlockMismatch`] when it has not.
    pub fn verify(&self, blob: &[u8]) -> Result<()> {
        if blob.len() as u64 == self.len && BlobAddress::of(blob) == *self {
            Ok(())
        } else {
            Err(Error::BlockMismatch { expected: self.cid_string() })
        }
    }
}

/// One block of a blob, and the bytes of the blob below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The block's identifier.
    pub cid: Cid,
    /// Where its bytes start in the blob.
    pub offset: u64,
    /// How many bytes of the blob it covers.
    pub len: u64,
    /// Levels of nodes from here down: 0 for a leaf. It follows from the blob's length, not from this branch's, because all
    /// leaves are equally deep.
    pub height: u32,
}

impl Branch {
    /// Whether the block holds bytes of the blob, not links.
    pub fn is_leaf(&self) -> bool {
        self.height == 0
    }

    /// The bytes of the blob that it covers.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.len)
    }

    /// Checks the bytes of a leaf.
    ///
    /// # Errors
    /// [`Error::BlockMismatch`] for other bytes or another length; [`Error::NodeShape`] if this is not a leaf.
    pub fn verify_leaf(&self, block: &[u8]) -> Result<()> {
        if !self.is_leaf() {
            return Err(Error::NodeShape { cid: self.cid.text() });
        }
        if block.len() as u64 != self.len {
            return Err(Error::BlockMismatch { expected: self.cid.text() });
        }
        self.cid.verify_block(block)
    }

    /// Checks a node and gives the blocks that it links to, in the order of the blob.
    ///
    /// # Errors
    /// [`Error::BlockMismatch`] for other bytes; [`Error::NodeShape`] for a node that this length does not have.
    pub fn children(&self, block: &[u8]) -> Result<Vec<Branch>> {
        let shape = || Error::NodeShape { cid: self.cid.text() };
        if self.is_leaf() || self.cid.codec != Codec::DagPb {
            return Err(shape());
        }
        // SPEC §5.3: the hash first, then the shape; a node with the right hash may still be of a hostile writer.
        self.cid.verify_block(block)?;
        node::decode(self, block).ok_or_else(shape)
    }
}

/// A node that links to other blocks, to be stored beside the leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The node's identifier.
    pub cid: Cid,
    /// The node's bytes.
    pub bytes: Vec<u8>,
}

/// SHA-256 of a leaf: what [`TreeBuilder::push_leaf`] takes.
pub fn leaf_digest(leaf: &[u8]) -> [u8; 32] {
    Sha256::digest(leaf).into()
}

/// Makes an address from the digests of the leaves, in order. Memory grows by one link per level and node in work.
pub struct TreeBuilder {
    // levels[h] holds the finished children, of height h, of the node of height h + 1 in work.
    levels: Vec<Vec<node::Link>>,
    leaves: u64,
    len: u64,
    first: Option<[u8; 32]>,
}

impl Default for TreeBuilder {
    fn default() -> Self {
        TreeBuilder::new()
    }
}

impl TreeBuilder {
    /// A builder without leaves.
    pub fn new() -> Self {
        TreeBuilder { levels: Vec::new(), leaves: 0, len: 0, first: None }
    }

    /// Adds the next leaf: its digest and its length (all of [`BLOCK_LEN`] but the last). Nodes that became complete go to
    /// `sink`.
    ///
    /// # Errors
    /// [`Error::BufferLength`] for a leaf of a wrong length, or one after a short leaf; [`Error::TooLong`] above
    /// [`MAX_BLOB_LEN`].
    pub fn push_leaf(
        &mut self,
        digest: [u8; 32],
        len: usize,
        mut sink: impl FnMut(Node),
    ) -> Result<()> {
        let aligned = self.len.is_multiple_of(BLOCK_LEN);
        if !aligned || len as u64 > BLOCK_LEN || (len == 0 && self.leaves > 0) {
            return Err(Error::BufferLength { what: "a leaf", len, expected: BLOCK_LEN as usize });
        }
        check_len(self.len + len as u64)?;
        self.first.get_or_insert(digest);
        self.len += len as u64;
        self.leaves += 1;
        let leaf = node::Link {
            cid: Cid { codec: Codec::Raw, digest },
            len: len as u64,
            size: len as u64,
        };
        self.push_link(0, leaf, &mut sink);
        Ok(())
    }

    /// Closes the tree and gives the address. Without a leaf it is the address of the empty blob.
    pub fn finish(mut self, mut sink: impl FnMut(Node)) -> BlobAddress {
        let Some(first) = self.first else {
            return BlobAddress { digest: leaf_digest(&[]), len: 0 };
        };
        if self.leaves == 1 {
            return BlobAddress { digest: first, len: self.len };
        }
        // Every level below the top is closed, even over one link, because all leaves are equally deep.
        let mut height = 0;
        loop {
            let level = core::mem::take(&mut self.levels[height]);
            if height + 1 == self.levels.len() && level.len() == 1 {
                return BlobAddress { digest: level[0].cid.digest, len: self.len };
            }
            let (link, node) = node::encode(&level);
            sink(node);
            height += 1;
            self.push_link(height, link, &mut sink);
        }
    }

    /// Adds a link at a height; a full level is closed only when one more link comes, so the last full one can be the root.
    fn push_link(&mut self, mut height: usize, mut link: node::Link, sink: &mut impl FnMut(Node)) {
        loop {
            if self.levels.len() == height {
                self.levels.push(Vec::new());
            }
            let level = &mut self.levels[height];
            if level.len() < MAX_LINKS {
                return level.push(link);
            }
            let (full, node) = node::encode(level);
            level.clear();
            level.push(link);
            sink(node);
            link = full;
            height += 1;
        }
    }
}

/// Makes an address from a stream of bytes.
#[derive(Default)]
pub struct AddressBuilder {
    tree: TreeBuilder,
    hasher: Sha256,
    filled: usize,
}

impl AddressBuilder {
    /// A builder for an empty blob.
    pub fn new() -> Self {
        AddressBuilder::default()
    }

    /// Adds bytes. Nodes that became complete go to `sink`; leaves are the caller's own bytes.
    ///
    /// # Panics
    /// Above [`MAX_BLOB_LEN`], which no stream reaches.
    pub fn push(&mut self, mut bytes: &[u8], mut sink: impl FnMut(Node)) {
        while !bytes.is_empty() {
            if self.filled == BLOCK_LEN as usize {
                self.close_leaf(&mut sink);
            }
            let take = bytes.len().min(BLOCK_LEN as usize - self.filled);
            self.hasher.update(&bytes[..take]);
            self.filled += take;
            bytes = &bytes[take..];
        }
    }

    /// Closes the blob and gives its address.
    pub fn finish(mut self, mut sink: impl FnMut(Node)) -> BlobAddress {
        if self.filled > 0 {
            self.close_leaf(&mut sink);
        }
        self.tree.finish(sink)
    }

    fn close_leaf(&mut self, sink: impl FnMut(Node)) {
        let digest = core::mem::take(&mut self.hasher).finalize().into();
        let len = core::mem::take(&mut self.filled);
        // The builder cuts at BLOCK_LEN itself, so only the total length could be refused.
        self.tree.push_leaf(digest, len, sink).expect("a stream stays below 8 PiB");
    }
}

fn check_len(len: u64) -> Result<()> {
    if len > MAX_BLOB_LEN {
        return Err(Error::TooLong { what: "blob", len, max: MAX_BLOB_LEN });
    }
    Ok(())
}
