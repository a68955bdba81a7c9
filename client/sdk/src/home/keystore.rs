//! Secrets of the profiles, in an age passphrase file: the `age` tool opens it too.
//!
//! The file is armoured, so that one that was cut off is told from one that was changed: the last line is missing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use aceso_format::key::{SigningSeed, XWingSeed};
use anchor_lang::prelude::Pubkey;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    HomeError, HomeLock, Password, keystore_file,
    keystore_file::{Contents, WorkFactor},
    private,
};

/// The secret keys of one version of a profile.
pub struct ProfileKeys {
    pub profile: Pubkey,
    pub key_version: u32,
    pub xwing: XWingSeed,
    pub signing: SigningSeed,
}

impl ProfileKeys {
    /// A copy, wiped when dropped.
    pub fn duplicate(&self) -> Self {
        Self {
            profile: self.profile,
            key_version: self.key_version,
            xwing: self.xwing.duplicate(),
            signing: self.signing.duplicate(),
        }
    }

    fn same_as(&self, other: &Self) -> bool {
        self.xwing == other.xwing && self.signing == other.signing
    }

    fn is(&self, profile: &Pubkey, key_version: u32) -> bool {
        self.profile == *profile && self.key_version == key_version
    }
}

/// An unlocked keystore. What is here is on disk; a change is on disk before it is here.
pub struct Keystore {
    path: PathBuf,
    password: Password,
    work: WorkFactor,
    contents: Contents,
    /// Digest of the file that this is of: tells cheaply whether another command has changed it.
    file_digest: [u8; 32],
}

impl Keystore {
    /// A new, empty one. A file that exists is never overwritten.
    pub fn create(
        path: &Path,
        password: Password,
        work: WorkFactor,
        _lock: &HomeLock,
    ) -> Result<Self, HomeError> {
        if path.exists() || previous(path).exists() {
            return Err(HomeError::Exists { path: path.to_owned() });
        }
        let mut keystore = Self {
            path: path.to_owned(),
            password,
            work,
            contents: Contents::new()?,
            file_digest: [0; 32],
        };
        keystore.write()?;
        Ok(keystore)
    }

