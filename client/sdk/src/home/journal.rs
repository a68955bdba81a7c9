//! What a command was in the middle of: written before each step, so that the next command can finish or undo it.
//!
//! One file for each action: a line of JSON for what it is about, then a line for each step. The command that works on it
//! holds a lock on the file, which ends with the process, so an action without a holder is one that was interrupted.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use aceso_format::{BlobAddress, cobblestone, rand_core::UnwrapErr};
use base64::{Engine, prelude::BASE64_STANDARD};
use getrandom::SysRng;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{HomeError, contact::now_secs, private, text};
use crate::chain::{ChainError, Lifetime, Signature, Signed};

/// One step of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalStep {
    /// A blob is about to be pinned in a store: to unpin if the action comes to nothing.
    Pinning { store: String, blob: BlobAddress },
    /// A transaction is about to be sent: to ask for its fate. `part`: the action's own number for what it carries.
    Sending { part: u32, lifetime: Lifetime },
    /// That transaction took effect.
    Confirmed { part: u32 },
    /// Anything else that the action wants to find again; nothing secret.
    Note { name: String, value: Value },
}

/// A step as the file has it.
#[derive(Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase")]
enum StepLine {
    Pinning {
        store: String,
        #[serde(with = "text::digest")]
        digest: [u8; 32],
        len: u64,
    },
    Sending {
        part: u32,
        signature: String,
        last_valid_block_height: u64,
    },
    Confirmed {
        part: u32,
    },
    Note {
        name: String,
        value: Value,
    },
}

/// First line of the file.
#[derive(Serialize, Deserialize)]
struct IntentLine {
    layout: u32,
    kind: String,
    started_secs: i64,
    intent: Value,
    /// Sealed with the keystore's journal key, under the file's name; empty if there is nothing to seal.
    secret: String,
}

const LAYOUT: u32 = 1;
const SECRET_LABEL: &[u8] = b"aceso/journal-secret/v1";
const MARK_LABEL: &[u8] = b"aceso/journal-mark/v1";

/// The unfinished actions of one home and chain.
pub struct Journal {
    dir: PathBuf,
    key: Zeroizing<[u8; 32]>,
}

/// What earlier commands left.
#[derive(Default)]
pub struct Unfinished {
    /// Oldest first. Those of a command that still runs are not among them.
    pub actions: Vec<JournalAction>,
    /// Why others could not be read: one bad file does not keep the rest from being settled.
    pub unreadable: Vec<HomeError>,
}

/// An action under way. Dropped without an end, it stays in the journal for the next command.
pub struct JournalAction {
    path: PathBuf,
    file: File,
    kind: String,
    started_secs: i64,
    intent: Value,
    secret: Zeroizing<Vec<u8>>,
    steps: Vec<JournalStep>,
}

impl Journal {
    pub(super) fn open(dir: PathBuf, key: Zeroizing<[u8; 32]>) -> Result<Self, HomeError> {
        private::make_dir(&dir)?;
        Ok(Self { dir, key })
    }

