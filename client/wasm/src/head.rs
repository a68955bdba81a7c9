//! Heads and the manifests in them.

use aceso_format::BlobAddress;
use aceso_format::head::{Head, HeadDraft, HeadTarget, OpenedHead, SignedHead};
use aceso_format::key::{ContentKey, HeadKey, VerifyingKey, XWingPublic, XWingSeed};
use aceso_format::manifest::{self, Code, Manifest, PreviousVersion};
use aceso_format::packet::Writer;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;

use crate::value::{
    Bytes32, ListedValue, RecipientValue, Result, WriterValue, from_js, listed, recipients, refuse,
    rng, to_js, wrong,
};

#[derive(Serialize, Deserialize)]
struct AddressValue {
    digest: Bytes32,
    len: u64,
}

impl AddressValue {
    fn of(address: &BlobAddress) -> Self {
        AddressValue { digest: address.digest.into(), len: address.len }
    }

    fn parse(&self) -> BlobAddress {
        BlobAddress { digest: *self.digest, len: self.len }
    }
}

#[derive(Serialize, Deserialize)]
struct CodeValue {
    system: String,
    code: String,
    display: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PreviousValue {
    version: u32,
    head: AddressValue,
    head_key: Option<Bytes32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManifestValue {
    version: u32,
    title: String,
    file_name: String,
    media_type: String,
    #[serde(default)]
    fhir_type: String,
    #[serde(default)]
    codes: Vec<CodeValue>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    note: String,
    created_secs: i64,
    plaintext_sha256: Bytes32,
    plaintext_len: u64,
    content_key: Bytes32,
    content: AddressValue,
    previous: Option<PreviousValue>,
}

impl ManifestValue {
    fn of(manifest: Manifest) -> Self {
        let code =
            |code: Code| CodeValue { system: code.system, code: code.code, display: code.display };
        let previous = |previous: PreviousVersion| PreviousValue {
            version: previous.version,
            head: AddressValue::of(&previous.head),
            head_key: previous.head_key.map(|key| (*key.expose()).into()),
        };
        ManifestValue {
            version: manifest.version,
            title: manifest.title,
            file_name: manifest.file_name,
            media_type: manifest.media_type,
            fhir_type: manifest.fhir_type,
            codes: manifest.codes.into_iter().map(code).collect(),
            tags: manifest.tags,
            note: manifest.note,
            created_secs: manifest.created_secs,
            plaintext_sha256: manifest.plaintext_sha256.into(),
            plaintext_len: manifest.plaintext_len,
            content_key: (*manifest.content_key.expose()).into(),
            content: AddressValue::of(&manifest.content),
            previous: manifest.previous.map(previous),
        }
    }

    fn parse(self) -> Manifest {
        let code =
            |code: CodeValue| Code { system: code.system, code: code.code, display: code.display };
        let previous = |previous: PreviousValue| PreviousVersion {
            version: previous.version,
            head: previous.head.parse(),
            head_key: previous.head_key.map(|key| HeadKey::from_bytes(*key)),
        };
        Manifest {
            version: self.version,
            title: self.title,
            file_name: self.file_name,
            media_type: self.media_type,
            fhir_type: self.fhir_type,
            codes: self.codes.into_iter().map(code).collect(),
            tags: self.tags,
            note: self.note,
            created_secs: self.created_secs,
            plaintext_sha256: *self.plaintext_sha256,
            plaintext_len: self.plaintext_len,
            content_key: ContentKey::from_bytes(*self.content_key),
            content: self.content.parse(),
            previous: self.previous.map(previous),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum TargetValue {
    Folder { folder: Bytes32, epoch: u32 },
    Inbox { owner: Bytes32, key_version: u32 },
}

impl TargetValue {
    fn of(target: &HeadTarget) -> Self {
        match *target {
            HeadTarget::Folder { folder, epoch } => {
                TargetValue::Folder { folder: folder.into(), epoch }
            }
            HeadTarget::Inbox { owner, key_version } => {
                TargetValue::Inbox { owner: owner.into(), key_version }
            }
        }
    }

    fn parse(&self) -> HeadTarget {
        match self {
            TargetValue::Folder { folder, epoch } => {
                HeadTarget::Folder { folder: **folder, epoch: *epoch }
            }
            TargetValue::Inbox { owner, key_version } => {
                HeadTarget::Inbox { owner: **owner, key_version: *key_version }
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DraftValue {
    program: Bytes32,
    record: Bytes32,
    writer: WriterValue,
    target: TargetValue,
    target_key: ByteBuf,
    #[serde(default)]
    grants: Vec<RecipientValue>,
    manifest: ManifestValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SealedValue {
    bytes: ByteBuf,
    head_key: Bytes32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimsValue {
    record: Bytes32,
    version: u32,
    writer: Bytes32,
    writer_key_version: u32,
    target: TargetValue,
    grants: Vec<ListedValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryValue {
    program: Bytes32,
    record: Bytes32,
    version: u32,
    /// Signing key of the writer; or, for an old head, `pinned`, the address that a verified manifest gives.
    writer: Option<Bytes32>,
    pinned: Option<AddressValue>,
    /// `folder`, `owner`, `reader` or `key`.
    #[serde(rename = "as")]
    kind: String,
    who: Option<Bytes32>,
    who_version: Option<u32>,
    seed: Option<Bytes32>,
    head_key: Option<Bytes32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenedValue {
    manifest: ManifestValue,
    head_key: Bytes32,
}

/// Seals a head: `{ bytes, headKey }`.
#[wasm_bindgen(js_name = headSeal)]
pub fn head_seal(draft: JsValue) -> Result<JsValue> {
    let draft: DraftValue = from_js(draft)?;
    let (seed, grants) = (draft.writer.seed(), recipients(&draft.grants)?);
    let sealed = HeadDraft {
        program: *draft.program,
        record: *draft.record,
        writer: Writer {
            profile: *draft.writer.profile,
            key_version: draft.writer.key_version,
            seed: &seed,
        },
        target: draft.target.parse(),
        target_key: &XWingPublic::from_bytes(&draft.target_key).map_err(refuse)?,
        grants: &grants,
        manifest: &draft.manifest.parse(),
    }
    .seal(&mut rng())
    .map_err(refuse)?;
    to_js(&SealedValue {
        bytes: ByteBuf::from(sealed.bytes),
        head_key: (*sealed.head_key.expose()).into(),
    })
}

/// What a head says of itself, not to be believed yet: enough to find its writer's bundle.
#[wasm_bindgen(js_name = headClaims)]
pub fn head_claims(bytes: &[u8]) -> Result<JsValue> {
    let head = SignedHead::decode(bytes).map_err(refuse)?;
    let claims = head.claims();
    to_js(&ClaimsValue {
        record: claims.record.into(),
        version: claims.version,
        writer: claims.writer.into(),
        writer_key_version: claims.writer_key_version,
        target: TargetValue::of(&claims.target),
        grants: listed(&claims.grants),
    })
}

/// Verifies and opens a head: `{ manifest, headKey }`.
#[wasm_bindgen(js_name = headOpen)]
pub fn head_open(bytes: &[u8], query: JsValue) -> Result<JsValue> {
    let query: QueryValue = from_js(query)?;
    let head = SignedHead::decode(bytes).map_err(refuse)?;
    let head = match (&query.writer, &query.pinned) {
        (Some(writer), None) => {
            let writer = VerifyingKey::from_bytes(writer).map_err(refuse)?;
            head.verify(&query.program, &query.record, query.version, &writer)
        }
        (None, Some(address)) => {
            head.pinned(&query.program, &query.record, query.version, &address.parse())
        }
        _ => return Err(wrong("give either `writer` or `pinned`")),
    };
    let opened = open(&head.map_err(refuse)?, &query)?;
    let head_key = (*opened.head_key.expose()).into();
    to_js(&OpenedValue { manifest: ManifestValue::of(opened.manifest), head_key })
}

/// A file name that is safe to write to.
#[wasm_bindgen(js_name = safeFileName)]
pub fn safe_file_name(name: &str) -> String {
    manifest::safe_file_name(name)
}

fn open(head: &Head, query: &QueryValue) -> Result<OpenedHead> {
    if query.kind == "key" {
        let key = query.head_key.as_ref().ok_or_else(|| wrong("`headKey` is missing"))?;
        return head.open_with_key(&HeadKey::from_bytes(**key)).map_err(refuse);
    }
    let (Some(who), Some(version), Some(seed)) = (&query.who, query.who_version, &query.seed)
    else {
        return Err(wrong("`who`, `whoVersion` and `seed` are needed"));
    };
    let seed = XWingSeed::from_bytes(**seed);
    match query.kind.as_str() {
        "folder" => head.open_as_folder(who, version, &seed),
        "owner" => head.open_as_owner(who, version, &seed),
        "reader" => head.open_as_recipient(who, version, &seed),
        _ => return Err(wrong("`as` is one of folder, owner, reader, key")),
    }
    .map_err(refuse)
}
