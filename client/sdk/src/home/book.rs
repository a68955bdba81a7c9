//! The file of names and pins of one chain. Read whole and replaced whole, under the directory's lock.

use std::{collections::BTreeMap, fs, io};

use serde::{Deserialize, Serialize};

use super::{
    Home, HomeError, contact::NamedEntry, pin::BundleEntry, pin::FolderEntry, pin::RecordEntry,
    private,
};

const LAYOUT: u32 = 1;

/// Keys of the maps are addresses.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Book {
    layout: u32,
    #[serde(default)]
    pub names: Vec<NamedEntry>,
    #[serde(default)]
    pub bundles: BTreeMap<String, BundleEntry>,
    #[serde(default)]
    pub folders: BTreeMap<String, FolderEntry>,
    #[serde(default)]
    pub records: BTreeMap<String, RecordEntry>,
}

impl Book {
    fn empty() -> Self {
        let (names, bundles) = (Vec::new(), BTreeMap::new());
        Self { layout: LAYOUT, names, bundles, folders: BTreeMap::new(), records: BTreeMap::new() }
    }
}

impl Home {
    pub(super) fn book(&self) -> Result<Book, HomeError> {
        let path = self.dir().chain(&self.genesis()).join("book.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Book::empty()),
            Err(error) => return Err(HomeError::io("read", path, error)),
        };
        // Starting anew in silence would forget every pin, which is what an attacker would want.
        let damaged = |reason: String| HomeError::Damaged {
            path: path.clone(),
            reason,
            remedy: "restore a copy, or move it away and compare all fingerprints anew",
        };
        let book: Book =
            serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if book.layout != LAYOUT {
            return Err(damaged(format!("layout {} is of a newer version", book.layout)));
        }
        Ok(book)
    }

    /// Changes the book, unless `change` refuses. `change` says whether anything is to be written.
    pub(super) fn book_change(
        &self,
        change: impl FnOnce(&mut Book) -> Result<bool, HomeError>,
    ) -> Result<(), HomeError> {
        let _lock = self.lock()?;
        let mut book = self.book()?;
        if !change(&mut book)? {
            return Ok(());
        }
        let dir = self.dir().chain(&self.genesis());
        private::make_dir(&dir)?;
        let path = dir.join("book.json");
        let text = serde_json::to_vec_pretty(&book)
            .map_err(|error| HomeError::io("write", &path, io::Error::other(error)))?;
        private::replace(&path, &text)
    }
}
