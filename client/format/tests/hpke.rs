//! Published vectors of X-Wing and HPKE, against the crates that packets are made with.

use aceso_format::key::{XWingPublic, XWingSeed};
use std::convert::Infallible;

use hpke::aead::{Aead, AesGcm128, AesGcm256, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
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
    assert_eq!(cases.len(), 2);
    cases.iter().for_each(opens::<ChaCha20Poly1305, XWing>);
    seals::<ChaCha20Poly1305, XWing>(&cases[1]);
}

#[test]
fn hpke_of_rfc_9180() {
    let cases = cases(include_str!("../testdata/vectors/rfc9180-x25519.json"));
    let [aes_128, aes_256] = &cases[..] else { panic!("{} cases", cases.len()) };
    assert_eq!((&aes_128["aead_id"], &aes_256["aead_id"]), (&1.into(), &2.into()));
    opens::<AesGcm128, X25519HkdfSha256>(aes_128);
    seals::<AesGcm128, X25519HkdfSha256>(aes_128);
    opens::<AesGcm256, X25519HkdfSha256>(aes_256);
    seals::<AesGcm256, X25519HkdfSha256>(aes_256);
}

fn opens<A: Aead, K: Kem>(case: &Value) {
    let private = K::PrivateKey::from_bytes(&bytes(case, "skRm")).unwrap();
    assert_eq!(K::sk_to_pk(&private).to_bytes().as_slice(), bytes(case, "pkRm"));
    let encapsulated = K::EncappedKey::from_bytes(&bytes(case, "enc")).unwrap();
    let shared = K::decap(&private, None, &encapsulated).unwrap();
    assert_eq!(shared.0.as_slice(), bytes(case, "shared_secret"));
    let info = bytes(case, "info");
    let mut context =
        setup_receiver::<A, HkdfSha256, K>(&OpModeR::Base, &private, &encapsulated, &info).unwrap();
    for (expected, (sequence, message)) in (0..).zip(messages(case)) {
        // A context opens in order; what comes after a gap is for `seals`.
        if sequence != expected {
            assert!(expected > 0);
            break;
        }
        let opened = context.open(&bytes(message, "ct"), &bytes(message, "aad"));
        assert_eq!(opened.unwrap(), bytes(message, "pt"), "message {sequence}");
    }
}

/// With the case's `ikmE` for randomness, the sender's bytes are the published ones.
fn seals<A: Aead, K: Kem>(case: &Value) {
    let public = K::PublicKey::from_bytes(&bytes(case, "pkRm")).unwrap();
    let info = bytes(case, "info");
    let mut rng = Scripted(bytes(case, "ikmE"));
    let (encapsulated, mut context) =
        setup_sender_with_rng::<A, HkdfSha256, K>(&OpModeS::Base, &public, &info, &mut rng)
            .unwrap();
    assert!(rng.0.is_empty());
    assert_eq!(encapsulated.to_bytes().as_slice(), bytes(case, "enc"));
    let mut next = 0;
    for (sequence, message) in messages(case) {
        // Those left out count as well.
        for _ in next..sequence {
            context.seal(b"", b"").unwrap();
        }
        let sealed = context.seal(&bytes(message, "pt"), &bytes(message, "aad"));
        assert_eq!(sealed.unwrap(), bytes(message, "ct"), "message {sequence}");
        next = sequence + 1;
    }
}

/// The messages of a case with their numbers: RFC 9180 prints the first few and some later ones.
fn messages(case: &Value) -> Vec<(u64, &Value)> {
    let messages = case["encryptions"].as_array().unwrap();
    assert!(!messages.is_empty());
    (0..)
        .zip(messages)
        .map(|(n, message)| (message["seq"].as_u64().unwrap_or(n), message))
        .collect()
}

/// Randomness that is given, and used up.
struct Scripted(Vec<u8>);

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0[..bytes.len()]);
        self.0.drain(..bytes.len());
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}