    pub fn open(path: &Path, password: Password, work: WorkFactor) -> Result<Self, HomeError> {
        let (contents, file_digest) = read(path, &password, work)?;
        Ok(Self { path: path.to_owned(), password, work, contents, file_digest })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The profiles whose keys are here, each once, in the order they came.
    pub fn profiles(&self) -> Vec<Pubkey> {
        let mut profiles = Vec::new();
        for keys in &self.contents.keys {
            if !profiles.contains(&keys.profile) {
                profiles.push(keys.profile);
            }
        }
        profiles
    }

    pub fn keys(&self, profile: &Pubkey, key_version: u32) -> Option<&ProfileKeys> {
        self.contents.keys.iter().find(|keys| keys.is(profile, key_version))
    }

    /// The newest keys: may be those of a rotation that is not on chain yet.
    pub fn newest(&self, profile: &Pubkey) -> Option<&ProfileKeys> {
        let of = self.contents.keys.iter().filter(|keys| keys.profile == *profile);
        of.max_by_key(|keys| keys.key_version)
    }

    /// Adds keys. Those of a profile that is about to be made are added before the transaction is sent.
    pub fn add(&mut self, keys: ProfileKeys, lock: &HomeLock) -> Result<(), HomeError> {
        self.refresh(lock)?;
        if self.put(keys)? { self.write_or_reload() } else { Ok(()) }
    }

    /// Takes back keys whose transaction expired.
    pub fn remove(
        &mut self,
        profile: &Pubkey,
        key_version: u32,
        lock: &HomeLock,
    ) -> Result<(), HomeError> {
        self.refresh(lock)?;
        let before = self.contents.keys.len();
        self.contents.keys.retain(|keys| !keys.is(profile, key_version));
        if self.contents.keys.len() == before { Ok(()) } else { self.write_or_reload() }
    }

    /// Writes all secrets into a new file with a password of its own.
    pub fn export(
        &self,
        to: &Path,
        password: &Password,
        work: WorkFactor,
    ) -> Result<(), HomeError> {
        let text = keystore_file::seal(&self.contents, password, work, to)?;
        private::create(to, text.as_bytes())?;
        read(to, password, work).map(|_| ())
    }

    /// Adds the secrets of an exported file; the profiles that were not here before.
    pub fn import(
        &mut self,
        from: &Path,
        password: &Password,
        lock: &HomeLock,
    ) -> Result<Vec<Pubkey>, HomeError> {
        let (imported, _) = read(from, password, self.work)?;
        self.refresh(lock)?;
        let before = self.profiles();
        let mut changed = false;
        for keys in imported.keys {
            match self.put(keys) {
                Ok(added) => changed |= added,
                Err(error) => {
                    // All of them or none.
                    self.reload()?;
                    return Err(error);
                }
            }
        }
        if changed {
            self.write_or_reload()?;
        }
        Ok(self.profiles().into_iter().filter(|profile| !before.contains(profile)).collect())
    }

    /// Key that seals what the journal must not say in clear.
    pub(super) fn journal_key(&self) -> Zeroizing<[u8; 32]> {
        self.contents.journal_key.clone()
    }

    /// Whether anything changed.
    fn put(&mut self, keys: ProfileKeys) -> Result<bool, HomeError> {
        let (profile, key_version) = (keys.profile, keys.key_version);
        match self.keys(&profile, key_version) {
            Some(present) if present.same_as(&keys) => Ok(false),
            Some(_) => Err(HomeError::KeysDiffer { profile, key_version }),
            None => {
                self.contents.keys.push(keys);
                Ok(true)
            }
        }
    }

    /// Takes over what another command has written since.
    fn refresh(&mut self, _lock: &HomeLock) -> Result<(), HomeError> {
        match fs::read(&self.path) {
            Ok(text) if digest(&text) == self.file_digest => Ok(()),
            _ => self.reload(),
        }
    }

    fn reload(&mut self) -> Result<(), HomeError> {
        (self.contents, self.file_digest) = read(&self.path, &self.password, self.work)?;
        Ok(())
    }

    /// What could not be written is not here either.
    fn write_or_reload(&mut self) -> Result<(), HomeError> {
        let Err(error) = self.write() else { return Ok(()) };
        self.reload()?;
        Err(error)
    }

    /// The file in force is replaced only by one that was read back with the same password, and stands beside it until
    /// the new one was read in its place.
    fn write(&mut self) -> Result<(), HomeError> {
        let text = keystore_file::seal(&self.contents, &self.password, self.work, &self.path)?;
        let draft = private::write_draft(&self.path, text.as_bytes())?;
        let previous = previous(&self.path);
        let path = self.path.clone();
        let io = |action: &'static str, error| HomeError::io(action, &path, error);
        if self.path.exists() {
            remove(&previous)?;
            fs::hard_link(&self.path, &previous)
                .or_else(|_| fs::copy(&self.path, &previous).map(|_| ()))
                .map_err(|error| io("keep a copy of", error))?;
        }
        // A wrong byte between here and the disk would cost every record.
        let (contents, file_digest) =
            read(&draft, &self.password, self.work).inspect_err(|_| {
                let _ = fs::remove_file(&draft);
            })?;
        fs::rename(&draft, &self.path).map_err(|error| io("put in place", error))?;
        private::sync_dir(&self.path)?;
        let placed = fs::read(&self.path).map_err(|error| io("read", error))?;
        if digest(&placed) != file_digest {
            let reason = "it is not what was written";
            return Err(HomeError::KeystoreDamaged { path: self.path.clone(), reason });
        }
        (self.contents, self.file_digest) = (contents, file_digest);
        remove(&previous)
    }
}

fn read(
    path: &Path,
    password: &Password,
    work: WorkFactor,
) -> Result<(Contents, [u8; 32]), HomeError> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A power cut between two renames leaves the copy.
            let previous = previous(path);
            fs::read(&previous)
                .map_err(|_| HomeError::Missing { what: "keystore", path: path.to_owned() })?
        }
        other => other.map_err(|error| HomeError::io("read", path, error))?,
    };
    let contents = keystore_file::open(&text, password, work, path)?;
    Ok((contents, digest(&text)))
}

fn previous(path: &Path) -> PathBuf {
    private::beside(path, "previous")
}

fn remove(path: &Path) -> Result<(), HomeError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HomeError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
#[path = "keystore_tests.rs"]
mod tests;
