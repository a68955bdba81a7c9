//! What a client keeps on this machine: keys, names, what it has seen, and what it was in the middle of.

mod book;
mod contact;
mod directory;
mod error;
mod journal;
mod keystore;
mod keystore_file;
mod lock;
mod password;
mod pin;
pub(crate) mod private;
mod text;
mod unlocked;
mod wallet;

pub use contact::{Contact, Name, NameKind};
pub use directory::HomeDir;
pub use error::HomeError;
pub use journal::{Journal, JournalAction, JournalStep, Unfinished};
pub use keystore::{Keystore, ProfileKeys};
pub use keystore_file::WorkFactor;
pub use lock::HomeLock;
pub use password::Password;
pub use pin::{BundlePin, FolderPin, RecordPin};
pub use unlocked::Home;
pub use wallet::FileWallet;

#[cfg(test)]
mod home_tests;
