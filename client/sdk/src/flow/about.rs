use aceso_format::{
    BlobAddress,
    manifest::{Manifest, safe_file_name},
};

pub use aceso_format::manifest::Code;

/// What an author says about a record. It is sealed with the record: nobody but its readers sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Title for lists; when empty, the file name.
    pub title: String,
    /// Name of the file, any Unicode.
    pub file_name: String,
    /// Media type, such as `application/fhir+json`.
    pub media_type: String,
    /// FHIR resource type, such as `DiagnosticReport`; empty if none.
    pub fhir_type: String,
    pub codes: Vec<Code>,
    pub tags: Vec<String>,
    pub note: String,
    /// When the content was made, unix seconds; `None` is now.
    pub created_secs: Option<i64>,
}

/// A manifest without its keys: what may be shown, printed and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestView {
    pub version: u32,
    pub about: About,
    /// A name that is safe to write a file to.
    pub safe_file_name: String,
    /// SHA-256 of the content in clear.
    pub plaintext_sha256: [u8; 32],
    pub plaintext_len: u64,
    /// The sealed content.
    pub content: BlobAddress,
    /// The version before this one, if there was one.
    pub previous_version: Option<u32>,
}

impl ManifestView {
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self {
            version: manifest.version,
            about: About {
                title: manifest.title.clone(),
                file_name: manifest.file_name.clone(),
                media_type: manifest.media_type.clone(),
                fhir_type: manifest.fhir_type.clone(),
                codes: manifest.codes.clone(),
                tags: manifest.tags.clone(),
                note: manifest.note.clone(),
                created_secs: Some(manifest.created_secs),
            },
            safe_file_name: safe_file_name(&manifest.file_name),
            plaintext_sha256: manifest.plaintext_sha256,
            plaintext_len: manifest.plaintext_len,
            content: manifest.content,
            previous_version: manifest.previous.as_ref().map(|previous| previous.version),
        }
    }
}
