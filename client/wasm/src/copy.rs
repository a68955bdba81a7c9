//! Copies of a lease: masks, packs, and the proof tree over what is stored.

use aceso_format::copy;
use aceso_format::key::{ContentKey, MaskKey, ReplicaSecret};
use aceso_format::mask::Mask;
use aceso_format::pack::PackTable;
use aceso_format::proof_tree::{self, HASH_LEN};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::value::{Bytes32, Result, fixed, length, refuse, to_js, wrong};

#[derive(Serialize)]
struct CopyValue {
    digest: Bytes32,
    len: u64,
    cid: String,
    root: Bytes32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryValue {
    record: Bytes32,
    /// Where its masked content starts in the pack; the head follows it.
    offset: u64,
    content_len: u64,
    head_len: u32,
}

#[derive(Serialize)]
struct PackValue {
    folder: Bytes32,
    records: Vec<EntryValue>,
}

/// AES-256 key of a record's mask in a lease, from the content key in its manifest. For [`mask_apply`], or for WebCrypto:
/// AES-CTR, `length` 128, the counter 16 bytes big-endian, of byte offset / 16.
#[wasm_bindgen(js_name = maskKey)]
pub fn mask_key(content_key: &[u8], lease: &[u8], record: &[u8]) -> Result<Vec<u8>> {
    let content_key = ContentKey::from_bytes(fixed("a content key", content_key)?);
    let secret = ReplicaSecret::of(&content_key);
    let key = MaskKey::of(&secret, &fixed("a lease", lease)?, &fixed("a record", record)?);
    Ok(key.expose().to_vec())
}

/// Masks or unmasks bytes of content, as it is stored, from `offset` on.
#[wasm_bindgen(js_name = maskApply)]
pub fn mask_apply(mask_key: &[u8], offset: f64, bytes: &[u8]) -> Result<Vec<u8>> {
    let (mask, offset) = (mask(mask_key)?, length(offset)?);
    let mut bytes = bytes.to_vec();
    mask.apply(offset, &mut bytes);
    Ok(bytes)
}

/// Root of the proof tree over bytes held in memory.
#[wasm_bindgen(js_name = proofRoot)]
pub fn proof_root(stored: &[u8]) -> Result<Vec<u8>> {
    Ok(proof_tree::root(stored).map_err(refuse)?.to_vec())
}

/// Throws `ProofForged` unless the root stands for these bytes and their length.
#[wasm_bindgen(js_name = proofVerifyStored)]
pub fn proof_verify_stored(root: &[u8], stored: &[u8]) -> Result<()> {
    proof_tree::verify_stored(&fixed("a root", root)?, stored).map_err(refuse)
}

/// Throws `ProofForged` or `ProofShape` unless this is leaf `index` of the `len` stored bytes; `path` is its hashes, one after
/// the other.
#[wasm_bindgen(js_name = proofVerify)]
pub fn proof_verify(root: &[u8], len: f64, index: f64, leaf: &[u8], path: &[u8]) -> Result<()> {
    let root = fixed("a root", root)?;
    let (path, rest) = path.as_chunks::<HASH_LEN>();
    if !rest.is_empty() {
        return Err(wrong("a path must be whole hashes of 32 bytes"));
    }
    proof_tree::verify(&root, length(len)?, length(index)?, leaf, path).map_err(refuse)
}

/// How many bytes of a pack to fetch for [`pack_table`], from its first 44.
#[wasm_bindgen(js_name = packTableLen)]
pub fn pack_table_len(prefix: &[u8]) -> Result<usize> {
    PackTable::table_len(prefix).map_err(refuse)
}

/// What a pack holds: `{ folder, records: [{ record, offset, contentLen, headLen }] }`, from its start and its length on the
/// chain. Throws `OtherObject` for a pack of another folder.
#[wasm_bindgen(js_name = packTable)]
pub fn pack_table(folder: &[u8], start: &[u8], pack_len: f64) -> Result<JsValue> {
    let table = PackTable::decode(start, length(pack_len)?).map_err(refuse)?;
    table.check(&fixed("a folder", folder)?).map_err(refuse)?;
    let records = table.entries().iter().map(|entry| EntryValue {
        record: entry.record.into(),
        offset: entry.offset,
        content_len: entry.content_len,
        head_len: entry.head_len,
    });
    to_js(&PackValue { folder: (*table.folder()).into(), records: records.collect() })
}

/// Makes a copy from a stream: its bytes, its address and its root.
#[wasm_bindgen]
#[derive(Default)]
pub struct CopyBuilder(copy::CopyBuilder);

#[wasm_bindgen]
impl CopyBuilder {
    /// For an empty copy.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        CopyBuilder::default()
    }

    /// Adds bytes that are stored as they are: a head, a keyring, a bundle.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes, |_| ());
    }

    /// Adds bytes of content from `offset` on, and gives them masked.
    #[wasm_bindgen(js_name = pushMasked)]
    pub fn push_masked(&mut self, mask_key: &[u8], offset: f64, bytes: &[u8]) -> Result<Vec<u8>> {
        let (mask, offset) = (mask(mask_key)?, length(offset)?);
        let mut bytes = bytes.to_vec();
        self.0.push_masked(&mask, offset, &mut bytes, |_| ());
        Ok(bytes)
    }

    /// Closes it: `{ digest, len, cid, root }`.
    pub fn finish(self) -> Result<JsValue> {
        let address = self.0.finish(|_| ()).map_err(refuse)?;
        to_js(&CopyValue {
            digest: address.blob.digest.into(),
            len: address.blob.len,
            cid: address.blob.cid_string(),
            root: address.root.into(),
        })
    }
}

fn mask(key: &[u8]) -> Result<Mask> {
    Ok(Mask::with_key(&MaskKey::from_bytes(fixed("a mask key", key)?)))
}
