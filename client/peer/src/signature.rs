//! Requests signed by wallets: HTTP Message Signatures (RFC 9421). The client's side is `aceso_sdk::peer`, and what is signed
//! is computed by the same code.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Mutex, PoisonError},
};

use aceso_sdk::{
    chain::Pubkey,
    peer::message::{
        self, CONTENT_LENGTH, COVERED, Claims, MAX_LIFE_SECS, Message, NONCE_LEN, PROFILE, tag,
    },
};
use ed25519_dalek::{Signature, VerifyingKey};
use http::HeaderMap;
use sfv::{Dictionary, InnerList, ListEntry, StringRef};

/// A client's view of the chain's time may be ahead of ours by so much.
pub const SKEW_SECS: i64 = 5;
/// Signatures that are remembered at a time: more in one minute is an attack, and is told to come again.
const MOST_REMEMBERED: usize = 200_000;

/// Why a signed request is refused. Whoever made it can do something about each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    #[error(
        "this needs a signed request; sign it with the wallet of owner, reader or filer (RFC 9421, see the README of aceso-peer)"
    )]
    Unsigned,
    #[error("the signature cannot be read: {0}")]
    Unreadable(String),
    #[error(
        "the signature does not cover {0:?}; cover method, authority, path, query and profile, and the length of an upload"
    )]
    Uncovered(&'static str),
    #[error(
        "the signature is for another peer; sign for the peer that is asked, with the tag {expected:?}"
    )]
    OtherPeer { expected: String },
    #[error(
        "the signature does not fit this request; sign exactly what is sent, with the key that keyid names"
    )]
    Wrong,
    #[error(
        "the signature lives for more than {MAX_LIFE_SECS} s; sign with expires at most that long after created"
    )]
    TooLong,
    #[error("the signature has expired; sign the request anew with the chain's time")]
    Expired,
    #[error(
        "the signature is from the future; sign with the chain's time, not a clock of your own"
    )]
    FromFuture,
    #[error(
        "the signature is from before this peer started; sign the request anew in {wait_secs} s"
    )]
    BeforeStart { wait_secs: i64 },
    #[error("this signature was used already; sign each request anew")]
    Replayed,
    #[error("too many signed requests at the moment; try again in a minute")]
    Busy,
}

/// A request whose signature is good: who asks, for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub wallet: Pubkey,
    /// What the wallet says it acts for: to be checked against the chain.
    pub profile: Pubkey,
    claims: Claims,
}

/// What a request is, apart from its headers.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
}

/// Checks signatures for one peer under its one public name.
pub struct Verifier {
    tag: String,
    authority: String,
}

impl Verifier {
    /// `authority` is that of the endpoint on the chain, whatever `Host` a proxy passes on.
    pub fn new(peer: &Pubkey, authority: String) -> Self {
        Self { tag: tag(peer), authority }
    }

    /// All but the nonce, which [`Replays::admit`] takes once the request is otherwise permitted.
    pub fn verify(
        &self,
        target: &Target<'_>,
        headers: &HeaderMap,
        now_secs: i64,
    ) -> Result<Signed, SignatureRefusal> {
        let (input, signature) = self.find(headers)?;
        let claims = Claims::read(&input).map_err(unreadable)?;
        let upload = headers.contains_key(http::header::CONTENT_LENGTH);
        let required = COVERED.into_iter().chain(upload.then_some(CONTENT_LENGTH));
        for component in required {
            if !covers(&input, component) {
                return Err(SignatureRefusal::Uncovered(component));
            }
        }
        let pairs: Vec<(&str, &str)> = headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let message = Message {
            method: target.method,
            authority: &self.authority,
            path: target.path,
            query: target.query,
            headers: &pairs,
        };
        let base = message.base(&input).map_err(unreadable)?;
        // Strict: no small-order keys, one encoding of each signature, so a nonce cannot be dodged by a second one.
        let key = VerifyingKey::from_bytes(&claims.wallet.to_bytes())
            .map_err(|_| SignatureRefusal::Wrong)?;
        key.verify_strict(base.as_bytes(), &signature).map_err(|_| SignatureRefusal::Wrong)?;
        check_times(&claims, now_secs)?;
        let profile = single(headers, PROFILE)?.and_then(|text| text.parse().ok());
        let profile = profile.ok_or_else(|| {
            SignatureRefusal::Unreadable(format!("{PROFILE} is no address; name the profile"))
        })?;
        Ok(Signed { wallet: claims.wallet, profile, claims })
    }

