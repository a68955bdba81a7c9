//! The history of a keyring: seeds and public-key hashes of all earlier epochs (SPEC §10.2).

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::error::{Error, Result};
use crate::key::XWingSeed;
use crate::keyring::{FIRST_EPOCH, WHAT};

/// Length of one epoch in a history, bytes: epoch (4), seed (32), hash (32).
const EPOCH_LEN: usize = 68;

/// One earlier epoch.
pub(crate) struct EpochSeed {
    pub(crate) epoch: u32,
    pub(crate) seed: XWingSeed,
    pub(crate) public_hash: [u8; 32],
}

impl EpochSeed {
    pub(crate) fn duplicate(&self) -> Self {
        EpochSeed { epoch: self.epoch, seed: self.seed.duplicate(), public_hash: self.public_hash }
    }
}

pub(crate) fn encode(history: &[EpochSeed]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(history.len() * EPOCH_LEN));
    for past in history {
        bytes.extend_from_slice(&past.epoch.to_le_bytes());
        bytes.extend_from_slice(past.seed.expose());
        bytes.extend_from_slice(&past.public_hash);
    }
    bytes
}

/// Reads the history in a keyring of `epoch`: all epochs before it, ascending, none left out, each seed making its key.
pub(crate) fn decode(bytes: &[u8], epoch: u32) -> Result<Vec<EpochSeed>> {
    let mut r = Reader::new(WHAT, bytes);
    let mut history = Vec::with_capacity(bytes.len() / EPOCH_LEN);
    for expected in FIRST_EPOCH..epoch {
        let broken = |_| Error::HistoryBroken { epoch: expected };
        let found = r.u32().map_err(broken)?;
        let seed = XWingSeed::from_slice(r.bytes(32).map_err(broken)?).map_err(broken)?;
        let public_hash = r.array().map_err(broken)?;
        // SPEC §10.2: complete and in order, and every seed makes the key that its epoch had.
        if found != expected || seed.public().hash() != public_hash {
            return Err(Error::HistoryBroken { epoch: expected });
        }
        history.push(EpochSeed { epoch: found, seed, public_hash });
    }
    r.finish()?;
    Ok(history)
}
