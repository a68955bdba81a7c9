//! Names. They stay on this machine: the chain knows addresses only.

use std::time::{SystemTime, UNIX_EPOCH};

use anchor_lang::prelude::Pubkey;
use serde::{Deserialize, Serialize};

use super::{Home, HomeError, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    pub added_secs: i64,
}

/// Somebody whom one knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub profile: Pubkey,
    pub added_secs: i64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct NamedEntry {
    kind: NameKind,
    name: String,
    #[serde(with = "text::address")]
    address: Pubkey,
    added_secs: i64,
}

impl NamedEntry {
    fn is(&self, kind: NameKind, address: &Pubkey) -> bool {
        self.kind == kind && self.address == *address
    }

    fn is_called(&self, kind: NameKind, name: &str) -> bool {
        self.kind == kind && folded(&self.name) == folded(name)
    }
}

/// How names are compared: nobody should have to tell "Dr Ada" from "dr ada ".
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

pub(super) fn now_secs() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl Home {
    /// Gives a name, in place of an earlier one; within a kind, names are unique (case and spaces aside).
    pub fn name_set(&self, kind: NameKind, name: &str, address: &Pubkey) -> Result<(), HomeError> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(HomeError::NameUnusable { name });
        }
        self.book_change(|book| {
            let taken = book.names.iter().find(|entry| entry.is_called(kind, &name));
            if let Some(taken) = taken.filter(|entry| entry.address != *address) {
                return Err(HomeError::NameTaken { name, taken_by: taken.address });
            }
            match book.names.iter_mut().find(|entry| entry.is(kind, address)) {
                Some(entry) if entry.name == name => return Ok(false),
                Some(entry) => entry.name = name,
                None => {
                    let added_secs = now_secs();
                    book.names.push(NamedEntry { kind, name, address: *address, added_secs });
                }
            }
            Ok(true)
        })
    }

    pub fn name_remove(&self, kind: NameKind, address: &Pubkey) -> Result<(), HomeError> {
        self.book_change(|book| {
            let before = book.names.len();
            book.names.retain(|entry| !entry.is(kind, address));
            Ok(book.names.len() != before)
        })
    }

    /// The name of an address, of whatever kind.
    pub fn name_of(&self, address: &Pubkey) -> Result<Option<String>, HomeError> {
        let names = self.book()?.names;
        Ok(names.into_iter().find(|entry| entry.address == *address).map(|entry| entry.name))
    }

    /// The address with a name.
    pub fn named(&self, kind: NameKind, name: &str) -> Result<Option<Pubkey>, HomeError> {
        let names = self.book()?.names;
        Ok(names.iter().find(|entry| entry.is_called(kind, name)).map(|entry| entry.address))
    }

    /// All names of a kind, by name.
    pub fn names(&self, kind: NameKind) -> Result<Vec<Name>, HomeError> {
        let of_kind = self.book()?.names.into_iter().filter(|entry| entry.kind == kind);
        let mut names: Vec<Name> = of_kind
            .map(|entry| Name {
                kind,
                name: entry.name,
                address: entry.address,
                added_secs: entry.added_secs,
            })
            .collect();
        names.sort_by_cached_key(|name| folded(&name.name));
        Ok(names)
    }

    /// Everybody whom one has named, by name.
    pub fn contacts(&self) -> Result<Vec<Contact>, HomeError> {
        let names = self.names(NameKind::Contact)?.into_iter();
        let contact =
            |n: Name| Contact { name: n.name, profile: n.address, added_secs: n.added_secs };
        Ok(names.map(contact).collect())
    }
}
