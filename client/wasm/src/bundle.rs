//! Bundles: public keys under a wallet's signature.

use aceso_format::BlobAddress;
use aceso_format::bundle::{Bundle, BundleKeys, Expected};
use aceso_format::key::{VerifyingKey, XWingPublic};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;

use crate::value::{Bytes32, Result, fixed, from_js, refuse, to_js};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeysValue {
    genesis: Bytes32,
    program: Bytes32,
    profile: Bytes32,
    key_version: u32,
    xwing: ByteBuf,
    signing: Bytes32,
    wallet: Bytes32,
    /// The bundle before; left out for key version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<PreviousValue>,
}

#[derive(Serialize, Deserialize)]
struct PreviousValue {
    digest: Bytes32,
    len: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectedValue {
    genesis: Bytes32,
    program: Bytes32,
    profile: Bytes32,
    wallet: Bytes32,
    key_version: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BundleValue {
    keys: KeysValue,
    message: String,
    /// 12 groups of 5 digits, for people to compare.
    fingerprint: String,
    fingerprint_hex: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FormerValue {
    key_version: u32,
    signing: Bytes32,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<PreviousValue>,
}

/// The text that the wallet is to sign for these keys.
#[wasm_bindgen(js_name = bundleMessage)]
pub fn bundle_message(keys: JsValue) -> Result<String> {
    Ok(parse(keys)?.message())
}

/// The bundle of these keys with the wallet's signature of their text.
#[wasm_bindgen(js_name = bundleCreate)]
pub fn bundle_create(keys: JsValue, signature: &[u8]) -> Result<Vec<u8>> {
    let bundle = parse(keys)?.sign_with(fixed("a signature", signature)?).map_err(refuse)?;
    Ok(bundle.encode())
}

/// Checks a bundle and that it is about what is expected; gives its keys and fingerprint.
#[wasm_bindgen(js_name = bundleOpen)]
pub fn bundle_open(bytes: &[u8], expected: JsValue) -> Result<JsValue> {
    let expected: ExpectedValue = from_js(expected)?;
    let bundle = Bundle::decode(bytes).map_err(refuse)?;
    let expected = Expected {
        genesis: *expected.genesis,
        program: *expected.program,
        profile: *expected.profile,
        wallet: *expected.wallet,
        key_version: expected.key_version,
    };
    bundle.check(&expected).map_err(refuse)?;
    let keys = bundle.keys();
    to_js(&BundleValue {
        keys: KeysValue {
            genesis: keys.genesis.into(),
            program: keys.program.into(),
            profile: keys.profile.into(),
            key_version: keys.key_version,
            xwing: ByteBuf::from(keys.xwing.as_bytes().to_vec()),
            signing: (*keys.signing.as_bytes()).into(),
            wallet: keys.wallet.into(),
            previous: previous(keys.previous),
        },
        message: keys.message(),
        fingerprint: bundle.fingerprint().to_string(),
        fingerprint_hex: bundle.fingerprint().hex(),
    })
}

/// From a bundle that is vouched for (`bundleOpen` accepted it, or this function did) to the one before: what old heads
/// and keyrings are signed by. Not its X-Wing key: nothing is sealed to old keys.
#[wasm_bindgen(js_name = bundleOpenPrevious)]
pub fn bundle_open_previous(newer: &[u8], bytes: &[u8]) -> Result<JsValue> {
    let newer = Bundle::decode(newer).map_err(refuse)?;
    let former = newer.open_previous(bytes).map_err(refuse)?;
    to_js(&FormerValue {
        key_version: former.key_version(),
        signing: (*former.signing().as_bytes()).into(),
        previous: previous(former.previous()),
    })
}

fn previous(address: Option<BlobAddress>) -> Option<PreviousValue> {
    // A bundle with a longer one before it is refused when it is read.
    address
        .map(|BlobAddress { digest, len }| PreviousValue { digest: digest.into(), len: len as u32 })
}

fn parse(keys: JsValue) -> Result<BundleKeys> {
    let keys: KeysValue = from_js(keys)?;
    Ok(BundleKeys {
        genesis: *keys.genesis,
        program: *keys.program,
        profile: *keys.profile,
        key_version: keys.key_version,
        xwing: XWingPublic::from_bytes(&keys.xwing).map_err(refuse)?,
        signing: VerifyingKey::from_bytes(&keys.signing).map_err(refuse)?,
        wallet: *keys.wallet,
        previous: keys
            .previous
            .map(|before| BlobAddress { digest: *before.digest, len: u64::from(before.len) }),
    })
}
