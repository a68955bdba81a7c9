use std::{
    io,
    path::{Path, PathBuf},
};

/// What goes wrong with the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the index {} is in use; another aceso-peer runs on this directory, so stop it first", path.display())]
    Busy { path: PathBuf },

    #[error("the index {} is of another peer; name the right profile or data_dir, for the bytes beside it are that peer's", path.display())]
    OtherPeer { path: PathBuf },

    #[error("the index {} is of another version; let it be made anew", path.display())]
    OtherForm { path: PathBuf },

    #[error("no space left for the index {}; make room, and start again: nothing that was written is lost", path.display())]
    Full { path: PathBuf },

    #[error("the index {} cannot be used ({reason}); if this stays, stop the daemon and move the file away: it is made anew from the chain", path.display())]
    Unusable { path: PathBuf, reason: String },
}

impl IndexError {
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full { path: path.to_owned() }
            }
            _ => Self::Unusable { path: path.to_owned(), reason: error.to_string() },
        }
    }

    pub(super) fn open(path: &Path, error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Self::Busy { path: path.to_owned() },
            error => Self::redb(path, error.into()),
        }
    }

    pub(super) fn redb(path: &Path, error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => Self::io(path, error),
            error => Self::Unusable { path: path.to_owned(), reason: error.to_string() },
        }
    }
}
