//! What a command was in the middle of: written before each step, so that the next command can finish or undo it.

use std::path::PathBuf;

use aceso_format::BlobAddress;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::HomeError;
use crate::chain::{ChainError, Lifetime, Signed};

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
    Note { name: String, value: serde_json::Value },
}

/// The unfinished actions of one home and chain.
pub struct Journal {
    dir: PathBuf,
}

/// An action under way. Dropped without an end, it stays in the journal for the next command.
pub struct JournalAction {
    path: PathBuf,
    kind: String,
    intent: serde_json::Value,
    secret: Zeroizing<Vec<u8>>,
    steps: Vec<JournalStep>,
}

impl Journal {
    /// Begins an action. `intent` is in clear; `secret` is sealed with a key that only the keystore holds.
    pub fn begin(
        &self,
        kind: &str,
        intent: &impl Serialize,
        secret: &[u8],
    ) -> Result<JournalAction, HomeError> {
        let _ = (&self.dir, kind, intent, secret);
        todo!()
    }

    /// Actions that an earlier command left, oldest first. Those of a command that still runs are not among them.
    pub fn unfinished(&self) -> Result<Vec<JournalAction>, HomeError> {
        todo!()
    }
}

impl JournalAction {
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn intent<T: DeserializeOwned>(&self) -> Result<T, HomeError> {
        let _ = (&self.intent, &self.path);
        todo!()
    }

    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub fn steps(&self) -> &[JournalStep] {
        &self.steps
    }

    /// Writes a step down; it is on disk when this returns.
    pub fn step(&mut self, step: JournalStep) -> Result<(), HomeError> {
        let _ = step;
        todo!()
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
        todo!()
    }
}