    /// The one signature that is meant for a peer; others, of proxies, are none of ours.
    fn find(&self, headers: &HeaderMap) -> Result<(InnerList, Signature), SignatureRefusal> {
        let (Some(inputs), Some(signatures)) =
            (single(headers, "signature-input")?, single(headers, "signature")?)
        else {
            return Err(SignatureRefusal::Unsigned);
        };
        let inputs: Dictionary = message::parse(inputs).map_err(unreadable)?;
        let signatures: Dictionary = message::parse(signatures).map_err(unreadable)?;
        let mut ours = inputs.into_iter().filter_map(|(label, entry)| match entry {
            ListEntry::InnerList(list) if tag_of(&list).starts_with("aceso-peer/") => {
                Some((label, list))
            }
            _ => None,
        });
        let (label, input) = ours.next().ok_or(SignatureRefusal::Unsigned)?;
        if ours.next().is_some() {
            let reason = "there are two for peers; send one".to_owned();
            return Err(SignatureRefusal::Unreadable(reason));
        }
        if tag_of(&input) != self.tag {
            return Err(SignatureRefusal::OtherPeer { expected: self.tag.clone() });
        }
        let bytes = match signatures.get(&label) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            _ => None,
        };
        let signature = bytes.and_then(|bytes| Signature::from_slice(bytes).ok());
        let missing =
            || SignatureRefusal::Unreadable("it is not 64 bytes; sign with ed25519".to_owned());
        Ok((input, signature.ok_or_else(missing)?))
    }
}

fn check_times(claims: &Claims, now_secs: i64) -> Result<(), SignatureRefusal> {
    let life = claims.expires.saturating_sub(claims.created);
    if !(1..=MAX_LIFE_SECS).contains(&life) {
        return Err(SignatureRefusal::TooLong);
    }
    if claims.created > now_secs.saturating_add(SKEW_SECS) {
        return Err(SignatureRefusal::FromFuture);
    }
    if claims.expires < now_secs {
        return Err(SignatureRefusal::Expired);
    }
    Ok(())
}

fn covers(input: &InnerList, component: &str) -> bool {
    input.items.iter().any(|item| {
        item.params.is_empty()
            && item.bare_item.as_string().map(StringRef::as_str) == Some(component)
    })
}

fn tag_of(input: &InnerList) -> &str {
    input.params.get("tag").and_then(|tag| tag.as_string()).map_or("", StringRef::as_str)
}

/// A header that may stand there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, SignatureRefusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    text.map(Some)
        .ok_or_else(|| SignatureRefusal::Unreadable(format!("{name} must be there once, in ASCII")))
}

fn unreadable(error: impl std::fmt::Display) -> SignatureRefusal {
    SignatureRefusal::Unreadable(error.to_string())
}

/// The signatures that were used, for as long as they could be used again.
///
/// What an earlier run of the daemon has admitted is not remembered, but refused as a whole: it may have admitted what was
/// created up to `SKEW_SECS` after its last second.
pub struct Replays {
    not_before: i64,
    used: Mutex<Used>,
}

/// A wallet, and what it has used once.
type Nonce = ([u8; 32], [u8; NONCE_LEN]);

#[derive(Default)]
struct Used {
    nonces: HashSet<Nonce>,
    by_end: BTreeMap<i64, Vec<Nonce>>,
}

impl Replays {
    /// `started_secs`: the newest chain time that this or an earlier run has seen.
    pub fn since(started_secs: i64) -> Self {
        Self { not_before: started_secs.saturating_add(SKEW_SECS), used: Mutex::default() }
    }

    /// Takes a signature, once. Call it last: what was refused for another reason may be sent again, and only the permitted
    /// can fill this memory.
    pub fn admit(&self, signed: &Signed, now_secs: i64) -> Result<(), SignatureRefusal> {
        let claims = &signed.claims;
        if claims.created <= self.not_before {
            let wait_secs = (self.not_before - now_secs + 1).clamp(1, 2 * SKEW_SECS);
            return Err(SignatureRefusal::BeforeStart { wait_secs });
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock can go back a little; a signature is kept until it is over for any reading of it.
        let over = now_secs.saturating_sub(SKEW_SECS);
        while let Some(first) = used.by_end.first_entry().filter(|first| *first.key() < over) {
            for nonce in first.remove() {
                used.nonces.remove(&nonce);
            }
        }
        if used.nonces.len() >= MOST_REMEMBERED {
            return Err(SignatureRefusal::Busy);
        }
        let nonce = (claims.wallet.to_bytes(), claims.nonce);
        if !used.nonces.insert(nonce) {
            return Err(SignatureRefusal::Replayed);
        }
        used.by_end.entry(claims.expires).or_default().push(nonce);
        Ok(())
    }

    /// How many signatures are remembered at the moment.
    pub fn remembered(&self) -> usize {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).nonces.len()
    }
}
