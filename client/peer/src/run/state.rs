use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{chain::Sight, holdings::Holdings, index::Condition, storage::hex};

/// What a running daemon knows and the chain does not, for the commands that are typed beside it: the index is its alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Chain time of the look.
    pub at_secs: i64,
    pub slot: u64,
    pub stored_bytes: u64,
    /// Addresses of all leases, and whether the bytes in force are here.
    pub leases: Vec<(String, bool)>,
    pub complete: bool,
    pub damaged: Vec<DamagedObject>,
    pub failing: Vec<Failing>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedObject {
    pub object: String,
    /// `rotten` or `missing`.
    pub condition: String,
    pub leases: Vec<String>,
}

/// A duty that failed, and is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    pub duty: String,
    pub times: u32,
    pub why: String,
}

/// A state that says the same is written again after this time, so that its age tells whether the daemon runs.
const REFRESH_SECS: i64 = 60;

impl State {
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("state.json")
    }

    pub fn of(sight: &Sight, holdings: &Holdings, failing: Vec<Failing>) -> Self {
        let objects = holdings.index.objects().unwrap_or_default();
        let damaged = objects.iter().filter(|object| object.condition != Condition::Sound);
        let needing = |digest: &[u8; 32]| {
            let leases = sight.leases.iter();
            let needing = leases.filter(|(_, entry)| entry.objects().any(|d| d == *digest));
            needing.map(|(at, _)| at.to_string()).collect()
        };
        let held = |entry: &crate::index::LeaseEntry| {
            holdings.holds(&crate::duty::in_force(&entry.account)).unwrap_or(false)
        };
        Self {
            at_secs: sight.time.unix_secs,
            slot: sight.time.slot,
            stored_bytes: holdings.taken(),
            leases: sight.leases.iter().map(|(at, e)| (at.to_string(), held(e))).collect(),
            complete: sight.complete,
            damaged: damaged
                .map(|object| DamagedObject {
                    object: hex(&object.address.digest),
                    condition: format!("{:?}", object.condition).to_lowercase(),
                    leases: needing(&object.address.digest),
                })
                .collect(),
            failing,
        }
    }

    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        other.at_secs - self.at_secs < REFRESH_SECS
            && *self == Self { at_secs: self.at_secs, slot: self.slot, ..other.clone() }
    }

    /// Appears whole. Not synced: it is worth nothing after a crash.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let draft = path.with_extension("new");
        let mut file = fs::File::create(&draft)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.flush()?;
        fs::rename(&draft, path)
    }
}
