//! Public keys from seeds, signatures, randomness.

use aceso_format::key::{ContentKey, SigningSeed, VerifyingKey, XWingPublic, XWingSeed};
use wasm_bindgen::prelude::*;

use crate::value::{Result, fixed, refuse, rng};

/// 32 fresh random bytes: a seed or a content key.
#[wasm_bindgen(js_name = secretGenerate)]
pub fn secret_generate() -> Vec<u8> {
    ContentKey::generate(&mut rng()).expose().to_vec()
}

/// X-Wing public key of a seed, 1216 bytes.
#[wasm_bindgen(js_name = xwingPublic)]
pub fn xwing_public(seed: &[u8]) -> Result<Vec<u8>> {
    Ok(XWingSeed::from_bytes(fixed("a seed", seed)?).public().as_bytes().to_vec())
}

/// Throws `SeedMismatch` if the seed does not make this X-Wing public key.
#[wasm_bindgen(js_name = xwingCheck)]
pub fn xwing_check(seed: &[u8], public: &[u8]) -> Result<()> {
    let public = XWingPublic::from_bytes(public).map_err(refuse)?;
    XWingSeed::from_bytes(fixed("a seed", seed)?).check(&public).map_err(refuse)
}

/// Ed25519 public key of a seed, 32 bytes.
#[wasm_bindgen(js_name = signingPublic)]
pub fn signing_public(seed: &[u8]) -> Result<Vec<u8>> {
    Ok(SigningSeed::from_bytes(fixed("a seed", seed)?).verifying_key().as_bytes().to_vec())
}

/// Ed25519 signature by a seed, 64 bytes.
#[wasm_bindgen]
pub fn sign(seed: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    Ok(SigningSeed::from_bytes(fixed("a seed", seed)?).sign(message).to_vec())
}

/// Throws `SignatureForged` unless the signature is strictly valid.
#[wasm_bindgen]
pub fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<()> {
    let key = VerifyingKey::from_bytes(&fixed("a public key", public)?).map_err(refuse)?;
    key.verify("message", message, &fixed("a signature", signature)?).map_err(refuse)
}
