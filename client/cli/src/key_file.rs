//! The key of a file that `aceso seal` sealed: all that `aceso unseal` needs, as JSON in a file that only its owner reads.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use aceso_format::{BlobAddress, key::ContentKey};
use aceso_sdk::file::SealedContent;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{args::value::Address, exit::Failure, show};

const KIND: &str = "aceso content key";

#[derive(Deserialize, Serialize)]
struct Fields {
    kind: String,
    record: String,
    key: Hex,
    content_len: u64,
    sha256: String,
    sealed_sha256: String,
    sealed_len: u64,
}

/// A secret in hex, wiped when dropped.
struct Hex(Zeroizing<String>);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Hex(Zeroizing::new(text)))
    }
}

pub fn write(
    path: &Path,
    record: Address,
    sealed: &SealedContent,
    replace: bool,
) -> Result<(), Failure> {
    let fields = Fields {
        kind: KIND.to_owned(),
        record: record.to_string(),
        key: Hex(Zeroizing::new(show::hex(sealed.key.expose()))),
        content_len: sealed.content_len,
        sha256: show::hex(&sealed.sha256),
        sealed_sha256: show::hex(&sealed.blob.digest),
        sealed_len: sealed.blob.len,
    };
    let text = Zeroizing::new(
        serde_json::to_vec_pretty(&fields).map_err(|e| Failure::ours(e.to_string()))?,
    );
    let failed = |e: io::Error| {
        Failure::input(format!("cannot write {} ({e})", path.display()))
            .with_hint("name another place with --key")
    };
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Made readable by its owner alone, and named only when it is whole.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    let named = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    named.map(|_| ()).map_err(|e| failed(e.error))
}

pub fn read(path: &Path) -> Result<(Address, SealedContent), Failure> {
    let text = fs::read(path).map(Zeroizing::new).map_err(|e| {
        Failure::input(format!("cannot read the key file {} ({e})", path.display()))
            .with_hint("name it with --key")
    })?;
    parse(&text).ok_or_else(|| {
        Failure::input(format!(
            "{} is not a key file of `aceso seal`, or it is damaged",
            path.display()
        ))
        .with_hint("name the right one with --key")
        .with_kind("key-file-invalid")
    })
}

fn parse(text: &[u8]) -> Option<(Address, SealedContent)> {
    let fields: Fields = serde_json::from_slice(text).ok()?;
    if fields.kind != KIND {
        return None;
    }
    let sealed = SealedContent {
        key: ContentKey::from_bytes(*unhex(&fields.key.0)?),
        blob: BlobAddress { digest: *unhex(&fields.sealed_sha256)?, len: fields.sealed_len },
        content_len: fields.content_len,
        sha256: *unhex(&fields.sha256)?,
    };
    Some((fields.record.parse().ok()?, sealed))
}

fn unhex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}
