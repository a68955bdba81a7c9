//! Published vectors of X-Wing and HPKE, against the crates that packets are made with.

use aceso_format::key::{XWingPublic, XWingSeed};
use hpke::aead::{AesGcm128, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::{Deserializable, Kem, OpModeR, Serializable, setup_receiver};
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    let text = case[field].as_str().unwrap_or_else(|| panic!("{field} is missing"));
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

#[test]
fn x_wing_seeds_make_the_published_keys() {
    let cases = cases(include_str!("../testdata/vectors/x-wing.json"));
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let seed = XWingSeed::from_slice(&bytes(case, "seed")).unwrap();
        let public = XWingPublic::from_bytes(&bytes(case, "pk")).unwrap();
        assert_eq!(seed.public().as_bytes(), public.as_bytes());
        seed.check(&public).unwrap();

        let private = <XWing as Kem>::PrivateKey::from_bytes(&bytes(case, "sk")).unwrap();
        let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(&bytes(case, "ct")).unwrap();
        let shared = XWing::decap(&private, None, &encapsulated).unwrap();
        assert_eq!(shared.0.as_slice(), bytes(case, "ss"));
    }
}

#[test]
fn hpke_with_x_wing() {
    let cases = cases(include_str!("../testdata/vectors/hpke-pq-xwing.json"));
    assert_eq!(cases.len(), 1);
    cases.iter().for_each(opens::<ChaCha20Poly1305, XWing>);
}

#[test]
fn hpke_of_rfc_9180() {
    let cases = cases(include_str!("../testdata/vectors/rfc9180-a11.json"));
    assert_eq!(cases.len(), 1);
    cases.iter().for_each(opens::<AesGcm128, X25519HkdfSha256>);
}

fn opens<A: hpke::aead::Aead, K: Kem>(case: &Value) {
    let private = K::PrivateKey::from_bytes(&bytes(case, "skRm")).unwrap();
    assert_eq!(K::sk_to_pk(&private).to_bytes().as_slice(), bytes(case, "pkRm"));
    let encapsulated = K::EncappedKey::from_bytes(&bytes(case, "enc")).unwrap();
    let info = bytes(case, "info");
    let mut context =
        setup_receiver::<A, HkdfSha256, K>(&OpModeR::Base, &private, &encapsulated, &info).unwrap();
    let messages = case["encryptions"].as_array().unwrap();
    assert!(!messages.is_empty());
    for (sequence, message) in messages.iter().enumerate() {
        // RFC 9180 prints every message, then a few later ones.
        if message.get("seq").is_some_and(|seq| seq.as_u64() != Some(sequence as u64)) {
            break;
        }
        assert_eq!(
            context.open(&bytes(message, "ct"), &bytes(message, "aad")).unwrap(),
            bytes(message, "pt")
        );
    }
}
