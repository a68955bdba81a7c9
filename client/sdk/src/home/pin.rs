//! What was seen. A node that shows an older state, or another state of the same age, is refused by name.

use anchor_lang::prelude::Pubkey;

use super::{Home, HomeError};
use crate::chain::{Fetched, Folder, Profile, Record};

/// A profile's bundle as first seen (trust on first use), or as its owner had it compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundlePin {
    pub profile: Pubkey,
    pub key_version: u32,
    pub digest: [u8; 32],
    pub len: u32,
    /// As [`aceso_format::bundle`] gives it, in hex.
    pub fingerprint: String,
    pub first_seen_secs: i64,
    /// Whether somebody compared the fingerprint with the owner.
    pub verified: bool,
}

/// Newest state of a folder that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderPin {
    pub created_slot: u64,
    pub epoch: u32,
    pub keyring_digest: [u8; 32],
    pub audit_count: u64,
    pub audit_head: [u8; 32],
}

/// Newest state of a record that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordPin {
    pub created_slot: u64,
    pub version: u32,
    pub head_digest: [u8; 32],
    pub audit_count: u64,
    pub audit_head: [u8; 32],
}

impl Home {
    /// The pinned bundle, if one was ever seen.
    pub fn bundle_pin(&self, profile: &Pubkey) -> Result<Option<BundlePin>, HomeError> {
        let _ = profile;
        todo!()
    }

    pub fn bundle_pins(&self) -> Result<Vec<BundlePin>, HomeError> {
        todo!()
    }

    /// Pins a bundle, over an older one of the same profile.
    pub fn bundle_pin_set(&self, pin: &BundlePin) -> Result<(), HomeError> {
        let _ = pin;
        todo!()
    }

    /// Refuses a profile whose bundle is not the pinned one. `None`: nothing is pinned yet.
    pub fn bundle_check(&self, profile: &Fetched<Profile>) -> Result<Option<BundlePin>, HomeError> {
        let _ = profile;
        todo!()
    }

    /// Remembers a folder's state; refuses one that is older than, or at odds with, what was seen.
    pub fn folder_seen(&self, folder: &Fetched<Folder>) -> Result<(), HomeError> {
        let _ = folder;
        todo!()
    }

    /// Remembers a record's state; refuses one that is older than, or at odds with, what was seen.
    pub fn record_seen(&self, record: &Fetched<Record>) -> Result<(), HomeError> {
        let _ = record;
        todo!()
    }

    /// As [`Home::folder_seen`] and [`Home::record_seen`] for many, in one write.
    pub fn all_seen(
        &self,
        folders: &[Fetched<Folder>],
        records: &[Fetched<Record>],
    ) -> Result<(), HomeError> {
        let _ = (folders, records);
        todo!()
    }

    pub fn folder_pin(&self, folder: &Pubkey) -> Result<Option<FolderPin>, HomeError> {
        let _ = folder;
        todo!()
    }

    pub fn record_pin(&self, record: &Pubkey) -> Result<Option<RecordPin>, HomeError> {
        let _ = record;
        todo!()
    }
}
