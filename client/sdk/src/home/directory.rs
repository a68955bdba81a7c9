use std::{
    env,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use solana_hash::Hash;

use super::{HomeError, private};

/// The directory, and where things are in it. Everything is 0600, directories 0700.
///
/// ```text
/// lock                          one writer at a time
/// wallet.json                   Solana keypair file
/// keystore.age                  secrets of the profiles: an age passphrase file
/// blobs/                        embedded blob store
/// chains/<genesis>/book.json    contacts, names, pins
/// chains/<genesis>/journal/     unfinished actions
/// chains/<genesis>/audit/       archived trails
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeDir {
    root: PathBuf,
}

impl HomeDir {
    /// `$ACESO_HOME`, else `$XDG_DATA_HOME/aceso`, else `~/.local/share/aceso`.
    pub fn default_path() -> Result<PathBuf, HomeError> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        set("ACESO_HOME")
            .or_else(|| {
                set("XDG_DATA_HOME")
                    .filter(|path| path.is_absolute())
                    .map(|path| path.join("aceso"))
            })
            .or_else(|| set("HOME").map(|path| path.join(".local/share/aceso")))
            .ok_or(HomeError::NoDirectory)
    }

    /// Makes the directory where there is none.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, HomeError> {
        let root = root.into();
        private::make_dir(&root)?;
        Ok(Self { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn wallet(&self) -> PathBuf {
        self.root.join("wallet.json")
    }

    pub fn keystore(&self) -> PathBuf {
        self.root.join("keystore.age")
    }

    /// Of the embedded blob store.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// What belongs to one chain: addresses mean nothing on another.
    pub fn chain(&self, genesis: &Hash) -> PathBuf {
        self.root.join("chains").join(genesis.to_string())
    }

    /// The archived trail of a folder or record; a re-created address has another.
    pub fn archive(&self, genesis: &Hash, scope: &Pubkey, created_slot: u64) -> PathBuf {
        self.chain(genesis).join("audit").join(format!("{scope}-{created_slot}.jsonl"))
    }
}
