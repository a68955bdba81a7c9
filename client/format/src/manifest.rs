//! What a record is: its names, its codes, and the key and address of its content (SPEC §6).
//!
//! A manifest is only ever stored sealed, in a head. It holds secrets, so its encoding is wiped when dropped.

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::address::{BlobAddress, MAX_BLOB_LEN};
use crate::codec::{Reader, Writer};
use crate::content::ContentLayout;
use crate::error::{Error, Result};
use crate::key::{ContentKey, HeadKey};

/// The byte that a manifest starts with.
pub const MANIFEST_LAYOUT: u8 = 1;
/// Longest title, file name or display text, bytes of UTF-8.
pub const MAX_NAME_LEN: usize = 1024;
/// Longest media type, FHIR type, code, code system or tag, bytes of UTF-8.
pub const MAX_TOKEN_LEN: usize = 256;
/// Longest author's note, bytes of UTF-8.
pub const MAX_NOTE_LEN: usize = 16 * 1024;
/// Most codes.
pub const MAX_CODES: usize = 64;
/// Most tags.
pub const MAX_TAGS: usize = 64;

const WHAT: &str = "manifest";

/// What a record is.
#[derive(PartialEq, Eq)]
pub struct Manifest {
    /// Version of the record, from 1.
    pub version: u32,
    /// Title for lists.
    pub title: String,
    /// Name of the file, any Unicode. Use [`Manifest::safe_file_name`] to write a file.
    pub file_name: String,
    /// Media type, such as `application/pdf`.
    pub media_type: String,
    /// FHIR resource type, such as `DiagnosticReport`; empty if none.
    pub fhir_type: String,
    /// FHIR codes.
    pub codes: Vec<Code>,
    /// Tags of the author's choice.
    pub tags: Vec<String>,
    /// The author's note.
    pub note: String,
    /// When it was made, by the author's clock: seconds since 1970.
    pub created_secs: i64,
    /// SHA-256 of the content in clear.
    pub plaintext_sha256: [u8; 32],
    /// Length of the content in clear, bytes.
    pub plaintext_len: u64,
    /// Key of the content.
    pub content_key: ContentKey,
    /// Address of the sealed content.
    pub content: BlobAddress,
    /// The version before this one, if there was one.
    pub previous: Option<PreviousVersion>,
}

/// A code of a FHIR coding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Code system, such as `http://loinc.org`.
    pub system: String,
    /// Code in that system.
    pub code: String,
    /// Text for people.
    pub display: String,
}

/// How to reach the version before.
#[derive(PartialEq, Eq)]
pub struct PreviousVersion {
    /// Its version.
    pub version: u32,
    /// Address of its head.
    pub head: BlobAddress,
    /// Key of its head, from a writer who could read it. A filer leaves it out: the folder's readers open the old head by
    /// its own packets.
    pub head_key: Option<HeadKey>,
}

