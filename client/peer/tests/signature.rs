//! Signed requests: what is taken, and each way in which one is not.

use aceso_peer::signature::{Replays, SKEW_SECS, SignatureRefusal, Signed, Target, Verifier};
use aceso_sdk::{
    chain::Pubkey,
    peer::{PeerRequest, SignedHeaders, sign},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Url;
use solana_keypair::Keypair;

const NOW: i64 = 1_800_000_000;
const PEER: Pubkey = Pubkey::new_from_array([7; 32]);
const PROFILE: Pubkey = Pubkey::new_from_array([8; 32]);
const URL: &str = "https://peer.example:8443/ipfs/bafy?format=raw";
const TARGET: Target<'static> =
    Target { method: "GET", path: "/ipfs/bafy", query: Some("format=raw") };

fn request(url: &Url) -> PeerRequest<'_> {
    PeerRequest { method: "GET", url, peer: PEER, profile: PROFILE, content_length: None }
}

fn headers(signed: &SignedHeaders) -> HeaderMap {
    signed
        .pairs()
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn wallet() -> Keypair {
    Keypair::new_from_array([9; 32])
}

fn signed(at: i64) -> HeaderMap {
    let url = URL.parse().unwrap();
    headers(&sign(&request(&url), &wallet(), at).unwrap())
}

fn verifier() -> Verifier {
    Verifier::new(&PEER, "peer.example:8443".to_owned())
}

fn verify(target: &Target<'_>, headers: &HeaderMap) -> Result<Signed, SignatureRefusal> {
    verifier().verify(target, headers, NOW)
}

fn edited(name: &'static str, edit: impl Fn(&str) -> String) -> HeaderMap {
    let mut headers = signed(NOW);
    let value = edit(headers[name].to_str().unwrap());
    headers.insert(name, HeaderValue::from_str(&value).unwrap());
    headers
}

#[test]
fn a_signed_request_says_who_asks_and_for_whom() {
    let found = verify(&TARGET, &signed(NOW)).unwrap();
    assert_eq!(found.wallet, solana_keypair::Signer::pubkey(&wallet()));
    assert_eq!(found.profile, PROFILE);
}

#[test]
fn another_request_than_the_signed_one_is_refused() {
    let headers = signed(NOW);
    for target in [
        Target { method: "HEAD", ..TARGET },
        Target { path: "/ipfs/bafz", ..TARGET },
        Target { query: Some("format=car"), ..TARGET },
        Target { query: None, ..TARGET },
    ] {
        assert_eq!(verify(&target, &headers), Err(SignatureRefusal::Wrong), "{target:?}");
    }
    let elsewhere = Verifier::new(&PEER, "other.example:8443".to_owned());
    assert_eq!(elsewhere.verify(&TARGET, &headers, NOW), Err(SignatureRefusal::Wrong));
    let other = Pubkey::new_from_array([5; 32]).to_string();
    let headers = edited("aceso-profile", |_| other.clone());
    assert_eq!(verify(&TARGET, &headers), Err(SignatureRefusal::Wrong));
}

#[test]
fn another_peer_s_request_is_refused() {
    let other = Verifier::new(&Pubkey::new_from_array([6; 32]), "peer.example:8443".to_owned());
    let refusal = other.verify(&TARGET, &signed(NOW), NOW).unwrap_err();
    assert!(matches!(refusal, SignatureRefusal::OtherPeer { .. }), "{refusal}");
}

#[test]
fn another_key_s_signature_is_refused() {
    let other = solana_keypair::Signer::pubkey(&Keypair::new_from_array([1; 32])).to_string();
    let mine = solana_keypair::Signer::pubkey(&wallet()).to_string();
    let headers = edited("signature-input", |input| input.replace(&mine, &other));
    assert_eq!(verify(&TARGET, &headers), Err(SignatureRefusal::Wrong));
    // A key of small order verifies a crafted signature of anything, unless verification is strict.
    let weak = Pubkey::new_from_array([0; 32]).to_string();
    let mut headers = edited("signature-input", |input| input.replace(&mine, &weak));
    let zeros = format!("aceso=:{}:", "A".repeat(86) + "==");
    headers.insert("signature", HeaderValue::from_str(&zeros).unwrap());
    assert_eq!(verify(&TARGET, &headers), Err(SignatureRefusal::Wrong));
}

#[test]
fn times_hold_by_the_chain_s_clock() {
    let at = |created: i64| verifier().verify(&TARGET, &signed(created), NOW).map(drop);
    assert_eq!(at(NOW - 60), Ok(()));
    assert_eq!(at(NOW - 61), Err(SignatureRefusal::Expired));
    assert_eq!(at(NOW + SKEW_SECS), Ok(()));
    assert_eq!(at(NOW + SKEW_SECS + 1), Err(SignatureRefusal::FromFuture));
    // Longer lives would have to be remembered for longer: refused even where the signature is good.
    let url: Url = URL.parse().unwrap();
    for (created, expires) in [(NOW, NOW + 61), (NOW, NOW), (NOW, i64::from(i32::MAX) * 1000)] {
        let claims = aceso_sdk::peer::Claims {
            created,
            expires,
            nonce: [1; 16],
            wallet: solana_keypair::Signer::pubkey(&wallet()),
            tag: aceso_sdk::peer::tag(&PEER),
        };
        let headers = crafted(&url, &claims, &aceso_sdk::peer::message::COVERED);
        assert_eq!(verify(&TARGET, &headers), Err(SignatureRefusal::TooLong), "{expires}");
    }
}

/// Signs what our own client would not.
fn crafted(url: &Url, claims: &aceso_sdk::peer::Claims, covered: &[&str]) -> HeaderMap {
    use aceso_sdk::peer::message::{Message, serialized};
    let profile = PROFILE.to_string();
    let message = Message {
        method: "GET",
        authority: "peer.example:8443",
        path: url.path(),
        query: url.query(),
        headers: &[("aceso-profile", &profile)],
    };
    let input = claims.input(covered).unwrap();
    let base = message.base(&input).unwrap();
    let signature = solana_keypair::Signer::sign_message(&wallet(), base.as_bytes());
    let mut bytes = sfv::ListSerializer::new();
    let item = sfv::BareItem::ByteSequence(signature.as_ref().to_vec());
    bytes.bare_item(sfv::RefBareItem::from(&item));
    let mut headers = HeaderMap::new();
    headers.insert("aceso-profile", HeaderValue::from_str(&profile).unwrap());
    let input = format!("aceso={}", serialized(&input));
    headers.insert("signature-input", HeaderValue::from_str(&input).unwrap());
    let signature = format!("aceso={}", bytes.finish().unwrap());
    headers.insert("signature", HeaderValue::from_str(&signature).unwrap());
    headers
}

#[test]
fn each_required_component_must_be_covered() {
    let url: Url = URL.parse().unwrap();
    let claims = aceso_sdk::peer::Claims {
        created: NOW,
        expires: NOW + 60,
        nonce: [1; 16],
        wallet: solana_keypair::Signer::pubkey(&wallet()),
        tag: aceso_sdk::peer::tag(&PEER),
    };
    let all = aceso_sdk::peer::message::COVERED;
    assert!(verify(&TARGET, &crafted(&url, &claims, &all)).is_ok());
    for left_out in all {
        let covered: Vec<&str> = all.into_iter().filter(|name| *name != left_out).collect();
        let headers = crafted(&url, &claims, &covered);
        assert_eq!(verify(&TARGET, &headers), Err(SignatureRefusal::Uncovered(left_out)));
    }
    // An upload whose length is not signed could be cut or drawn out by a proxy.
    let mut headers = crafted(&url, &claims, &all);
    headers.insert("content-length", HeaderValue::from_static("5"));
    assert_eq!(verify(&TARGET, &headers), Err(SignatureRefusal::Uncovered("content-length")));
}

#[test]
fn what_is_missing_or_doubled_is_refused() {
    assert_eq!(verify(&TARGET, &HeaderMap::new()), Err(SignatureRefusal::Unsigned));
    for name in ["signature", "signature-input", "aceso-profile"] {
        let mut headers = signed(NOW);
        let value = headers.remove(name).unwrap();
        assert!(verify(&TARGET, &headers).is_err(), "{name}");
        headers.insert(name, value.clone());
        headers.append(name, value);
        assert!(verify(&TARGET, &headers).is_err(), "{name} twice");
    }
    for (name, from, to) in [
        ("signature-input", "created=", "made="),
        ("signature-input", "nonce=", "once="),
        ("signature-input", "keyid=\"", "keyid=\"x"),
        ("signature-input", ";keyid", ";alg=\"rsa-v1_5-sha256\";keyid"),
        ("signature-input", "aceso=(", "aceso=(\"@path\" "),
        ("signature", "aceso=:", "aceso=:AAAA"),
        ("signature", "aceso=:", "other=:"),
        ("signature-input", "aceso=", "é="),
    ] {
        let headers = edited(name, |text| text.replacen(from, to, 1));
        assert!(verify(&TARGET, &headers).is_err(), "{from} {to}");
    }
    // A proxy's signature beside ours is none of our business; two of ours are ambiguous.
    let headers = edited("signature-input", |text| format!("proxy=();tag=\"x\", {text}"));
    assert!(verify(&TARGET, &headers).is_ok());
    let headers = edited("signature-input", |text| {
        format!("{text}, b={}", text.trim_start_matches("aceso="))
    });
    assert!(matches!(verify(&TARGET, &headers), Err(SignatureRefusal::Unreadable(_))));
}

#[test]
fn a_signature_serves_once() {
    let replays = Replays::since(NOW - 100);
    let headers = signed(NOW);
    let found = verify(&TARGET, &headers).unwrap();
    assert_eq!(replays.admit(&found, NOW), Ok(()));
    assert_eq!(replays.admit(&found, NOW), Err(SignatureRefusal::Replayed));
    // As long as it lives, and however often the memory was cleaned in between.
    for later in [NOW + 30, NOW + 60] {
        let other = verifier().verify(&TARGET, &signed(later), later).unwrap();
        assert_eq!(replays.admit(&other, later), Ok(()));
        assert_eq!(replays.admit(&found, later), Err(SignatureRefusal::Replayed));
    }
    assert_eq!(verifier().verify(&TARGET, &headers, NOW + 61), Err(SignatureRefusal::Expired));
}

#[test]
fn nothing_from_before_a_restart_is_taken() {
    let headers = signed(NOW + SKEW_SECS);
    let found = verify(&TARGET, &headers).unwrap();
    assert_eq!(Replays::since(NOW - 100).admit(&found, NOW), Ok(()));
    // The process dies in the same second and forgets all nonces.
    let restarted = Replays::since(NOW);
    let refusal = restarted.admit(&found, NOW).unwrap_err();
    assert_eq!(refusal, SignatureRefusal::BeforeStart { wait_secs: SKEW_SECS + 1 });
    let SignatureRefusal::BeforeStart { wait_secs } = refusal else { unreachable!() };
    // Who waits as long as told is served.
    let later = NOW + wait_secs;
    let anew = verifier().verify(&TARGET, &signed(later), later).unwrap();
    assert_eq!(restarted.admit(&anew, later), Ok(()));
}

#[test]
fn what_was_used_is_forgotten_when_it_is_over() {
    let replays = Replays::since(NOW - 10_000);
    for second in 0..1000 {
        let now = NOW + second;
        let found = verifier().verify(&TARGET, &signed(now), now).unwrap();
        assert_eq!(replays.admit(&found, now), Ok(()));
        assert!(replays.remembered() <= 70, "{}", replays.remembered());
    }
}
