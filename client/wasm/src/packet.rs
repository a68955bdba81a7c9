//! Single packets, for any purpose.

use aceso_format::key::{XWingPublic, XWingSeed};
use aceso_format::packet::{Packet, PacketContext, Purpose};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::value::{Bytes32, Result, fixed, from_js, refuse, rng};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum PurposeValue {
    HeadFolder,
    HeadInbox,
    HeadGrant,
    Keyring,
    History,
    Reason,
    Emergency,
    SharePeer,
    ShareReader,
}

#[derive(Deserialize)]
struct ContextValue {
    purpose: PurposeValue,
    program: Bytes32,
    scope: Bytes32,
    version: u64,
    recipient: Bytes32,
}

/// Seals to an X-Wing public key. `context`: `{ purpose, program, scope, version, recipient }`.
#[wasm_bindgen(js_name = packetSeal)]
pub fn packet_seal(context: JsValue, public: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let public = XWingPublic::from_bytes(public).map_err(refuse)?;
    let packet = parse(context)?.seal(&public, plaintext, &mut rng()).map_err(refuse)?;
    Ok(packet.as_bytes().to_vec())
}

/// Opens with the seed of the key that it was sealed to.
#[wasm_bindgen(js_name = packetOpen)]
pub fn packet_open(context: JsValue, seed: &[u8], packet: &[u8]) -> Result<Vec<u8>> {
    let seed = XWingSeed::from_bytes(fixed("a seed", seed)?);
    let packet = Packet::decode(packet).map_err(refuse)?;
    Ok(parse(context)?.open(&seed, &packet).map_err(refuse)?.to_vec())
}

fn parse(context: JsValue) -> Result<PacketContext> {
    let context: ContextValue = from_js(context)?;
    let purpose = match context.purpose {
        PurposeValue::HeadFolder => Purpose::HeadFolder,
        PurposeValue::HeadInbox => Purpose::HeadInbox,
        PurposeValue::HeadGrant => Purpose::HeadGrant,
        PurposeValue::Keyring => Purpose::Keyring,
        PurposeValue::History => Purpose::History,
        PurposeValue::Reason => Purpose::Reason,
        PurposeValue::Emergency => Purpose::Emergency,
        PurposeValue::SharePeer => Purpose::SharePeer,
        PurposeValue::ShareReader => Purpose::ShareReader,
    };
    Ok(PacketContext {
        purpose,
        program: *context.program,
        scope: *context.scope,
        version: context.version,
        recipient: *context.recipient,
    })
}
