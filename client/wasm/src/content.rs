//! Content: chunks sealed and opened here, or their keys and padding for WebCrypto, which is several times faster.

use aceso_format::cobblestone::{CHUNK_LEN, MessageKey, SEALED_CHUNK_LEN, TAG_LEN};
use aceso_format::content::{self, ContentLayout, PREFIX_LEN};
use aceso_format::engine::RustCrypto;
use aceso_format::key::ContentKey;
use aceso_format::padding;
use serde::Serialize;
use serde_bytes::{ByteArray, ByteBuf};
use wasm_bindgen::prelude::*;

use crate::value::{Bytes32, Result, fixed, length, refuse, rng, to_js};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LayoutValue {
    content_len: u64,
    padded_len: u64,
    sealed_len: u64,
    chunks: u64,
    chunk_len: usize,
    sealed_chunk_len: usize,
    prefix_len: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RangeValue {
    sealed_start: u64,
    sealed_end: u64,
    first_chunk: u64,
    skip: usize,
    take: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeysValue {
    /// AES-256-GCM key.
    key: Bytes32,
    /// Chunk `k` has this nonce XOR `k` as a big-endian number.
    base_nonce: ByteArray<12>,
    /// The first 72 bytes of the blob: header, salt, commitment.
    prefix: ByteBuf,
}

/// Every length that follows from the content's.
#[wasm_bindgen(js_name = contentLayout)]
pub fn content_layout(content_len: f64) -> Result<JsValue> {
    let layout = layout(content_len)?;
    to_js(&LayoutValue {
        content_len: layout.content_len(),
        padded_len: layout.padded_len(),
        sealed_len: layout.sealed_len(),
        chunks: layout.chunks(),
        chunk_len: CHUNK_LEN,
        sealed_chunk_len: SEALED_CHUNK_LEN,
        prefix_len: PREFIX_LEN,
    })
}

/// What to fetch for content bytes `start..end`, and where they are in it.
#[wasm_bindgen(js_name = contentRange)]
pub fn content_range(content_len: f64, start: f64, end: f64) -> Result<JsValue> {
    let range = layout(content_len)?.range(length(start)?..length(end)?).map_err(refuse)?;
    to_js(&RangeValue {
        sealed_start: range.sealed.start,
        sealed_end: range.sealed.end,
        first_chunk: range.first_chunk,
        skip: range.skip,
        take: range.take,
    })
}

/// Keys of new content, for WebCrypto. One call, one content: its salt must not serve two.
#[wasm_bindgen(js_name = contentSealKeys)]
pub fn content_seal_keys(record: &[u8], key: &[u8]) -> Result<JsValue> {
    let key = ContentKey::from_bytes(fixed("a content key", key)?);
    let (keys, prefix) = content::sealing_key(&fixed("a record", record)?, &key, &mut rng());
    keys_value(&keys, &prefix)
}

/// Keys of stored content, from its first 72 bytes, for WebCrypto. The commitment is checked.
#[wasm_bindgen(js_name = contentOpenKeys)]
pub fn content_open_keys(record: &[u8], key: &[u8], prefix: &[u8]) -> Result<JsValue> {
    let key = ContentKey::from_bytes(fixed("a content key", key)?);
    let prefix = fixed("a prefix", prefix)?;
    let keys = content::opening_key(&fixed("a record", record)?, &key, &prefix).map_err(refuse)?;
    keys_value(&keys, &prefix)
}

/// The plaintext of chunk `index`, padded, from its content bytes; to be sealed by WebCrypto.
#[wasm_bindgen(js_name = chunkPad)]
pub fn chunk_pad(content_len: f64, index: f64, content: &[u8]) -> Result<Vec<u8>> {
    let (layout, index) = (layout(content_len)?, length(index)?);
    let (mut chunk, _) = slot(&layout, index, content)?;
    chunk.truncate(chunk.len() - TAG_LEN);
    padding::fill(layout.content_len(), layout.padded_len(), index * CHUNK_LEN as u64, &mut chunk);
    Ok(chunk)
}

/// The content bytes of chunk `index`, whose plaintext WebCrypto opened; checks the padding.
#[wasm_bindgen(js_name = chunkUnpad)]
pub fn chunk_unpad(content_len: f64, index: f64, plaintext: &[u8]) -> Result<Vec<u8>> {
    let (layout, index) = (layout(content_len)?, length(index)?);
    let part = layout.chunk(index).map_err(refuse)?;
    let expected = (part.sealed.end - part.sealed.start) as usize - TAG_LEN;
    if plaintext.len() != expected {
        return Err(refuse(aceso_format::Error::Truncated));
    }
    padding::check(layout.content_len(), layout.padded_len(), index * CHUNK_LEN as u64, plaintext)
        .map_err(refuse)?;
    Ok(plaintext[..(part.content.end - part.content.start) as usize].to_vec())
}

/// Seals and opens chunks in WASM.
#[wasm_bindgen]
pub struct ContentCipher(content::ContentCipher<RustCrypto>);

#[wasm_bindgen]
impl ContentCipher {
    /// For new content of a known length.
    pub fn sealing(record: &[u8], key: &[u8], content_len: f64) -> Result<ContentCipher> {
        let key = ContentKey::from_bytes(fixed("a content key", key)?);
        let record = fixed("a record", record)?;
        let cipher = content::ContentCipher::sealing_with_engine(
            &record,
            &key,
            length(content_len)?,
            &mut rng(),
        );
        Ok(ContentCipher(cipher.map_err(refuse)?))
    }

    /// For stored content, from its first 72 bytes and the length that the manifest says.
    pub fn opening(
        record: &[u8],
        key: &[u8],
        content_len: f64,
        prefix: &[u8],
    ) -> Result<ContentCipher> {
        let key = ContentKey::from_bytes(fixed("a content key", key)?);
        let record = fixed("a record", record)?;
        // What is too short for a prefix is a blob that was cut.
        let prefix = prefix.try_into().map_err(|_| refuse(aceso_format::Error::Truncated))?;
        let cipher = content::ContentCipher::opening_with_engine(
            &record,
            &key,
            length(content_len)?,
            &prefix,
        );
        Ok(ContentCipher(cipher.map_err(refuse)?))
    }

    /// The first 72 bytes of the blob.
    #[wasm_bindgen(getter)]
    pub fn prefix(&self) -> Vec<u8> {
        self.0.prefix().to_vec()
    }

    /// Seals chunk `index` from its content bytes (empty for a chunk of padding only).
    #[wasm_bindgen(js_name = sealChunk)]
    pub fn seal_chunk(&self, index: f64, content: &[u8]) -> Result<Vec<u8>> {
        let index = length(index)?;
        let (mut slot, _) = slot(self.0.layout(), index, content)?;
        self.0.seal_slot(index, &mut slot).map_err(refuse)?;
        Ok(slot)
    }

    /// Opens chunk `index` and gives its content bytes.
    #[wasm_bindgen(js_name = openChunk)]
    pub fn open_chunk(&self, index: f64, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut slot = sealed.to_vec();
        Ok(self.0.open_slot(length(index)?, &mut slot).map_err(refuse)?.to_vec())
    }
}

/// Seals content held in memory.
#[wasm_bindgen(js_name = contentSeal)]
pub fn content_seal(record: &[u8], key: &[u8], content: &[u8]) -> Result<Vec<u8>> {
    let key = ContentKey::from_bytes(fixed("a content key", key)?);
    content::seal(&fixed("a record", record)?, &key, content, &mut rng()).map_err(refuse)
}

/// Opens content held in memory.
#[wasm_bindgen(js_name = contentOpen)]
pub fn content_open(record: &[u8], key: &[u8], content_len: f64, blob: &[u8]) -> Result<Vec<u8>> {
    let key = ContentKey::from_bytes(fixed("a content key", key)?);
    let opened = content::open(&fixed("a record", record)?, &key, length(content_len)?, blob)
        .map_err(refuse)?;
    Ok(opened.to_vec())
}

fn layout(content_len: f64) -> Result<ContentLayout> {
    ContentLayout::of(length(content_len)?).map_err(refuse)
}

fn keys_value(keys: &MessageKey, prefix: &[u8; PREFIX_LEN]) -> Result<JsValue> {
    to_js(&KeysValue {
        key: (*keys.key()).into(),
        base_nonce: (*keys.base_nonce()).into(),
        prefix: ByteBuf::from(prefix.to_vec()),
    })
}

/// A slot for chunk `index` with its content bytes at the front.
fn slot(layout: &ContentLayout, index: u64, content: &[u8]) -> Result<(Vec<u8>, bool)> {
    let part = layout.chunk(index).map_err(refuse)?;
    let expected = (part.content.end - part.content.start) as usize;
    if content.len() != expected {
        let what = "the content of a chunk";
        return Err(refuse(aceso_format::Error::BufferLength {
            what,
            len: content.len(),
            expected,
        }));
    }
    let mut slot = content.to_vec();
    slot.resize((part.sealed.end - part.sealed.start) as usize, 0);
    Ok((slot, part.last))
}