    /// Begins an action. `intent` is in clear; `secret` is sealed with a key that only the keystore holds.
    pub fn begin(
        &self,
        kind: &str,
        intent: &impl Serialize,
        secret: &[u8],
    ) -> Result<JournalAction, HomeError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| HomeError::Random(error.to_string()))?;
        let started_secs = now_secs();
        // The names sort by age.
        let name = format!("{started_secs:012}-{}.jsonl", text::hex(&random));
        let path = self.dir.join(&name);
        let failed = |error| HomeError::io("write", &path, error);
        let intent =
            serde_json::to_value(intent).map_err(|error| failed(io::Error::other(error)))?;
        let sealed = match secret {
            [] => String::new(),
            secret => {
                let mut rng = UnwrapErr(SysRng);
                let sealed = cobblestone::seal(&self.key, &context(&name), secret, &mut rng);
                BASE64_STANDARD.encode(sealed)
            }
        };
        let line = IntentLine {
            layout: LAYOUT,
            kind: kind.to_owned(),
            started_secs,
            intent: intent.clone(),
            secret: sealed,
        };
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        private::private_mode(&mut options);
        // Under another name until it is locked and has its first line: another command that found it before would take
        // it for one that was killed.
        let draft = private::beside(&path, "new");
        let mut file = options.open(&draft).map_err(failed)?;
        let written = file
            .lock()
            .and_then(|()| write_line(&mut file, &line))
            .and_then(|()| fs::rename(&draft, &path));
        if let Err(error) = written {
            let _ = fs::remove_file(&draft);
            return Err(failed(error));
        }
        private::sync_dir(&path)?;
        Ok(JournalAction {
            path,
            file,
            kind: kind.to_owned(),
            started_secs,
            intent,
            secret: Zeroizing::new(secret.to_vec()),
            steps: Vec::new(),
        })
    }

    /// Actions that earlier commands left.
    pub fn unfinished(&self) -> Result<Unfinished, HomeError> {
        let failed = |error| HomeError::io("list", &self.dir, error);
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|ending| ending == "jsonl") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut found = Unfinished::default();
        for path in paths {
            match self.take(&path) {
                Ok(action) => found.actions.extend(action),
                Err(error) => found.unreadable.push(error),
            }
        }
        Ok(found)
    }

    /// By which the same thing is recognised again, and which tells nobody else what it is: an action's file is in clear,
    /// and names and digests of medical files say too much.
    pub fn mark(&self, parts: &[&[u8]]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice())
            .expect("HMAC takes a key of any length");
        for part in [MARK_LABEL].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        text::hex(&mac.finalize().into_bytes())
    }

    fn take(&self, path: &Path) -> Result<Option<JournalAction>, HomeError> {
        let failed = |error| HomeError::io("read", path, error);
        let mut file = match OpenOptions::new().read(true).append(true).open(path) {
            // Its command has just ended it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed)?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        if !path.exists() {
            return Ok(None);
        }
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole == 0 {
            // Killed while it wrote the first line: nothing had been done yet.
            remove(path)?;
            return Ok(None);
        }
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        self.parse(path, file, &bytes[..whole]).map(Some)
    }

    fn parse(&self, path: &Path, file: File, bytes: &[u8]) -> Result<JournalAction, HomeError> {
        let unreadable = |reason| HomeError::JournalUnreadable { path: path.to_owned(), reason };
        let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let first: IntentLine =
            serde_json::from_slice(first).map_err(|_| unreadable("its beginning is damaged"))?;
        if first.layout != LAYOUT {
            return Err(unreadable("a newer version wrote it"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let secret = if first.secret.is_empty() {
            Zeroizing::default()
        } else {
            let sealed = BASE64_STANDARD.decode(&first.secret).unwrap_or_default();
            cobblestone::open(&self.key, &context(&name), &sealed)
                .map_err(|_| unreadable("this keystore's key does not open it"))?
        };
        let steps = lines
            .map(|line| serde_json::from_slice::<StepLine>(line).ok().and_then(StepLine::into_step))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| unreadable("a step is damaged"))?;
        Ok(JournalAction {
            path: path.to_owned(),
            file,
            kind: first.kind,
            started_secs: first.started_secs,
            intent: first.intent,
            secret,
            steps,
        })
    }
}

impl JournalAction {
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn started_secs(&self) -> i64 {
        self.started_secs
    }

    pub fn intent<T: DeserializeOwned>(&self) -> Result<T, HomeError> {
        T::deserialize(&self.intent).map_err(|_| HomeError::JournalUnreadable {
            path: self.path.clone(),
            reason: "its intent is of another kind",
        })
    }

    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub fn steps(&self) -> &[JournalStep] {
        &self.steps
    }

    /// Why the action stays in the journal: it is damaged.
    pub fn unreadable(&self, reason: &'static str) -> HomeError {
        HomeError::JournalUnreadable { path: self.path.clone(), reason }
    }

    /// Why the action stays in the journal: what it has left is in a store that is not used now.
    pub fn of_other_store(&self, store: String) -> HomeError {
        HomeError::JournalOtherStore { path: self.path.clone(), store }
    }

    /// Why the action stays in the journal: the store did not let go of what it has left.
    pub fn store_away(&self, reason: String) -> HomeError {
        HomeError::JournalStoreAway { path: self.path.clone(), reason }
    }

    /// Writes a step down; it is on disk when this returns.
    pub fn step(&mut self, step: JournalStep) -> Result<(), HomeError> {
        write_line(&mut self.file, &StepLine::of(&step))
            .map_err(|error| HomeError::io("write", &self.path, error))?;
        self.steps.push(step);
        Ok(())
    }

    /// For [`crate::chain::Chain::send_noted`].
    pub fn sending(&mut self, part: u32) -> impl FnMut(&Signed) -> Result<(), ChainError> + Send {
        move |signed| {
            let step = JournalStep::Sending { part, lifetime: signed.lifetime };
            self.step(step).map_err(|error| ChainError::Journal(error.to_string()))
        }
    }

    /// The action is done, or undone: nothing is left to do.
    pub fn end(self) -> Result<(), HomeError> {
        remove(&self.path)?;
        private::sync_dir(&self.path)
    }
}

impl StepLine {
    fn of(step: &JournalStep) -> Self {
        match step.clone() {
            JournalStep::Pinning { store, blob } => {
                Self::Pinning { store, digest: blob.digest, len: blob.len }
            }
            JournalStep::Sending { part, lifetime } => Self::Sending {
                part,
                signature: lifetime.signature.to_string(),
                last_valid_block_height: lifetime.last_valid_block_height,
            },
            JournalStep::Confirmed { part } => Self::Confirmed { part },
            JournalStep::Note { name, value } => Self::Note { name, value },
        }
    }

    fn into_step(self) -> Option<JournalStep> {
        Some(match self {
            Self::Pinning { store, digest, len } => {
                JournalStep::Pinning { store, blob: BlobAddress { digest, len } }
            }
            Self::Sending { part, signature, last_valid_block_height } => {
                let signature: Signature = signature.parse().ok()?;
                JournalStep::Sending {
                    part,
                    lifetime: Lifetime { signature, last_valid_block_height },
                }
            }
            Self::Confirmed { part } => JournalStep::Confirmed { part },
            Self::Note { name, value } => JournalStep::Note { name, value },
        })
    }
}

fn context(name: &str) -> Vec<u8> {
    [SECRET_LABEL, b"/", name.as_bytes()].concat()
}

/// One write for a whole line: a crash leaves at most one unfinished line, the last. So does a full disk: what follows
/// must not be read as part of it.
fn write_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    let len = file.metadata()?.len();
    let written = file.write_all(&text).and_then(|()| file.sync_data());
    if written.is_err() {
        let _ = file.set_len(len);
    }
    written
}

fn remove(path: &Path) -> Result<(), HomeError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HomeError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}
