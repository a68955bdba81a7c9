//! What a request's signature is over, and what it says of itself: RFC 9421, as much of it as peers need.

use base64::{Engine, prelude::BASE64_STANDARD};
use sfv::{
    BareItem, FieldType, InnerList, Integer, Item, Key, KeyRef, ListSerializer, Parameters,
    StringRef,
};

use super::PeerError;
use crate::chain::Pubkey;

/// Header that names the profile which the wallet acts for.
pub const PROFILE: &str = "aceso-profile";
/// What a signature of ours is called in the two headers.
pub const LABEL: &str = "aceso";
/// What must be covered, in the order in which we write it; an upload covers its `content-length` as well.
pub const COVERED: [&str; 5] = ["@method", "@authority", "@path", "@query", PROFILE];
pub const CONTENT_LENGTH: &str = "content-length";
/// Longest life of a signature.
pub const MAX_LIFE_SECS: i64 = 60;
pub const NONCE_LEN: usize = 16;

/// A signature is for one peer: another one that is sent it cannot use it.
pub fn tag(peer: &Pubkey) -> String {
    format!("aceso-peer/v1:{peer}")
}

/// The parts of a request that a signature can cover.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub method: &'a str,
    /// Host, and port unless the scheme implies it, in lower case.
    pub authority: &'a str,
    pub path: &'a str,
    /// Without its question mark.
    pub query: Option<&'a str>,
    /// Names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
}

/// What a signature says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub created: i64,
    pub expires: i64,
    pub nonce: [u8; NONCE_LEN],
    pub wallet: Pubkey,
    pub tag: String,
}

impl Message<'_> {
    /// The signature base: one line for each covered component and one for the parameters (RFC 9421 §2.5).
    pub fn base(&self, input: &InnerList) -> Result<String, PeerError> {
        let mut base = String::new();
        for (at, item) in input.items.iter().enumerate() {
            let name = item.bare_item.as_string().map(StringRef::as_str);
            let unknown = || PeerError::ComponentUnknown {
                component: name.unwrap_or("something else than a string").to_owned(),
            };
            let name = name.ok_or_else(unknown)?;
            // Twice the same, or a variant that we would read otherwise than its signer meant.
            if !item.params.is_empty() || input.items[..at].contains(item) {
                return Err(unknown());
            }
            let value = self.component(name)?;
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        base.push_str("\"@signature-params\": ");
        base.push_str(&serialized(input));
        Ok(base)
    }

    fn component(&self, name: &str) -> Result<String, PeerError> {
        let value = match name {
            "@method" => self.method.to_owned(),
            "@authority" => self.authority.to_owned(),
            "@path" if self.path.is_empty() => "/".to_owned(),
            "@path" => self.path.to_owned(),
            "@query" => format!("?{}", self.query.unwrap_or_default()),
            _ if name.starts_with('@') || name.bytes().any(|b| b.is_ascii_uppercase()) => {
                return Err(PeerError::ComponentUnknown { component: name.to_owned() });
            }
            _ => {
                let values: Vec<&str> = self
                    .headers
                    .iter()
                    .filter(|(header, _)| *header == name)
                    .map(|(_, value)| value.trim())
                    .collect();
                if values.is_empty() {
                    return Err(PeerError::ComponentMissing { component: name.to_owned() });
                }
                values.join(", ")
            }
        };
        Ok(value)
    }
}

impl Claims {
    /// The covered components with these claims as their parameters.
    pub fn input(&self, covered: &[&str]) -> Result<InnerList, PeerError> {
        let items = covered.iter().map(|name| Ok(Item::new(string(name)?)));
        let items = items.collect::<Result<Vec<_>, PeerError>>()?;
        let mut params = Parameters::new();
        params.insert(key("created")?, BareItem::Integer(integer(self.created)?));
        params.insert(key("expires")?, BareItem::Integer(integer(self.expires)?));
        params.insert(key("nonce")?, string(&BASE64_STANDARD.encode(self.nonce))?);
        params.insert(key("keyid")?, string(&self.wallet.to_string())?);
        params.insert(key("tag")?, string(&self.tag)?);
        Ok(InnerList::with_params(items, params))
    }

    pub fn read(input: &InnerList) -> Result<Self, PeerError> {
        let missing = |parameter| PeerError::Parameter { parameter };
        let find = |name| input.params.get(KeyRef::constant(name));
        let text = |name| find(name).and_then(BareItem::as_string).map(StringRef::as_str);
        let number =
            |name| find(name).and_then(BareItem::as_integer).map(i64::from).ok_or(missing(name));
        // Only one algorithm is meant by a wallet; who names another expects something else.
        if find("alg").is_some_and(|alg| alg.as_string().map(StringRef::as_str) != Some("ed25519"))
        {
            return Err(missing("alg"));
        }
        let nonce = text("nonce").and_then(|nonce| BASE64_STANDARD.decode(nonce).ok());
        Ok(Self {
            created: number("created")?,
            expires: number("expires")?,
            nonce: nonce.and_then(|nonce| nonce.try_into().ok()).ok_or(missing("nonce"))?,
            wallet: text("keyid").and_then(|key| key.parse().ok()).ok_or(missing("keyid"))?,
            tag: text("tag").ok_or(missing("tag"))?.to_owned(),
        })
    }
}

/// An inner list in the canonical form that is signed.
pub fn serialized(input: &InnerList) -> String {
    let mut list = ListSerializer::new();
    let mut inner = list.inner_list();
    inner.items(&input.items);
    inner.finish().parameters(&input.params);
    list.finish().unwrap_or_default()
}

fn string(text: &str) -> Result<BareItem, PeerError> {
    Ok(BareItem::String(StringRef::from_str(text)?.to_owned()))
}

fn key(name: &str) -> Result<Key, PeerError> {
    Ok(KeyRef::from_str(name)?.to_owned())
}

fn integer(number: i64) -> Result<Integer, PeerError> {
    Integer::try_from(number).map_err(|_| PeerError::Parameter { parameter: "created" })
}

/// Both headers of a message, as they were sent.
pub fn parse<T: FieldType>(header: &str) -> Result<T, PeerError> {
    Ok(sfv::Parser::new(header).parse()?)
}
