use reqwest::Url;
use sfv::{BareItem, DictSerializer, KeyRef, RefBareItem};

use super::{
    PeerError,
    message::{
        CONTENT_LENGTH, COVERED, Claims, LABEL, MAX_LIFE_SECS, Message, NONCE_LEN, PROFILE,
        serialized, tag,
    },
};
use crate::chain::{Pubkey, Signer};

/// A request to a peer, as it will be sent.
#[derive(Clone, Debug)]
pub struct PeerRequest<'a> {
    pub method: &'a str,
    pub url: &'a Url,
    /// Whom it is for: an account of the program.
    pub peer: Pubkey,
    /// Whom the wallet acts for: owner, reader, filer, or another peer's profile.
    pub profile: Pubkey,
    /// Of an upload.
    pub content_length: Option<u64>,
}

/// Headers to send along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders {
    pub profile: String,
    pub signature_input: String,
    pub signature: String,
}

impl SignedHeaders {
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            (PROFILE, &self.profile),
            ("signature-input", &self.signature_input),
            ("signature", &self.signature),
        ]
    }
}

/// Signs a request. `now_secs` is the chain's time ([`crate::chain::Rpc::time`]): neither side's own clock matters.
pub fn sign(
    request: &PeerRequest<'_>,
    wallet: &dyn Signer,
    now_secs: i64,
) -> Result<SignedHeaders, PeerError> {
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(|error| PeerError::Random(error.to_string()))?;
    let claims = Claims {
        created: now_secs,
        expires: now_secs.saturating_add(MAX_LIFE_SECS),
        nonce,
        wallet: wallet.try_pubkey()?,
        tag: tag(&request.peer),
    };
    let (profile, length) = (request.profile.to_string(), request.content_length);
    let length = length.map(|length| length.to_string());
    let mut headers = vec![(PROFILE, profile.as_str())];
    let mut covered = COVERED.to_vec();
    if let Some(length) = &length {
        headers.push((CONTENT_LENGTH, length));
        covered.push(CONTENT_LENGTH);
    }
    let authority = authority(request.url);
    let message = Message {
        method: request.method,
        authority: &authority,
        path: request.url.path(),
        query: request.url.query(),
        headers: &headers,
    };
    let input = claims.input(&covered)?;
    let signature = wallet.try_sign_message(message.base(&input)?.as_bytes())?;
    let mut dictionary = DictSerializer::new();
    let bytes = BareItem::ByteSequence(signature.as_ref().to_vec());
    dictionary.bare_item(KeyRef::constant(LABEL), RefBareItem::from(&bytes));
    Ok(SignedHeaders {
        profile,
        signature_input: format!("{LABEL}={}", serialized(&input)),
        signature: dictionary.finish().unwrap_or_default(),
    })
}

/// Host, and port unless the scheme implies it (RFC 9421 §2.2.3). URLs have hosts in lower case.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use sfv::{Dictionary, ListEntry};

    use super::{super::message::parse, *};

    /// RFC 9421, B.2.6: "Signing a Request Using ed25519", with the key of B.1.4.
    #[test]
    fn the_rfc_s_example_comes_out_bit_for_bit() {
        let input = r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#;
        let dictionary: Dictionary = parse(input).unwrap();
        let Some(ListEntry::InnerList(list)) = dictionary.get("sig-b26") else { panic!() };
        assert_eq!(format!("sig-b26={}", serialized(list)), input);
        let message = Message {
            method: "POST",
            authority: "example.com",
            path: "/foo",
            query: Some("param=Value&Pet=dog"),
            headers: &[
                ("host", "example.com"),
                ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
                ("content-type", "application/json"),
                ("content-length", "18"),
            ],
        };
        let base = message.base(list).unwrap();
        assert_eq!(
            base,
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\""
        );
        let seed = b64("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU");
        let key = SigningKey::from_bytes(&seed.try_into().unwrap());
        let expected = b64(
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw",
        );
        assert_eq!(key.sign(base.as_bytes()).to_bytes().to_vec(), expected);
    }

    fn b64(text: &str) -> Vec<u8> {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        BASE64_URL_SAFE_NO_PAD.decode(text.replace('+', "-").replace('/', "_")).unwrap()
    }

    #[test]
    fn components_that_we_would_misread_are_refused() {
        let message = Message {
            method: "GET",
            authority: "a",
            path: "",
            query: None,
            headers: &[("x", " 1 "), ("x", "2")],
        };
        for (input, fine) in [
            (r#"a=("@path" "@query" "x")"#, true),
            (r#"a=("@path" "@path")"#, false),
            (r#"a=("x";sf)"#, false),
            (r#"a=("@target-uri")"#, false),
            (r#"a=("X")"#, false),
            (r#"a=(x)"#, false),
            (r#"a=("y")"#, false),
        ] {
            let dictionary: Dictionary = parse(input).unwrap();
            let Some(ListEntry::InnerList(list)) = dictionary.get("a") else { panic!() };
            let base = message.base(list);
            assert_eq!(base.is_ok(), fine, "{input}: {base:?}");
            if fine {
                assert!(base.unwrap().starts_with("\"@path\": /\n\"@query\": ?\n\"x\": 1, 2\n"));
            }
        }
    }
}
