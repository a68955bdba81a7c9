use std::{io, path::PathBuf};

use crate::blob::BlobError;

/// What goes wrong between a local file and a sealed blob. No sentence holds a key or a byte of the
/// content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    #[error("{path} changed while it was read; nothing was stored, so try again once nobody writes to it", path = .path.display())]
    Changed { path: PathBuf },

    #[error("{path} exists already; name another file, or say that it may be replaced", path = .path.display())]
    Exists { path: PathBuf },

    #[error("no space left for {path}; nothing was left behind, so free some space and try again", path = .path.display())]
    DiskFull { path: PathBuf },

    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    /// Refused by the format: wrong key or record, damaged or truncated content, bad padding.
    #[error("{0}")]
    Format(#[from] aceso_format::Error),

    #[error(
        "content of {content_len} bytes would be sealed as {expected} bytes, but the blob has {found}; length and address are not of one record"
    )]
    LengthMismatch { content_len: u64, expected: u64, found: u64 },

    #[error(
        "the content opens, but is not what its manifest describes (SHA-256 differs); its author described other bytes"
    )]
    DigestMismatch,

    #[error("bytes {from} to {to} are not in this content, which has {len}")]
    OutOfRange { from: u64, to: u64, len: u64 },

    #[error("{0}")]
    Blob(#[source] BlobError),

    #[error("the system's source of random numbers failed ({0}); nothing was sealed")]
    Random(String),

    #[error("a worker thread stopped ({0}); this is a fault of ours, please report it")]
    Worker(String),
}

impl FileError {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            _ if crate::blob::out_of_space(&source) => Self::DiskFull { path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            _ => Self::Io { action, path, source },
        }
    }
}

/// A put that failed because of its source failed for the source's own reason.
impl From<BlobError> for FileError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Source(source) => match source.downcast::<FileError>() {
                Ok(error) => *error,
                Err(source) => Self::Blob(BlobError::Source(source)),
            },
            error => Self::Blob(error),
        }
    }
}
