//! Blobs on their way: stored and pinned before the transaction that names them, let go when it fails for good. The
//! journal knows each of them, so that this holds after a crash too (`staged_settle.rs`).

use std::time::Duration;

use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;
use bytes::Bytes;

use super::{FlowError, Receipt, Session, Step, staged_settle::Part};
use crate::{
    chain::{self, Blob, Content, Instruction, Sent, Transaction},
    file::{self, Input, SealedContent},
    home::{JournalAction, JournalStep},
};

/// Kind of the journal's actions that are made here.
pub(super) const KIND: &str = "staged";
/// Note: what a transaction carries.
pub(super) const NOTE_PART: &str = "part";
/// Note: blobs that were let go again.
pub(super) const NOTE_GONE: &str = "gone";

/// Instructions that take effect together or not at all, with the blobs that they name and those they make superfluous.
#[derive(Default)]
pub(super) struct Unit {
    pub instructions: Vec<Instruction>,
    pub blobs: Vec<BlobAddress>,
    pub replaced: Vec<BlobAddress>,
}

impl Unit {
    pub fn append(&mut self, mut other: Unit) {
        self.instructions.append(&mut other.instructions);
        self.blobs.append(&mut other.blobs);
        self.replaced.append(&mut other.replaced);
    }
}

/// The blobs of one action.
pub(super) struct Staged<'s> {
    session: &'s Session,
    action: Option<JournalAction>,
    /// Stored, and named by no transaction yet.
    blobs: Vec<BlobAddress>,
    /// How many of them serve the next attempt too.
    kept: usize,
    /// Superfluous and still pinned, because the store was away.
    left_behind: bool,
    part: u32,
}

pub(super) fn chain_blob(blob: &BlobAddress) -> Blob {
    // Heads, keyrings and bundles are refused above 1 MiB when they are made.
    Blob { digest: blob.digest, len: u32::try_from(blob.len).unwrap_or(u32::MAX) }
}

pub(super) fn chain_content(blob: &BlobAddress) -> Content {
    Content { digest: blob.digest, len: blob.len }
}

pub(super) fn blob_address(blob: &Blob) -> BlobAddress {
    BlobAddress { digest: blob.digest, len: u64::from(blob.len) }
}

impl Session {
    /// Runs an action: again from the present state when somebody else was faster, and with its blobs let go when it
    /// fails for good.
    pub(super) async fn staged<T>(
        &self,
        what: &'static str,
        mut action: impl AsyncFnMut(&mut Staged<'_>) -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        let mut staged = Staged::new(self);
        let tries = self.options().tries.max(1);
        let mut attempt = 1;
        loop {
            let error = match action(&mut staged).await {
                Ok(value) => {
                    staged.end()?;
                    return Ok(value);
                }
                Err(error) => error,
            };
            // The next command asks what became of it.
            if error.is_fate_unknown() {
                return Err(error);
            }
            if !error.is_stale_state() || attempt == tries {
                // The cause matters more to the user than what could not be tidied; the journal keeps that.
                let _ = staged.abandon().await;
                let contended = error.is_stale_state() && matches!(error, FlowError::Chain(_));
                return Err(if contended {
                    FlowError::Contended { what, tries, last: error.to_string() }
                } else {
                    error
                });
            }
            self.watch().step(Step::Retrying);
            staged.roll_back(staged.kept).await?;
            // Two who collide should not collide again at once.
            tokio::time::sleep(Duration::from_millis(
                60 * u64::from(attempt) + super::session::jitter_ms(200)?,
            ))
            .await;
            attempt += 1;
        }
    }
}

impl<'s> Staged<'s> {
    fn new(session: &'s Session) -> Self {
        Self { session, action: None, blobs: Vec::new(), kept: 0, left_behind: false, part: 0 }
    }

    /// Stores a head, keyring, bundle or reason.
    pub async fn put(&mut self, bytes: Vec<u8>) -> Result<Blob, FlowError> {
        let bytes = Bytes::from(bytes);
        let blob = BlobAddress::of(&bytes);
        self.note_pinning(blob)?;
        self.session.store().put_bytes(bytes).await?;
        self.blobs.push(blob);
        Ok(chain_blob(&blob))
    }

