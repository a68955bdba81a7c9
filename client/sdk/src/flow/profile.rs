//! A person's or institution's profile: what its flows take and give.

use aceso_format::{BlobAddress, bundle::Fingerprint};
use anchor_lang::prelude::Pubkey;

use super::Receipt;

/// A new profile and its first folder, in one transaction.
#[derive(Clone, Debug)]
pub struct ProfileCreate {
    /// What this keystore calls the profile. Stays here.
    pub name: String,
    /// What the owner calls the first folder. Stays here.
    pub folder_name: String,
}

impl ProfileCreate {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), folder_name: FIRST_FOLDER.to_owned() }
    }
}

/// Name of the folder that is made with a profile.
pub const FIRST_FOLDER: &str = "Chart";
/// Its id: whoever knows a profile's address knows the address of its first folder, and may file into it.
pub const FIRST_FOLDER_ID: [u8; 16] = *b"aceso/chart/0001";

#[derive(Clone, Debug)]
pub struct ProfileCreated {
    pub profile: Pubkey,
    pub folder: Pubkey,
    /// To be compared by those who add it as a contact.
    pub fingerprint: Fingerprint,
    pub bundle: BlobAddress,
    pub receipt: Receipt,
}

#[derive(Clone, Debug)]
pub struct KeysRotated {
    pub profile: Pubkey,
    pub key_version: u32,
    pub fingerprint: Fingerprint,
    pub receipt: Receipt,
    /// Folders of one's own that got a keyring for the new key.
    pub folders: Vec<Pubkey>,
    /// After a takeover: blobs of the profile that one's own store could not get, and why.
    pub not_kept: Vec<(BlobAddress, String)>,
}

/// A profile as the chain shows it, checked against its bundle.
#[derive(Clone, Debug)]
pub struct ProfileView {
    pub profile: Pubkey,
    /// Name in this keystore or among the contacts.
    pub name: Option<String>,
    /// Whether this keystore holds its keys.
    pub own: bool,
    pub authority: Pubkey,
    pub pending_authority: Option<Pubkey>,
    pub key_version: u32,
    pub bundle: BlobAddress,
    pub fingerprint: Fingerprint,
    pub folders: u32,
    pub delegates: u32,
    pub retired: bool,
}
