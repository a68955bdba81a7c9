//! People and institutions that one knows: their keys, pinned, and what to compare with them.

use aceso_format::bundle::Fingerprint;
use anchor_lang::prelude::Pubkey;

#[derive(Clone, Debug)]
pub struct ContactAdd {
    pub name: String,
    /// Address of the profile.
    pub profile: Pubkey,
}

/// How a contact stands to what the chain says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactState {
    /// The pinned keys are the ones in force.
    Current,
    /// Other keys are in force: nothing is sealed to them before they were verified.
    KeysChanged {
        key_version: u32,
        fingerprint: Fingerprint,
    },
    Retired,
    /// The chain does not have this profile (any more): another network, most likely.
    Missing,
}

#[derive(Clone, Debug)]
pub struct ContactView {
    pub name: String,
    pub profile: Pubkey,
    /// Of the pinned keys.
    pub key_version: u32,
    pub fingerprint: Fingerprint,
    /// Whether somebody compared the fingerprint.
    pub verified: bool,
    pub state: ContactState,
}