impl Manifest {
    /// Its bytes, wiped when dropped.
    ///
    /// # Errors
    /// [`Error::TooLong`] and [`Error::TooMany`] name the field; [`Error::FieldInvalid`] when version, lengths and previous
    /// version contradict each other.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.check()?;
        let mut w = Writer::with_capacity(self.encoded_len_bound());
        w.u8(MANIFEST_LAYOUT).u32(self.version);
        w.sized("title", self.title.as_bytes(), MAX_NAME_LEN)?;
        w.sized("file name", self.file_name.as_bytes(), MAX_NAME_LEN)?;
        w.sized("media type", self.media_type.as_bytes(), MAX_TOKEN_LEN)?;
        w.sized("FHIR type", self.fhir_type.as_bytes(), MAX_TOKEN_LEN)?;
        w.count("list of codes", self.codes.len(), MAX_CODES)?;
        for code in &self.codes {
            w.sized("code system", code.system.as_bytes(), MAX_TOKEN_LEN)?;
            w.sized("code", code.code.as_bytes(), MAX_TOKEN_LEN)?;
            w.sized("display text", code.display.as_bytes(), MAX_NAME_LEN)?;
        }
        w.count("list of tags", self.tags.len(), MAX_TAGS)?;
        for tag in &self.tags {
            w.sized("tag", tag.as_bytes(), MAX_TOKEN_LEN)?;
        }
        w.sized("note", self.note.as_bytes(), MAX_NOTE_LEN)?;
        w.i64(self.created_secs).bytes(&self.plaintext_sha256).u64(self.plaintext_len);
        w.bytes(self.content_key.expose());
        w.bytes(&self.content.digest).u64(self.content.len);
        match &self.previous {
            None => w.u8(0),
            Some(previous) => {
                w.u8(1).u32(previous.version).bytes(&previous.head.digest).u64(previous.head.len);
                match &previous.head_key {
                    None => w.u8(0),
                    Some(key) => w.u8(1).bytes(key.expose()),
                }
            }
        };
        Ok(Zeroizing::new(w.finish()))
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// [`Error::VersionUnknown`], [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::TooLong`], [`Error::TooMany`],
    /// [`Error::FieldInvalid`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(WHAT, bytes);
        let layout = r.u8()?;
        if layout != MANIFEST_LAYOUT {
            return Err(Error::VersionUnknown { what: WHAT, version: layout });
        }
        let manifest = Manifest {
            version: r.u32()?,
            title: r.text("title", MAX_NAME_LEN)?,
            file_name: r.text("file name", MAX_NAME_LEN)?,
            media_type: r.text("media type", MAX_TOKEN_LEN)?,
            fhir_type: r.text("FHIR type", MAX_TOKEN_LEN)?,
            codes: read_codes(&mut r)?,
            tags: read_tags(&mut r)?,
            note: r.text("note", MAX_NOTE_LEN)?,
            created_secs: r.i64()?,
            plaintext_sha256: r.array()?,
            plaintext_len: r.u64()?,
            content_key: ContentKey::from_slice(r.bytes(32)?)?,
            content: read_address(&mut r)?,
            previous: read_previous(&mut r)?,
        };
        r.finish()?;
        manifest.check()?;
        Ok(manifest)
    }

    /// A file name that is safe to write to: no path, no control character, no name that Windows keeps for itself, and
    /// never empty.
    pub fn safe_file_name(&self) -> String {
        safe_file_name(&self.file_name)
    }

    /// No shorter than the encoding: texts with their lengths, and less than 512 bytes of all else.
    fn encoded_len_bound(&self) -> usize {
        let texts = [&self.title, &self.file_name, &self.media_type, &self.fhir_type, &self.note];
        let codes = self.codes.iter().flat_map(|code| [&code.system, &code.code, &code.display]);
        texts.into_iter().chain(codes).chain(&self.tags).map(|text| text.len() + 4).sum::<usize>()
            + 512
    }

    /// SPEC §6.2: what the fields say of each other.
    fn check(&self) -> Result<()> {
        let invalid = |field| Err(Error::FieldInvalid { what: WHAT, field });
        if self.version == 0 {
            return invalid("version");
        }
        if ContentLayout::of(self.plaintext_len)?.sealed_len() != self.content.len {
            return invalid("content length");
        }
        match &self.previous {
            Some(previous) if previous.version >= self.version || previous.version == 0 => {
                invalid("previous version")
            }
            Some(previous) if previous.head.len > MAX_BLOB_LEN => invalid("previous head"),
            _ => Ok(()),
        }
    }
}

/// Makes any text safe as a file name: see [`Manifest::safe_file_name`].
pub fn safe_file_name(name: &str) -> String {
    // Separators of all systems, what Windows forbids, controls, and marks that reorder text so that `fdp.exe` reads
    // `exe.pdf`.
    let unsafe_char = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = name.chars().map(|c| if unsafe_char(c) { '_' } else { c }).collect();
    // Leading dots hide a file or name a directory; Windows drops trailing dots and spaces.
    let clean = clean.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let mut short = String::new();
    for c in clean.chars() {
        if short.len() + c.len_utf8() > 200 {
            break;
        }
        short.push(c);
    }
    let short = short.trim_end_matches(['.', ' ']);
    let stem: String =
        short.chars().take_while(|c| *c != '.').collect::<String>().to_ascii_uppercase();
    let stem = stem.trim_end();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| {
            let mut digits = rest.chars();
            matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    });
    let reserved = numbered || ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem);
    if short.is_empty() {
        return String::from("record");
    }
    let mut name = String::from(if reserved { "_" } else { "" });
    name.push_str(short);
    name
}

fn read_codes(r: &mut Reader) -> Result<Vec<Code>> {
    let count = r.count("list of codes", MAX_CODES)?;
    let code = |_| {
        Ok(Code {
            system: r.text("code system", MAX_TOKEN_LEN)?,
            code: r.text("code", MAX_TOKEN_LEN)?,
            display: r.text("display text", MAX_NAME_LEN)?,
        })
    };
    (0..count).map(code).collect()
}

fn read_tags(r: &mut Reader) -> Result<Vec<String>> {
    let count = r.count("list of tags", MAX_TAGS)?;
    (0..count).map(|_| r.text("tag", MAX_TOKEN_LEN)).collect()
}

fn read_address(r: &mut Reader) -> Result<BlobAddress> {
    Ok(BlobAddress { digest: r.array()?, len: r.u64()? })
}

fn read_previous(r: &mut Reader) -> Result<Option<PreviousVersion>> {
    if !r.present("previous version")? {
        return Ok(None);
    }
    let (version, head) = (r.u32()?, read_address(r)?);
    let head_key = if r.present("previous head key")? {
        Some(HeadKey::from_slice(r.bytes(32)?)?)
    } else {
        None
    };
    Ok(Some(PreviousVersion { version, head, head_key }))
}
