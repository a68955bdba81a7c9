//! Names. They stay on this machine: the chain knows addresses only.

use anchor_lang::prelude::Pubkey;

use super::{Home, HomeError};

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// A profile of one's own.
    Profile,
    /// Somebody else's profile.
    Contact,
    Folder,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub kind: NameKind,
    pub name: String,
    pub address: Pubkey,
}

/// Somebody whom one knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub profile: Pubkey,
    pub added_secs: i64,
}

impl Home {
    /// Gives a name; within a kind, names are unique (case and surrounding space aside).
    pub fn name_set(&self, kind: NameKind, name: &str, address: &Pubkey) -> Result<(), HomeError> {
        let _ = (kind, name, address);
        todo!()
    }

    pub fn name_remove(&self, kind: NameKind, address: &Pubkey) -> Result<(), HomeError> {
        let _ = (kind, address);
        todo!()
    }

    /// The name of an address, of whatever kind.
    pub fn name_of(&self, address: &Pubkey) -> Result<Option<String>, HomeError> {
        let _ = address;
        todo!()
    }

    /// The address with a name.
    pub fn named(&self, kind: NameKind, name: &str) -> Result<Option<Pubkey>, HomeError> {
        let _ = (kind, name);
        todo!()
    }

    /// All names of a kind, by name.
    pub fn names(&self, kind: NameKind) -> Result<Vec<Name>, HomeError> {
        let _ = kind;
        todo!()
    }

    pub fn contacts(&self) -> Result<Vec<Contact>, HomeError> {
        todo!()
    }
}
