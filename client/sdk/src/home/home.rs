use std::sync::{Mutex, MutexGuard, PoisonError};

use anchor_lang::prelude::Pubkey;
use solana_hash::Hash;

use super::{HomeDir, HomeError, Journal, Keystore, Password, ProfileKeys, WorkFactor};
use crate::chain::Archive;

/// An unlocked home on one chain: keystore, names and pins, journal, archived trails. Shared by reference; each change is
/// made under the directory's lock, and is on disk when the call returns.
pub struct Home {
    dir: HomeDir,
    genesis: Hash,
    keystore: Mutex<Keystore>,
    journal: Journal,
}

impl Home {
    /// Makes a keystore in a directory that has none.
    pub fn create(
        dir: HomeDir,
        genesis: Hash,
        password: Password,
        work: WorkFactor,
    ) -> Result<Self, HomeError> {
        let _ = (dir, genesis, password, work);
        todo!()
    }

    pub fn unlock(
        dir: HomeDir,
        genesis: Hash,
        password: Password,
        work: WorkFactor,
    ) -> Result<Self, HomeError> {
        let _ = (dir, genesis, password, work);
        todo!()
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
        let _ = keys;
        todo!()
    }

    pub fn keys_remove(&self, profile: &Pubkey, key_version: u32) -> Result<(), HomeError> {
        let _ = (profile, key_version);
        todo!()
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where the trail of a folder or record is archived.
    pub fn archive(&self, scope: &Pubkey, created_slot: u64) -> Archive {
        Archive::new(self.dir.archive(&self.genesis, scope, created_slot))
    }
}
