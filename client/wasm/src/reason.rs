//! The reason of a request: padded, sealed to its owner.

use aceso_format::key::{XWingPublic, XWingSeed};
use aceso_format::packet::Packet;
use aceso_format::reason::ReasonContext;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::value::{Bytes32, Result, fixed, from_js, refuse, rng};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextValue {
    program: Bytes32,
    request: Bytes32,
    owner: Bytes32,
    key_version: u32,
}

/// Seals a reason to the owner's X-Wing public key. `context`: `{ program, request, owner, keyVersion }`.
#[wasm_bindgen(js_name = reasonSeal)]
pub fn reason_seal(context: JsValue, public: &[u8], reason: &str) -> Result<Vec<u8>> {
    let public = XWingPublic::from_bytes(public).map_err(refuse)?;
    let packet = parse(context)?.seal(&public, reason, &mut rng()).map_err(refuse)?;
    Ok(packet.as_bytes().to_vec())
}

/// Opens a reason with the owner's seed of that key version.
#[wasm_bindgen(js_name = reasonOpen)]
pub fn reason_open(context: JsValue, seed: &[u8], packet: &[u8]) -> Result<String> {
    let seed = XWingSeed::from_bytes(fixed("a seed", seed)?);
    let packet = Packet::decode(packet).map_err(refuse)?;
    let reason = parse(context)?.open(&seed, &packet).map_err(refuse)?;
    Ok(reason.as_str().into())
}

fn parse(context: JsValue) -> Result<ReasonContext> {
    let context: ContextValue = from_js(context)?;
    Ok(ReasonContext {
        program: *context.program,
        request: *context.request,
        owner: *context.owner,
        key_version: context.key_version,
    })
}