    /// Seals content under a fresh key and stores it. Its address is known, and noted, when all of it is sealed and
    /// the store has yet to keep it.
    pub async fn content(
        &mut self,
        input: Input,
        record: &Pubkey,
    ) -> Result<SealedContent, FlowError> {
        let session = self.session;
        let store = session.store().describe();
        let action = self.action()?;
        let mut note = |blob| Ok(action.step(JournalStep::Pinning { store: store.clone(), blob })?);
        let (record, progress) = (record.to_bytes(), session.progress());
        let sealed =
            file::seal_noted(&**session.store(), input, &record, progress, &mut note).await?;
        self.blobs.push(sealed.blob);
        Ok(sealed)
    }

    /// What is stored so far serves further attempts.
    pub fn keep(&mut self) {
        self.kept = self.blobs.len();
    }

    /// Sends a unit in one transaction.
    pub async fn send(&mut self, unit: Unit) -> Result<Receipt, FlowError> {
        let Unit { instructions, blobs, replaced } = unit;
        Ok(self.send_part(instructions, Part { blobs, replaced }).await?.into())
    }

    /// Sends units, in as few transactions as they fit in. What took effect stays, should a later one fail.
    pub async fn send_units(&mut self, units: Vec<Unit>) -> Result<Receipt, FlowError> {
        let mut instructions = Vec::with_capacity(units.len());
        let mut rest = Vec::with_capacity(units.len());
        for unit in units {
            rest.push((unit.instructions.len(), unit.blobs, unit.replaced));
            instructions.push(unit.instructions);
        }
        let packed = chain::pack(instructions, &self.session.payer_address())?;
        let mut rest = rest.into_iter();
        let mut receipt = Receipt::default();
        for instructions in packed {
            let mut part = Part::default();
            let mut count = 0;
            while count < instructions.len()
                && let Some((len, blobs, replaced)) = rest.next()
            {
                count += len;
                part.blobs.extend(blobs);
                part.replaced.extend(replaced);
            }
            receipt.push(self.send_part(instructions, part).await?);
        }
        Ok(receipt)
    }

    async fn send_part(
        &mut self,
        instructions: Vec<Instruction>,
        part: Part,
    ) -> Result<Sent, FlowError> {
        let session = self.session;
        session.watch().step(Step::Sending);
        let number = self.part;
        self.part += 1;
        let note = JournalStep::Note { name: NOTE_PART.to_owned(), value: part.to_json(number) };
        let action = self.action()?;
        action.step(note)?;
        let transaction =
            Transaction::new(instructions, &**session.payer(), &[&**session.wallet()]);
        let sent = session.chain().send_noted(&transaction, &mut action.sending(number)).await?;
        action.step(JournalStep::Confirmed { part: number })?;
        // What is asked from now on must not be from before this.
        session.chain().rpc.saw_slot(sent.slot);
        self.blobs.retain(|blob| !part.blobs.contains(blob));
        self.kept = self.kept.min(self.blobs.len());
        for blob in &part.replaced {
            // A store that is away now is asked again by the next command.
            self.left_behind |= session.store().unpin(blob).await.is_err();
        }
        Ok(sent)
    }

    async fn roll_back(&mut self, to: usize) -> Result<(), FlowError> {
        let gone = self.blobs.split_off(to);
        for blob in &gone {
            self.session.store().unpin(blob).await?;
        }
        if let Some(action) = &mut self.action {
            let value = super::staged_settle::blobs_to_json(&gone);
            action.step(JournalStep::Note { name: NOTE_GONE.to_owned(), value })?;
        }
        Ok(())
    }

    async fn abandon(mut self) -> Result<(), FlowError> {
        self.roll_back(0).await?;
        self.end()
    }

    /// What was stored and never named is let go by the next command, and so is what a store could not let go now.
    fn end(self) -> Result<(), FlowError> {
        match self.action {
            Some(action) if !self.left_behind && self.blobs.is_empty() => Ok(action.end()?),
            _ => Ok(()),
        }
    }

    fn action(&mut self) -> Result<&mut JournalAction, FlowError> {
        let action = match self.action.take() {
            Some(action) => action,
            None => self.session.home().journal().begin(KIND, &(), &[])?,
        };
        Ok(self.action.insert(action))
    }

    fn note_pinning(&mut self, blob: BlobAddress) -> Result<(), FlowError> {
        let store = self.session.store().describe();
        Ok(self.action()?.step(JournalStep::Pinning { store, blob })?)
    }
}
