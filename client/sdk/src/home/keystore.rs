//! Secrets of the profiles, in an age passphrase file: the `age` tool opens it too.

use std::path::{Path, PathBuf};

use aceso_format::key::{SigningSeed, XWingSeed};
use anchor_lang::prelude::Pubkey;

use super::{HomeError, Password};

/// log2 of scrypt's cost. Everything but tests takes the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactor(pub u8);

impl Default for WorkFactor {
    /// What the age tool takes: about a second.
    fn default() -> Self {
        Self(18)
    }
}

/// The secret keys of one version of a profile.
pub struct ProfileKeys {
    pub profile: Pubkey,
    pub key_version: u32,
    pub xwing: XWingSeed,
    pub signing: SigningSeed,
}

/// An unlocked keystore. What is here is on disk; a change is on disk before it is here.
pub struct Keystore {
    path: PathBuf,
    keys: Vec<ProfileKeys>,
}

impl Keystore {
    /// A new, empty one. A file that exists is never overwritten.
    pub fn create(path: &Path, password: Password, work: WorkFactor) -> Result<Self, HomeError> {
        let _ = (path, password, work);
        todo!()
    }

    pub fn open(path: &Path, password: Password, work: WorkFactor) -> Result<Self, HomeError> {
        let _ = (path, password, work);
        todo!()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The profiles whose keys are here, each once.
    pub fn profiles(&self) -> Vec<Pubkey> {
        todo!()
    }

    pub fn keys(&self, profile: &Pubkey, key_version: u32) -> Option<&ProfileKeys> {
        self.keys.iter().find(|keys| keys.profile == *profile && keys.key_version == key_version)
    }

    /// The newest keys: may be those of a rotation that is not on chain yet.
    pub fn newest(&self, profile: &Pubkey) -> Option<&ProfileKeys> {
        let of = self.keys.iter().filter(|keys| keys.profile == *profile);
        of.max_by_key(|keys| keys.key_version)
    }

    /// Adds keys. Those of a profile that is about to be made are added before the transaction is sent.
    pub fn add(&mut self, keys: ProfileKeys) -> Result<(), HomeError> {
        let _ = keys;
        todo!()
    }

    /// Takes back keys whose transaction expired.
    pub fn remove(&mut self, profile: &Pubkey, key_version: u32) -> Result<(), HomeError> {
        let _ = (profile, key_version);
        todo!()
    }

    /// Writes all secrets into a file with a password of its own.
    pub fn export(
        &self,
        to: &Path,
        password: &Password,
        work: WorkFactor,
    ) -> Result<(), HomeError> {
        let _ = (to, password, work);
        todo!()
    }

    /// Adds the secrets of an exported file; the profiles that came with it.
    pub fn import(&mut self, from: &Path, password: &Password) -> Result<Vec<Pubkey>, HomeError> {
        let _ = (from, password);
        todo!()
    }
}
