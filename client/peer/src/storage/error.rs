use std::{io, path::PathBuf};

use aceso_sdk::blob::BlobError;

/// What goes wrong between the daemon and the place where its bytes are. Objects are ciphertext, so their names may be shown.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error(
        "{storage} does not hold object {object}; if a lease on it is live, fetch the bytes again from another copy"
    )]
    NotFound { storage: String, object: String },

    #[error(
        "no space left for {storage}; nothing was left behind, so make room or lower the quota, and take no more leases until then"
    )]
    Full { storage: String },

    #[error(
        "bytes {from} to {to} are not in object {object}, which has {len}; ask for bytes within its length"
    )]
    OutOfRange { object: String, from: u64, to: u64, len: u64 },

    #[error(
        "object {object} in {storage} is shorter than it was; its disk has lost bytes, so fetch them again from another copy"
    )]
    Short { storage: String, object: String },

    #[error("cannot {action} {} ({source}); check the disk and who owns that path", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("{storage} cannot {action} ({reason}); check its address, its keys and its log")]
    Bucket { storage: String, action: &'static str, reason: String },

    #[error("{0}")]
    Blob(#[from] BlobError),

    #[error("a worker thread stopped ({0}); this is a fault of ours, please report it")]
    Worker(String),
}

impl StorageError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        if is_full(&source) {
            Self::Full { storage: format!("the directory of {}", path.display()) }
        } else {
            Self::Io { action, path, source }
        }
    }

    /// Whether the place has no room, so that the same request fails until somebody acts.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Blob(BlobError::DiskFull { .. }))
    }
}

/// A limit on file sizes stops a write just like a full disk.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
