//! What was seen. A node that shows an older state, or another state of the same age, is refused by name.

use anchor_lang::prelude::Pubkey;
use serde::{Deserialize, Serialize};

use super::{Home, HomeError, book::Book, text};
use crate::chain::{Fetched, Folder, Profile, Record};

/// A profile's bundle as first seen (trust on first use), or as its owner had it compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundlePin {
    pub profile: Pubkey,
    pub key_version: u32,
    pub digest: [u8; 32],
    pub len: u32,
    /// As [`aceso_format::bundle::Fingerprint`] gives it, in hex.
    pub fingerprint: String,
    pub first_seen_secs: i64,
    /// Whether somebody compared the fingerprint with the owner.
    pub verified: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BundleEntry {
    key_version: u32,
    #[serde(with = "text::digest")]
    digest: [u8; 32],
    len: u32,
    fingerprint: String,
    first_seen_secs: i64,
    verified: bool,
}

/// Newest state of a folder that was seen.
pub type FolderPin = FolderEntry;
/// Newest state of a record that was seen.
pub type RecordPin = RecordEntry;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderEntry {
    pub created_slot: u64,
    pub epoch: u32,
    #[serde(with = "text::digest")]
    pub keyring_digest: [u8; 32],
    pub audit_count: u64,
    #[serde(with = "text::digest")]
    pub audit_head: [u8; 32],
    /// Newest epoch that the owner was seen to have begun itself.
    #[serde(default)]
    pub own_epoch: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEntry {
    pub created_slot: u64,
    pub version: u32,
    #[serde(with = "text::digest")]
    pub head_digest: [u8; 32],
    pub audit_count: u64,
    #[serde(with = "text::digest")]
    pub audit_head: [u8; 32],
}

impl BundlePin {
    fn from_entry(profile: Pubkey, entry: BundleEntry) -> Self {
        Self {
            profile,
            key_version: entry.key_version,
            digest: entry.digest,
            len: entry.len,
            fingerprint: entry.fingerprint,
            first_seen_secs: entry.first_seen_secs,
            verified: entry.verified,
        }
    }
}

impl FolderEntry {
    fn of(folder: &Folder) -> Self {
        Self {
            created_slot: folder.meta.created_slot,
            epoch: folder.epoch,
            keyring_digest: folder.keyring_digest,
            audit_count: folder.audit_count,
            audit_head: folder.audit_head,
            own_epoch: if folder.keyring_by == folder.owner { folder.epoch } else { 0 },
        }
    }
}

impl RecordEntry {
    fn of(record: &Record) -> Self {
        Self {
            created_slot: record.meta.created_slot,
            version: record.version,
            head_digest: record.head_digest,
            audit_count: record.audit_count,
            audit_head: record.audit_head,
        }
    }
}

/// A trail only grows, and at one length there is one trail. An address that is made anew would begin anew; nothing here
/// ever makes one anew.
fn check_trail(
    scope: Pubkey,
    (old_slot, old_count, old_head): (u64, u64, [u8; 32]),
    (slot, count, head): (u64, u64, [u8; 32]),
) -> Result<(), HomeError> {
    if slot > old_slot {
        return Err(HomeError::MadeAnew { scope });
    }
    if slot < old_slot || count < old_count {
        return Err(HomeError::CountBelowSeen { scope, found: count, seen: old_count });
    }
    if count == old_count && head != old_head {
        return Err(HomeError::SameCountDiffers { scope, what: "trail", at: "length" });
    }
    Ok(())
}

impl FolderEntry {
    fn check(&self, at: Pubkey, new: &Self) -> Result<(), HomeError> {
        if new.created_slot == self.created_slot {
            if new.epoch < self.epoch {
                let (found, seen) = (new.epoch, self.epoch);
                return Err(HomeError::EpochBelowSeen { folder: at, found, seen });
            }
            // Every change of the keyring is in the trail.
            if new.audit_count == self.audit_count && new.keyring_digest != self.keyring_digest {
                let (what, at_same) = ("keyring", "length of the trail");
                return Err(HomeError::SameCountDiffers { scope: at, what, at: at_same });
            }
        }
        check_trail(
            at,
            (self.created_slot, self.audit_count, self.audit_head),
            (new.created_slot, new.audit_count, new.audit_head),
        )
    }
}

impl RecordEntry {
    fn check(&self, at: Pubkey, new: &Self) -> Result<(), HomeError> {
        if new.created_slot == self.created_slot {
            if new.version < self.version {
                let (found, seen) = (new.version, self.version);
                return Err(HomeError::VersionBelowSeen { record: at, found, seen });
            }
            if new.audit_count == self.audit_count && new.head_digest != self.head_digest {
                let (what, at_same) = ("head", "length of the trail");
                return Err(HomeError::SameCountDiffers { scope: at, what, at: at_same });
            }
        }
        check_trail(
            at,
            (self.created_slot, self.audit_count, self.audit_head),
            (new.created_slot, new.audit_count, new.audit_head),
        )
    }
}

/// Whether there is anything new to remember.
fn see_folder(book: &mut Book, folder: &Fetched<Folder>) -> Result<bool, HomeError> {
    let (at, mut new) = (folder.address, FolderEntry::of(folder));
    if let Some(old) = book.folders.get(&at.to_string()) {
        old.check(at, &new)?;
        new.own_epoch = new.own_epoch.max(old.own_epoch);
    }
    Ok(book.folders.insert(at.to_string(), new) != Some(new))
}

fn see_record(book: &mut Book, record: &Fetched<Record>) -> Result<bool, HomeError> {
    let (at, new) = (record.address, RecordEntry::of(record));
    if let Some(old) = book.records.get(&at.to_string()) {
        old.check(at, &new)?;
    }
    Ok(book.records.insert(at.to_string(), new) != Some(new))
}

impl Home {
    /// The pinned bundle, if one was ever seen.
    pub fn bundle_pin(&self, profile: &Pubkey) -> Result<Option<BundlePin>, HomeError> {
        let entry = self.book()?.bundles.remove(&profile.to_string());
        Ok(entry.map(|entry| BundlePin::from_entry(*profile, entry)))
    }

    pub fn bundle_pins(&self) -> Result<Vec<BundlePin>, HomeError> {
        let bundles = self.book()?.bundles.into_iter();
        let pin = |(profile, entry): (String, BundleEntry)| {
            Some(BundlePin::from_entry(profile.parse().ok()?, entry))
        };
        Ok(bundles.filter_map(pin).collect())
    }

    /// Pins a bundle, over an older one of the same profile. Not over a newer one.
    pub fn bundle_pin_set(&self, pin: &BundlePin) -> Result<(), HomeError> {
        self.book_change(|book| {
            let (profile, found) = (pin.profile, pin.key_version);
            let old = book.bundles.get(&profile.to_string());
            if let Some(old) = old {
                let (seen, digest) = (old.key_version, old.digest);
                if found < seen {
                    return Err(HomeError::BundleBelowSeen { profile, found, seen });
                }
                if found == seen && digest != pin.digest {
                    return Err(HomeError::BundleChanged { profile, pinned: seen, found });
                }
            }
            let entry = BundleEntry {
                key_version: pin.key_version,
                digest: pin.digest,
                len: pin.len,
                fingerprint: pin.fingerprint.clone(),
                first_seen_secs: pin.first_seen_secs,
                verified: pin.verified,
            };
            let changed = old != Some(&entry);
            book.bundles.insert(profile.to_string(), entry);
            Ok(changed)
        })
    }

    /// Refuses a profile whose bundle is not the pinned one. `None`: nothing is pinned yet.
    pub fn bundle_check(&self, profile: &Fetched<Profile>) -> Result<Option<BundlePin>, HomeError> {
        let Some(pin) = self.bundle_pin(&profile.address)? else { return Ok(None) };
        let (address, found, pinned) = (profile.address, profile.key_version, pin.key_version);
        if found < pinned {
            return Err(HomeError::BundleBelowSeen { profile: address, found, seen: pinned });
        }
        if found > pinned || profile.bundle_digest != pin.digest {
            return Err(HomeError::BundleChanged { profile: address, pinned, found });
        }
        Ok(Some(pin))
    }

    /// Refuses a folder's state that is older than, or at odds with, what was seen.
    pub fn folder_check(&self, folder: &Fetched<Folder>) -> Result<(), HomeError> {
        let pin = self.folder_pin(&folder.address)?;
        pin.map_or(Ok(()), |pin| pin.check(folder.address, &FolderEntry::of(folder)))
    }

    /// Refuses a record's state that is older than, or at odds with, what was seen.
    pub fn record_check(&self, record: &Fetched<Record>) -> Result<(), HomeError> {
        let pin = self.record_pin(&record.address)?;
        pin.map_or(Ok(()), |pin| pin.check(record.address, &RecordEntry::of(record)))
    }

    /// Forgets what was seen of a folder or record: when what was seen was a lie, or the address was made anew.
    pub fn pin_forget(&self, scope: &Pubkey) -> Result<(), HomeError> {
        self.book_change(|book| {
            let at = scope.to_string();
            let (folder, record) = (book.folders.remove(&at), book.records.remove(&at));
            Ok(folder.is_some() || record.is_some())
        })
    }

    /// Remembers a folder's state; refuses one that is older than, or at odds with, what was seen.
    pub fn folder_seen(&self, folder: &Fetched<Folder>) -> Result<(), HomeError> {
        self.all_seen(std::slice::from_ref(folder), &[])
    }

    /// Remembers a record's state; refuses one that is older than, or at odds with, what was seen.
    pub fn record_seen(&self, record: &Fetched<Record>) -> Result<(), HomeError> {
        self.all_seen(&[], std::slice::from_ref(record))
    }

    /// As [`Home::folder_seen`] and [`Home::record_seen`] for many, in one write; of a refusal nothing is remembered.
    pub fn all_seen(
        &self,
        folders: &[Fetched<Folder>],
        records: &[Fetched<Record>],
    ) -> Result<(), HomeError> {
        self.book_change(|book| {
            let mut changed = false;
            for folder in folders {
                changed |= see_folder(book, folder)?;
            }
            for record in records {
                changed |= see_record(book, record)?;
            }
            Ok(changed)
        })
    }

    pub fn folder_pin(&self, folder: &Pubkey) -> Result<Option<FolderPin>, HomeError> {
        Ok(self.book()?.folders.remove(&folder.to_string()))
    }

    pub fn record_pin(&self, record: &Pubkey) -> Result<Option<RecordPin>, HomeError> {
        Ok(self.book()?.records.remove(&record.to_string()))
    }
}
