use std::{io, path::PathBuf};

use anchor_lang::prelude::Pubkey;

/// What goes wrong with what is kept on this machine. Nothing secret is in here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    #[error("no home directory is set; set ACESO_HOME to a directory of your own")]
    NoDirectory,
    #[error("{path} can be read by others (mode {mode:o}); run chmod {want:o} on it, and if others may have read it, make new keys", path = .path.display())]
    Exposed { path: PathBuf, mode: u32, want: u32 },
    #[error("another command has been writing to {path} for {seconds} s; wait for it, or end it, and try again", path = .path.display())]
    Busy { path: PathBuf, seconds: u64 },
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("no space left for {path}; nothing was changed, so free some space and try again", path = .path.display())]
    DiskFull { path: PathBuf },
    #[error("{path} exists already and is not overwritten; move it away, or name another file", path = .path.display())]
    Exists { path: PathBuf },
    #[error("there is no {what} at {path}; run `aceso init`, or set ACESO_HOME to where it is", path = .path.display())]
    Missing { what: &'static str, path: PathBuf },
    #[error("{path} is damaged ({reason}); {remedy}", path = .path.display())]
    Damaged { path: PathBuf, reason: String, remedy: &'static str },

    // Keystore.
    #[error("the password does not open {path}; try again (if it is surely right, the beginning of the file is damaged: import a copy)", path = .path.display())]
    WrongPassword { path: PathBuf },
    #[error("{path} ends too early, so it was cut off; import a copy", path = .path.display())]
    KeystoreTruncated { path: PathBuf },
    #[error("{path} is damaged ({reason}); import a copy", path = .path.display())]
    KeystoreDamaged { path: PathBuf, reason: &'static str },
    #[error("{path} is written by a newer version of this software (layout {version}); update", path = .path.display())]
    KeystoreNewer { path: PathBuf, version: u8 },
    #[error("the password is empty; choose one")]
    PasswordEmpty,
    #[error(
        "the keystore has other keys already for version {key_version} of profile {profile}; nothing was changed"
    )]
    KeysDiffer { profile: Pubkey, key_version: u32 },

    // Wallet.
    #[error("{path} is not a Solana keypair file ({reason}); name one that `solana-keygen` or `aceso init` made", path = .path.display())]
    WalletDamaged { path: PathBuf, reason: &'static str },

    // Pins.
    #[error("{name:?} cannot be a name; use letters and signs that can be seen")]
    NameUnusable { name: String },
    #[error("{name:?} is already the name of {taken_by}; choose another")]
    NameTaken { name: String, taken_by: Pubkey },
    #[error(
        "the keys of {profile} have changed: version {pinned} was pinned and {found} is shown; compare the fingerprint with its owner before you go on"
    )]
    BundleChanged { profile: Pubkey, pinned: u32, found: u32 },
    #[error(
        "the keys of {profile} went back to version {found} and {seen} was seen; the node lies or is behind, so use another"
    )]
    BundleBelowSeen { profile: Pubkey, found: u32, seen: u32 },
    #[error(
        "folder {folder} went back to epoch {found} and {seen} was seen; the node lies or is behind, so use another"
    )]
    EpochBelowSeen { folder: Pubkey, found: u32, seen: u32 },
    #[error(
        "record {record} went back to version {found} and {seen} was seen; the node lies or is behind, so use another"
    )]
    VersionBelowSeen { record: Pubkey, found: u32, seen: u32 },
    #[error(
        "the trail of {scope} went back to {found} entries and {seen} were seen; the node lies or is behind, so use another"
    )]
    CountBelowSeen { scope: Pubkey, found: u64, seen: u64 },
    #[error(
        "the node shows {scope} as made anew after it was seen, which this software never does; name a second node with --verify-rpc that says so too, or use another"
    )]
    MadeAnew { scope: Pubkey },
    #[error(
        "the {what} of {scope} differs from the one seen at the same {at}; the node lies, so use another"
    )]
    SameCountDiffers { scope: Pubkey, what: &'static str, at: &'static str },

    // Journal.
    #[error("an unfinished action in {path} cannot be read ({reason}); it was started by another keystore or is damaged: move the file away to go on without it", path = .path.display())]
    JournalUnreadable { path: PathBuf, reason: &'static str },
    #[error("an interrupted command has left blobs in {store} ({path}); run any command with that store, and they are let go", path = .path.display())]
    JournalOtherStore { path: PathBuf, store: String },
    #[error(
        "blobs that nothing needs are still stored, because the store did not let go of them ({reason}); the next command tries again"
    )]
    JournalStoreAway { path: PathBuf, reason: String },
    #[error("the system's source of random numbers failed ({0}); nothing was written")]
    Random(String),
}

impl HomeError {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            _ => Self::Io { action, path, source },
        }
    }
}
