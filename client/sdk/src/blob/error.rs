use std::{error::Error, io, path::PathBuf};

/// What goes wrong between us and a place that keeps blobs. Every sentence names the store and what
/// to do next; none holds anything secret, because a blob is ciphertext and its address is public.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    #[error(
        "{store} does not have blob {blob}; try another store, or ask whoever filed the record to store it again"
    )]
    NotFound { store: String, blob: String },

    #[error(
        "{store} cannot be reached ({reason}); check that it runs and that its address is right"
    )]
    Down { store: String, reason: String },

    #[error(
        "{store} did not answer within {seconds} s; it may be overloaded or still looking for the blob, so try again or use another store"
    )]
    Slow { store: String, seconds: u64 },

    #[error("{store} refused the request ({status}: {reason}); check its log")]
    Refused { store: String, status: u16, reason: String },

    #[error("{store} refused the request ({status}): {said}")]
    PeerRefused { store: String, status: u16, said: String },

    #[error(
        "a request to {store} could not be signed ({reason}); check the node and unlock the wallet"
    )]
    Unsigned { store: String, reason: String },

    #[error(
        "{store} answered with other bytes than {expected}; they were thrown away, so do not trust that store and read from another"
    )]
    Mismatch { store: String, expected: String },

    #[error(
        "{store} stored the bytes as {stored}, but they are {expected}; the put was undone, so check that store's version and settings"
    )]
    StoredElsewhere { store: String, expected: String, stored: String },

    #[error(
        "the bytes to store are {found}, not {expected}; the put was undone, because they have changed since that address was computed"
    )]
    Unexpected { expected: String, found: String },

    #[error("no space left for {path}; nothing was left behind, so free some space and try again", path = .path.display())]
    DiskFull { path: PathBuf },

    #[error("{store} is read only; put into another store")]
    ReadOnly { store: String },

    #[error("bytes {from} to {to} are not in blob {blob}, which has {len}")]
    OutOfRange { blob: String, from: u64, to: u64, len: u64 },

    #[error(
        "blob {blob} has {len} bytes and at most {most} are expected here; whoever wrote its address made a mistake or is hostile"
    )]
    TooLong { blob: String, len: u64, most: u64 },

    #[error("this address cannot be one of a blob: {reason}")]
    BadAddress { reason: String },

    #[error("{address} is not an address of {what}: {reason}")]
    BadLocation { what: &'static str, address: String, reason: String },

    #[error("none of the stores could serve blob {blob}: {reasons}")]
    AllFailed { blob: String, reasons: String },

    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    /// Whoever supplied the bytes gave up; the put was undone.
    #[error("{0}")]
    Source(#[source] Box<dyn Error + Send + Sync>),

    #[error("a worker thread stopped ({0}); this is a fault of ours, please report it")]
    Worker(String),
}

impl BlobError {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        if out_of_space(&source) {
            Self::DiskFull { path }
        } else {
            Self::Io { action, path, source }
        }
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Down { .. } => true,
            Self::Refused { status, .. } | Self::PeerRefused { status, .. } => {
                matches!(status, 429 | 502 | 503 | 504)
            }
            _ => false,
        }
    }
}

pub(crate) fn out_of_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
