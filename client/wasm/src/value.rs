//! Values between JavaScript and Rust: errors, fixed-size bytes, objects, randomness.

use aceso_format::Error;
use aceso_format::key::{SigningSeed, XWingPublic};
use aceso_format::packet::Recipient;
use aceso_format::rand_core::UnwrapErr;
use getrandom::SysRng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use wasm_bindgen::prelude::*;

pub type Result<T, E = JsValue> = core::result::Result<T, E>;
/// An address, a digest or a secret in an object.
pub type Bytes32 = ByteArray<32>;

/// Randomness of the host. Panics if it has none, which no browser or Node of today does.
pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// A JavaScript `Error` with the variant's name.
pub fn refuse(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name(error.name());
    js.into()
}

/// An argument that the caller got wrong: `TypeError`.
pub fn wrong(what: &str) -> JsValue {
    js_sys::TypeError::new(what).into()
}

pub fn fixed<const N: usize>(what: &str, bytes: &[u8]) -> Result<[u8; N]> {
    bytes
        .try_into()
        .map_err(|_| wrong(&format!("{what} must have {N} bytes, and has {}", bytes.len())))
}

pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T> {
    serde_wasm_bindgen::from_value(value).map_err(|error| wrong(&error.to_string()))
}

pub fn to_js<T: Serialize>(value: &T) -> Result<JsValue> {
    serde_wasm_bindgen::to_value(value).map_err(|error| wrong(&error.to_string()))
}

/// A length from JavaScript: a whole number up to 2^53.
pub fn length(value: f64) -> Result<u64> {
    if (0.0..=9_007_199_254_740_992.0).contains(&value) && value.fract() == 0.0 {
        return Ok(value as u64);
    }
    Err(wrong("a length must be a whole number from 0 to 2^53"))
}

/// A profile and the key that its bundle publishes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecipientValue {
    profile: Bytes32,
    key_version: u32,
    key: ByteBuf,
}

impl RecipientValue {
    pub fn parse(&self) -> Result<Recipient> {
        let key = XWingPublic::from_bytes(&self.key).map_err(refuse)?;
        Ok(Recipient { profile: *self.profile, key_version: self.key_version, key })
    }
}

pub fn recipients(values: &[RecipientValue]) -> Result<Vec<Recipient>> {
    values.iter().map(RecipientValue::parse).collect()
}

/// Who signs: profile, key version, Ed25519 seed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WriterValue {
    pub profile: Bytes32,
    pub key_version: u32,
    pub seed: Bytes32,
}

impl WriterValue {
    pub fn seed(&self) -> SigningSeed {
        SigningSeed::from_bytes(*self.seed)
    }
}

/// Whom something is sealed to, in clear: profile and key version.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedValue {
    pub profile: Bytes32,
    pub key_version: u32,
}

pub fn listed(entries: &[([u8; 32], u32)]) -> Vec<ListedValue> {
    entries
        .iter()
        .map(|(profile, key_version)| ListedValue {
            profile: (*profile).into(),
            key_version: *key_version,
        })
        .collect()
}
