//! Entries that were seen, kept: nodes prune their history.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use aceso::state::Entry;
use anchor_lang::{AnchorDeserialize, AnchorSerialize, prelude::Pubkey};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{AuditEntry, AuditError, History};
use crate::home::private;

/// The file of one trail: a line of JSON for each entry, appended. It needs no trust: each load recomputes it.
#[derive(Clone, Debug)]
pub struct Archive {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Line {
    count: u64,
    signature: String,
    /// The entry as Borsh, which is what the heads are made of.
    entry: String,
    head: String,
}

impl Archive {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// All entries, recomputed from the beginning. An unfinished last line, from a command that was killed, is left out.
    pub fn load(&self, scope: &Pubkey, created_slot: u64) -> Result<History, AuditError> {
        let mut text = Vec::new();
        match File::open(&self.path).and_then(|mut file| file.read_to_end(&mut text)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(self.failed("read", error)),
            Ok(_) => {}
        }
        self.parse(&text, scope, created_slot)
    }

    fn parse(&self, text: &[u8], scope: &Pubkey, created_slot: u64) -> Result<History, AuditError> {
        let mut history = History::empty(*scope, created_slot);
        for line in whole_lines(text).split_inclusive(|byte| *byte == b'\n') {
            let next = decode(line).filter(|next| history.takes(next));
            let damaged =
                || AuditError::ArchiveDamaged { path: self.name(), line: history.count() + 1 };
            let next = next.ok_or_else(damaged)?;
            history.push(next);
        }
        history.archived = history.count();
        Ok(history)
    }

    /// Appends what the archive lacks of a checked trail. Two commands may do so at once.
    pub fn append(&self, history: &History) -> Result<(), AuditError> {
        if history.archived == history.count() {
            return Ok(());
        }
        let failed = |error| self.failed("write", error);
        if let Some(dir) = self.path.parent() {
            private::make_dir_if_missing(dir)
                .map_err(|error| failed(io::Error::other(error.to_string())))?;
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        private::private_mode(&mut options);
        let mut file = options.open(&self.path).map_err(failed)?;
        file.lock().map_err(failed)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let whole = whole_lines(&text).len();
        let stored = self.parse(&text, &history.scope, history.created_slot)?;
        let new: Vec<u8> = history
            .entries
            .iter()
            .filter(|entry| entry.count > stored.count())
            .flat_map(encode)
            .collect();
        let write = |file: &mut File| {
            file.set_len(whole as u64)?;
            file.seek(io::SeekFrom::End(0))?;
            file.write_all(&new)?;
            file.sync_all()
        };
        let written = write(&mut file);
        if written.is_err() {
            // A half line would be left out on loading; better to have none.
            let _ = file.set_len(whole as u64);
        }
        written.map_err(failed)
    }

    /// Takes the archive away with what it is about.
    pub fn remove(&self) -> Result<(), AuditError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("remove", error))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> AuditError {
        AuditError::Archive { action, path: self.name(), source }
    }
}

fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    &text[..end]
}

fn encode(entry: &AuditEntry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(Entry::LEN);
    // Writing to memory does not fail.
    let _ = entry.entry.serialize(&mut bytes);
    let line = Line {
        count: entry.count,
        signature: entry.signature.to_string(),
        entry: BASE64_STANDARD.encode(bytes),
        head: BASE64_STANDARD.encode(entry.head),
    };
    let mut text = serde_json::to_vec(&line).unwrap_or_default();
    text.push(b'\n');
    text
}

fn decode(line: &[u8]) -> Option<AuditEntry> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let entry = BASE64_STANDARD.decode(line.entry).ok()?;
    Some(AuditEntry {
        count: line.count,
        entry: Entry::try_from_slice(&entry).ok()?,
        head: BASE64_STANDARD.decode(line.head).ok()?.try_into().ok()?,
        signature: line.signature.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use aceso::state::{Action, audit};
    use solana_signature::Signature;

    use super::*;

    const SCOPE: Pubkey = Pubkey::new_from_array([1; 32]);

    fn trail(len: u64) -> History {
        let mut history = History::empty(SCOPE, 7);
        for count in 1..=len {
            let entry = Entry {
                action: Action::RecordOpened,
                purpose: 1,
                permissions: 1,
                number: count as u32,
                at_secs: 5,
                slot: 7,
                from_secs: 0,
                until_secs: 0,
                actor: SCOPE,
                subject: SCOPE,
                digest: [4; 32],
            };
            let head = audit::extend(&history.head, &entry);
            let signature = Signature::from([count as u8; 64]);
            history.push(AuditEntry { count, entry, head, signature });
        }
        history
    }

    fn archive() -> (tempfile::TempDir, Archive) {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::new(dir.path().join("audit").join("trail.jsonl"));
        (dir, archive)
    }

    #[test]
    fn what_is_appended_is_loaded() {
        let (_dir, archive) = archive();
        assert_eq!(archive.load(&SCOPE, 7).unwrap().count(), 0);
        archive.append(&trail(3)).unwrap();
        archive.append(&trail(3)).unwrap();
        archive.append(&trail(5)).unwrap();
        let loaded = archive.load(&SCOPE, 7).unwrap();
        assert_eq!(loaded.entries, trail(5).entries);
        assert_eq!(loaded.archived, 5);
    }

    #[test]
    fn a_line_cut_off_by_a_crash_is_dropped_and_written_again() {
        let (_dir, archive) = archive();
        archive.append(&trail(3)).unwrap();
        let text = fs::read(archive.path()).unwrap();
        fs::write(archive.path(), &text[..text.len() - 9]).unwrap();
        assert_eq!(archive.load(&SCOPE, 7).unwrap().count(), 2);
        archive.append(&trail(3)).unwrap();
        assert_eq!(fs::read(archive.path()).unwrap(), text);
    }

    #[test]
    fn a_changed_archive_is_refused_by_line() {
        let (_dir, archive) = archive();
        archive.append(&trail(4)).unwrap();
        let lines: Vec<String> = fs::read_to_string(archive.path())
            .unwrap()
            .lines()
            .map(|line| format!("{line}\n"))
            .collect();
        let damaged = |lines: &[&String]| {
            let text: String = lines.iter().map(|line| line.as_str()).collect();
            fs::write(archive.path(), text).unwrap();
            match archive.load(&SCOPE, 7) {
                Err(AuditError::ArchiveDamaged { line, .. }) => line,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(damaged(&[&lines[0], &lines[2], &lines[3]]), 2);
        assert_eq!(damaged(&[&lines[1], &lines[0], &lines[2]]), 1);
        assert_eq!(damaged(&[&lines[0], &lines[1], &lines[2].replace(":3", ":9")]), 3);
        fs::write(archive.path(), lines.concat()).unwrap();
        assert!(matches!(archive.load(&SCOPE, 8), Err(AuditError::ArchiveDamaged { line: 1, .. })));
    }
}
