//! Keyrings of folders.

use aceso_format::key::{SigningSeed, VerifyingKey, XWingSeed};
use aceso_format::keyring::{self, KeyringClaims, KeyringDraft, SignedKeyring};
use aceso_format::packet::{Recipient, Writer};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;

use crate::value::{
    Bytes32, ListedValue, RecipientValue, Result, WriterValue, from_js, listed, recipients, refuse,
    rng, to_js,
};

#[derive(Deserialize)]
struct DraftValue {
    program: Bytes32,
    folder: Bytes32,
    writer: WriterValue,
    owner: RecipientValue,
    #[serde(default)]
    readers: Vec<RecipientValue>,
}

/// A draft whose parts the borrowed one of the format points to.
struct Draft {
    value: DraftValue,
    seed: SigningSeed,
    owner: Recipient,
    readers: Vec<Recipient>,
}

impl Draft {
    fn parse(value: JsValue) -> Result<Self> {
        let value: DraftValue = from_js(value)?;
        let (owner, readers) = (value.owner.parse()?, recipients(&value.readers)?);
        Ok(Draft { seed: value.writer.seed(), owner, readers, value })
    }

    fn borrow(&self) -> KeyringDraft<'_> {
        KeyringDraft {
            program: *self.value.program,
            folder: *self.value.folder,
            writer: writer(&self.value.writer, &self.seed),
            owner: &self.owner,
            readers: &self.readers,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryValue {
    program: Bytes32,
    folder: Bytes32,
    epoch: u32,
    /// Signing key of the writer.
    writer: Bytes32,
    who: Bytes32,
    who_version: u32,
    seed: Bytes32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimsValue {
    folder: Bytes32,
    epoch: u32,
    public: ByteBuf,
    writer: Bytes32,
    writer_key_version: u32,
    owner: ListedValue,
    readers: Vec<ListedValue>,
}

/// What a keyring says of itself, not to be believed yet: enough to find its writer's bundle.
#[wasm_bindgen(js_name = keyringClaims)]
pub fn keyring_claims(bytes: &[u8]) -> Result<JsValue> {
    claims_value(SignedKeyring::decode(bytes).map_err(refuse)?.claims())
}

/// Verifies a keyring for a filer, who cannot open it, and gives its claims, now to be believed.
#[wasm_bindgen(js_name = keyringVerify)]
pub fn keyring_verify(
    bytes: &[u8],
    program: &[u8],
    folder: &[u8],
    epoch: u32,
    writer: &[u8],
) -> Result<JsValue> {
    let fixed = |what, bytes| crate::value::fixed::<32>(what, bytes);
    let writer = VerifyingKey::from_bytes(&fixed("a writer", writer)?).map_err(refuse)?;
    let keyring = SignedKeyring::decode(bytes).map_err(refuse)?;
    let keyring =
        keyring.verify(&fixed("a program", program)?, &fixed("a folder", folder)?, epoch, &writer);
    claims_value(keyring.map_err(refuse)?.claims())
}

/// The keyring of a new folder; its bytes are in `bytes`.
#[wasm_bindgen(js_name = keyringCreate)]
pub fn keyring_create(draft: JsValue) -> Result<OpenedKeyring> {
    let draft = Draft::parse(draft)?;
    let (bytes, opened) = draft.borrow().create(&mut rng()).map_err(refuse)?;
    Ok(OpenedKeyring { bytes, opened })
}

/// Verifies a keyring and opens it for its owner or a reader.
#[wasm_bindgen(js_name = keyringOpen)]
pub fn keyring_open(bytes: &[u8], query: JsValue) -> Result<OpenedKeyring> {
    let query: QueryValue = from_js(query)?;
    let writer = VerifyingKey::from_bytes(&query.writer).map_err(refuse)?;
    let signed = SignedKeyring::decode(bytes).map_err(refuse)?;
    let keyring =
        signed.verify(&query.program, &query.folder, query.epoch, &writer).map_err(refuse)?;
    let seed = XWingSeed::from_bytes(*query.seed);
    let opened = keyring.open(&query.who, query.who_version, &seed).map_err(refuse)?;
    Ok(OpenedKeyring { bytes: bytes.to_vec(), opened })
}

/// A keyring with the seeds of all its epochs. Call `free()` when done.
#[wasm_bindgen]
pub struct OpenedKeyring {
    bytes: Vec<u8>,
    opened: keyring::OpenedKeyring,
}

#[wasm_bindgen]
impl OpenedKeyring {
    /// The bytes to be stored.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// The epoch.
    #[wasm_bindgen(getter)]
    pub fn epoch(&self) -> u32 {
        self.opened.epoch()
    }

    /// Public key of the epoch, 1216 bytes.
    #[wasm_bindgen(getter)]
    pub fn public(&self) -> Vec<u8> {
        self.opened.public().as_bytes().to_vec()
    }

    /// What it says of itself.
    pub fn claims(&self) -> Result<JsValue> {
        claims_value(self.opened.claims())
    }

    /// Seed of any epoch up to this one.
    pub fn seed(&self, epoch: u32) -> Result<Vec<u8>> {
        Ok(self.opened.seed(epoch).map_err(refuse)?.expose().to_vec())
    }

    /// Throws unless this keyring goes on from one opened before.
    pub fn continues(&self, previous: &OpenedKeyring) -> Result<()> {
        self.opened.continues(&previous.opened).map_err(refuse)
    }

    /// The next epoch, for the owner and readers of the draft.
    pub fn rotate(&self, draft: JsValue) -> Result<OpenedKeyring> {
        let draft = Draft::parse(draft)?;
        let (bytes, opened) = draft.borrow().rotate(&self.opened, &mut rng()).map_err(refuse)?;
        Ok(OpenedKeyring { bytes, opened })
    }

    /// The same epoch with one more reader.
    #[wasm_bindgen(js_name = withReaderAdded)]
    pub fn with_reader_added(
        &self,
        writer_value: JsValue,
        reader: JsValue,
    ) -> Result<OpenedKeyring> {
        let value: WriterValue = from_js(writer_value)?;
        let reader = from_js::<RecipientValue>(reader)?.parse()?;
        let seed = value.seed();
        let added = self.opened.with_reader_added(&writer(&value, &seed), &reader, &mut rng());
        let (bytes, opened) = added.map_err(refuse)?;
        Ok(OpenedKeyring { bytes, opened })
    }
}

fn writer<'a>(value: &WriterValue, seed: &'a SigningSeed) -> Writer<'a> {
    Writer { profile: *value.profile, key_version: value.key_version, seed }
}

fn claims_value(claims: &KeyringClaims) -> Result<JsValue> {
    let (profile, key_version) = claims.owner;
    to_js(&ClaimsValue {
        folder: claims.folder.into(),
        epoch: claims.epoch,
        public: ByteBuf::from(claims.public.as_bytes().to_vec()),
        writer: claims.writer.into(),
        writer_key_version: claims.writer_key_version,
        owner: ListedValue { profile: profile.into(), key_version },
        readers: listed(&claims.readers),
    })
}
