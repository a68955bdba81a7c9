//! Addresses of blobs: while they are made, and while they are read block by block.

use aceso_format::BlobAddress;
use aceso_format::address::{self, Branch, Cid, Node};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;

use crate::value::{Bytes32, Result, fixed, from_js, length, refuse, to_js};

#[derive(Serialize)]
struct NodeValue {
    cid: String,
    bytes: ByteBuf,
}

#[derive(Serialize)]
struct AddressValue {
    digest: Bytes32,
    len: u64,
    cid: String,
    /// Inner nodes that became complete last; to be stored beside the leaves.
    nodes: Vec<NodeValue>,
}

#[derive(Serialize, Deserialize)]
struct BranchValue {
    cid: String,
    offset: u64,
    len: u64,
    height: u32,
}

impl BranchValue {
    fn of(branch: &Branch) -> Self {
        BranchValue {
            cid: branch.cid.text(),
            offset: branch.offset,
            len: branch.len,
            height: branch.height,
        }
    }

    fn parse(&self) -> Result<Branch> {
        let cid: Cid = self.cid.parse().map_err(refuse)?;
        Ok(Branch { cid, offset: self.offset, len: self.len, height: self.height })
    }
}

fn value(address: BlobAddress, nodes: Vec<Node>) -> Result<JsValue> {
    let nodes = nodes_value(nodes);
    to_js(&AddressValue {
        digest: address.digest.into(),
        len: address.len,
        cid: address.cid_string(),
        nodes,
    })
}

fn nodes_value(nodes: Vec<Node>) -> Vec<NodeValue> {
    nodes
        .into_iter()
        .map(|node| NodeValue { cid: node.cid.text(), bytes: ByteBuf::from(node.bytes) })
        .collect()
}

/// Address of a blob held in memory: `{ digest, len, cid, nodes }`.
#[wasm_bindgen(js_name = addressOf)]
pub fn address_of(blob: &[u8]) -> Result<JsValue> {
    let mut nodes = Vec::new();
    let mut builder = address::AddressBuilder::new();
    builder.push(blob, |node| nodes.push(node));
    let address = builder.finish(|node| nodes.push(node));
    value(address, nodes)
}

/// CID text of an address.
#[wasm_bindgen(js_name = addressCid)]
pub fn address_cid(digest: &[u8], len: f64) -> Result<String> {
    Ok(BlobAddress { digest: fixed("a digest", digest)?, len: length(len)? }.cid_string())
}

/// Where a reader starts: `{ cid, offset, len, height }`.
#[wasm_bindgen(js_name = branchRoot)]
pub fn branch_root(digest: &[u8], len: f64) -> Result<JsValue> {
    let address = BlobAddress { digest: fixed("a digest", digest)?, len: length(len)? };
    to_js(&BranchValue::of(&address.root().map_err(refuse)?))
}

/// Checks a node (`height > 0`) and gives its children, in the order of the blob.
#[wasm_bindgen(js_name = branchChildren)]
pub fn branch_children(branch: JsValue, block: &[u8]) -> Result<JsValue> {
    let branch = from_js::<BranchValue>(branch)?.parse()?;
    let children = branch.children(block).map_err(refuse)?;
    to_js(&children.iter().map(BranchValue::of).collect::<Vec<_>>())
}

/// Checks a leaf (`height` 0).
#[wasm_bindgen(js_name = branchVerifyLeaf)]
pub fn branch_verify_leaf(branch: JsValue, block: &[u8]) -> Result<()> {
    from_js::<BranchValue>(branch)?.parse()?.verify_leaf(block).map_err(refuse)
}

/// Address of a stream.
#[wasm_bindgen]
#[derive(Default)]
pub struct AddressBuilder(address::AddressBuilder);

#[wasm_bindgen]
impl AddressBuilder {
    /// For an empty blob.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        AddressBuilder::default()
    }

    /// Adds bytes; gives the nodes that became complete, `[{ cid, bytes }]`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<JsValue> {
        let mut nodes = Vec::new();
        self.0.push(bytes, |node| nodes.push(node));
        to_js(&nodes_value(nodes))
    }

    /// Closes it: `{ digest, len, cid, nodes }`.
    pub fn finish(self) -> Result<JsValue> {
        let mut nodes = Vec::new();
        let address = self.0.finish(|node| nodes.push(node));
        value(address, nodes)
    }
}

/// Address from the SHA-256 digests of 1 MiB leaves (WebCrypto hashes them fast, on many workers).
#[wasm_bindgen]
#[derive(Default)]
pub struct TreeBuilder(address::TreeBuilder);

#[wasm_bindgen]
impl TreeBuilder {
    /// Without leaves.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        TreeBuilder::default()
    }

    /// Adds the next leaf; gives the nodes that became complete.
    #[wasm_bindgen(js_name = pushLeaf)]
    pub fn push_leaf(&mut self, digest: &[u8], len: usize) -> Result<JsValue> {
        let mut nodes = Vec::new();
        self.0
            .push_leaf(fixed("a digest", digest)?, len, |node| nodes.push(node))
            .map_err(refuse)?;
        to_js(&nodes_value(nodes))
    }

    /// Closes it: `{ digest, len, cid, nodes }`.
    pub fn finish(self) -> Result<JsValue> {
        let mut nodes = Vec::new();
        let address = self.0.finish(|node| nodes.push(node));
        value(address, nodes)
    }
}
