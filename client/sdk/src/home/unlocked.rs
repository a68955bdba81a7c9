use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use solana_hash::Hash;

use super::{HomeDir, HomeError, HomeLock, Journal, Keystore, Password, ProfileKeys, WorkFactor};
use crate::chain::Archive;

/// An unlocked home on one chain: keystore, names and pins, journal, archived trails. Shared by reference; each change is
/// made under the directory's lock, and is on disk when the call returns.
pub struct Home {
    dir: HomeDir,
    genesis: Hash,
    keystore: Mutex<Keystore>,
    journal: Journal,
}

/// How long a command waits for another to finish writing.
const LOCK_WAIT: Duration = Duration::from_secs(15);

impl Home {
    /// Makes a keystore in a directory that has none.
    pub fn create(
        dir: HomeDir,
        genesis: Hash,
        password: Password,
        work: WorkFactor,
    ) -> Result<Self, HomeError> {
        let lock = dir.lock(LOCK_WAIT)?;
        let keystore = Keystore::create(&dir.keystore(), password, work, &lock)?;
        Self::with(dir, genesis, keystore)
    }

    pub fn unlock(
        dir: HomeDir,
        genesis: Hash,
        password: Password,
        work: WorkFactor,
    ) -> Result<Self, HomeError> {
        let keystore = Keystore::open(&dir.keystore(), password, work)?;
        Self::with(dir, genesis, keystore)
    }

    fn with(dir: HomeDir, genesis: Hash, keystore: Keystore) -> Result<Self, HomeError> {
        let journal = Journal::open(dir.chain(&genesis).join("journal"), keystore.journal_key())?;
        Ok(Self { dir, genesis, keystore: Mutex::new(keystore), journal })
    }

    pub fn dir(&self) -> &HomeDir {
        &self.dir
    }

    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// The secrets. Hold it briefly, and not across an await.
    pub fn keystore(&self) -> MutexGuard<'_, Keystore> {
        // A panic elsewhere leaves a keystore that is as it was: changes are on disk first.
        self.keystore.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds keys to the keystore, on top of what other commands added since.
    pub fn keys_add(&self, keys: ProfileKeys) -> Result<(), HomeError> {
        let lock = self.lock()?;
        self.keystore().add(keys, &lock)
    }

    pub fn keys_remove(&self, profile: &Pubkey, key_version: u32) -> Result<(), HomeError> {
        let lock = self.lock()?;
        self.keystore().remove(profile, key_version, &lock)
    }

    /// Adds the secrets of an exported keystore; the profiles that were not here before.
    pub fn keys_import(&self, from: &Path, password: &Password) -> Result<Vec<Pubkey>, HomeError> {
        let lock = self.lock()?;
        self.keystore().import(from, password, &lock)
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where the trail of a folder or record is archived.
    pub fn archive(&self, scope: &Pubkey, created_slot: u64) -> Archive {
        Archive::new(self.dir.archive(&self.genesis, scope, created_slot))
    }

    pub(super) fn lock(&self) -> Result<HomeLock, HomeError> {
        self.dir.lock(LOCK_WAIT)
    }
}
