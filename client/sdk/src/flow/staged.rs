//! Blobs on their way: stored and pinned before the transaction that names them, let go when it fails for good. The
//! journal knows each of them, so that this holds after a crash too (`staged_settle.rs`).

use std::time::Duration;

use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    FlowError, Receipt, Session, Step,
    staged_part::{Named, Part, blobs_to_json},
};
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

/// What the journal has of an action first.
#[derive(Serialize, Deserialize)]
pub(super) struct Intent {
    /// Holds the blobs: only a session with the same store can let them go.
    pub store: String,
}

/// Instructions that take effect together or not at all, with the blobs that they name and those they make superfluous.
#[derive(Default)]
pub(super) struct Unit {
    pub instructions: Vec<Instruction>,
    pub blobs: Vec<Named>,
    pub replaced: Vec<Named>,
}

impl Unit {
    pub fn append(&mut self, mut other: Unit) {
        self.instructions.append(&mut other.instructions);
        self.blobs.append(&mut other.blobs);
        self.replaced.append(&mut other.replaced);
    }
}

/// How a blob stands that an action has stored, or has made superfluous.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Stored for this attempt.
    Attempt,
    /// Stored, and serves the next attempt too.
    Kept,
    /// Named on the chain: no longer the action's to let go.
    OnChain,
    /// To be let go, once nothing on the chain names it; if the store is away, by the next command.
    Superfluous,
}

/// The blobs of one action.
pub(super) struct Staged<'s> {
    session: &'s Session,
    action: Option<JournalAction>,
    blobs: Vec<(BlobAddress, State)>,
    /// What was signed and is not known to have taken effect: it may have, whatever a node says.
    open: Vec<Part>,
    /// How many parts were noted.
    parts: u32,
    /// Whether anything was signed.
    signed: bool,
    /// Whether the journal has missed a step, so that the next command has to look.
    note_missed: bool,
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
    /// Reads, again from the present state when what was read was changed meanwhile.
    pub(super) async fn unchanging<T>(
        &self,
        what: &'static str,
        mut read: impl AsyncFnMut() -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        self.staged(what, async |_| read().await).await
    }

    /// Runs an action: again from the present state when somebody else was faster, and with its blobs let go when it
    /// fails for good.
    pub(super) async fn staged<T>(
        &self,
        what: &'static str,
        action: impl AsyncFnMut(&mut Staged<'_>) -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        self.staged_tries(what, self.options().tries.max(1), action).await
    }

    /// A transaction that names no blob. It is in the journal all the same: the next command looks what became of it.
    pub(super) async fn send_alone(
        &self,
        instructions: Vec<Instruction>,
    ) -> Result<Receipt, FlowError> {
        let mut unit = Some(Unit { instructions, ..Unit::default() });
        self.staged_tries("account", 1, async |staged| {
            staged.send(unit.take().unwrap_or_default()).await
        })
        .await
    }

    async fn staged_tries<T>(
        &self,
        what: &'static str,
        tries: u32,
        mut action: impl AsyncFnMut(&mut Staged<'_>) -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        let mut staged = Staged::new(self);
        let mut attempt = 1;
        loop {
            let error = match action(&mut staged).await {
                Ok(value) => {
                    staged.end();
                    return Ok(value);
                }
                Err(error) => error,
            };
            // The next command asks what became of it.
            if error.is_fate_unknown() {
                return Err(error);
            }
            let again = error.is_stale_state() && attempt < tries;
            // The cause matters more to the user than what could not be looked up; the next command does that.
            let Ok(undone) = staged.undo(again).await else { return Err(error) };
            if undone == Undone::TookEffect {
                staged.end();
                return Err(FlowError::TookEffect { said: Box::new(error) });
            }
            if !again {
                staged.end();
                let contended = tries > 1
                    && error.is_stale_state()
                    && !matches!(error, FlowError::ListIncomplete { .. });
                return Err(if contended {
                    FlowError::Contended { what, tries, last: error.to_string() }
                } else {
                    error
                });
            }
            self.watch().step(Step::Retrying);
            // Two who collide should not collide again at once.
            tokio::time::sleep(Duration::from_millis(
                60 * u64::from(attempt) + super::session::jitter_ms(200)?,
            ))
            .await;
            attempt += 1;
        }
    }
}

/// What an attempt that failed has come to.
#[derive(PartialEq, Eq)]
enum Undone {
    Nothing,
    /// The accounts name what it stored, whatever was said.
    TookEffect,
}

impl<'s> Staged<'s> {
    fn new(session: &'s Session) -> Self {
        let (blobs, open) = Default::default();
        Self { session, action: None, blobs, open, parts: 0, signed: false, note_missed: false }
    }

    /// Stores a head, keyring, bundle or reason.
    pub async fn put(&mut self, bytes: Vec<u8>) -> Result<Blob, FlowError> {
        let bytes = Bytes::from(bytes);
        let blob = BlobAddress::of(&bytes);
        self.note_pinning(blob)?;
        self.session.store().put_bytes(bytes).await?;
        self.blobs.push((blob, State::Attempt));
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
        self.blobs.push((sealed.blob, State::Attempt));
        Ok(sealed)
    }

    /// What is stored so far serves further attempts.
    pub fn keep(&mut self) {
        for (_, state) in self.blobs.iter_mut().filter(|(_, state)| *state == State::Attempt) {
            *state = State::Kept;
        }
    }

    /// Whether a transaction was signed, so that it may have been sent.
    pub fn has_signed(&self) -> bool {
        self.signed
    }

    /// Sends a unit in one transaction.
    pub async fn send(&mut self, unit: Unit) -> Result<Receipt, FlowError> {
        let Unit { instructions, blobs, replaced } = unit;
        let part = Part { blobs, replaced, ..Part::default() };
        Ok(self.send_part(instructions, part).await?.into())
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
        mut part: Part,
    ) -> Result<Sent, FlowError> {
        let session = self.session;
        session.watch().step(Step::Sending);
        part.before = session.states_before(&part.blobs).await?;
        let number = self.parts;
        self.parts += 1;
        let note = JournalStep::Note { name: NOTE_PART.to_owned(), value: part.to_json(number) };
        self.action()?.step(note)?;
        let transaction =
            Transaction::new(instructions, &**session.payer(), &[&**session.wallet()]);
        let mut signed = false;
        let sent = {
            let mut sending = self.action()?.sending(number);
            let mut note = |transaction: &chain::Signed| {
                sending(transaction)?;
                signed = true;
                Ok(())
            };
            session.chain().send_noted(&transaction, &mut note).await
        };
        self.signed |= signed;
        if signed {
            self.open.push(part);
        }
        let sent = sent?;
        // It took effect: nothing may fail from here on.
        session.chain().rpc.saw_slot(sent.slot);
        if let Some(part) = self.open.pop() {
            self.landed(number, part).await;
        }
        Ok(sent)
    }

    async fn landed(&mut self, number: u32, part: Part) {
        for named in &part.blobs {
            self.mark(named.blob, State::OnChain);
        }
        for named in &part.replaced {
            self.mark(named.blob, State::Superfluous);
        }
        let confirmed = JournalStep::Confirmed { part: number };
        self.note_missed |= self.action().and_then(|action| Ok(action.step(confirmed)?)).is_err();
        if self.note_missed || part.replaced.is_empty() {
            return;
        }
        // That it took effect is one node's word: what the accounts name still, stays.
        let Ok(namers) = self.session.namers(part.replaced.iter().map(|named| named.by)).await
        else {
            return;
        };
        for named in &part.replaced {
            match namers.name(named) {
                true => self.mark(named.blob, State::OnChain),
                false => self.let_go(named.blob).await,
            }
        }
    }

    /// Lets go of what an attempt has stored and nothing names. What a store cannot let go now, the next command does.
    async fn undo(&mut self, again: bool) -> Result<Undone, FlowError> {
        let namers = self.session.namers(self.open.iter().flat_map(Part::accounts)).await?;
        let open = std::mem::take(&mut self.open);
        let mut undone = Undone::Nothing;
        for part in open.iter().filter(|part| part.shows(&namers)) {
            part.blobs.iter().for_each(|named| self.mark(named.blob, State::OnChain));
            undone = Undone::TookEffect;
        }
        let goes = |state: State| match state {
            State::Attempt => true,
            State::Kept => !again || undone == Undone::TookEffect,
            State::OnChain | State::Superfluous => false,
        };
        let blobs: Vec<BlobAddress> =
            self.blobs.iter().filter(|(_, state)| goes(*state)).map(|(blob, _)| *blob).collect();
        for blob in &blobs {
            self.mark(*blob, State::Superfluous);
            self.let_go(*blob).await;
        }
        if let Some(action) = &mut self.action {
            let gone: Vec<BlobAddress> = blobs
                .into_iter()
                .filter(|blob| !self.blobs.iter().any(|(b, _)| b == blob))
                .collect();
            let note =
                JournalStep::Note { name: NOTE_GONE.to_owned(), value: blobs_to_json(&gone) };
            self.note_missed |= action.step(note).is_err();
        }
        Ok(undone)
    }

    async fn let_go(&mut self, blob: BlobAddress) {
        if self.session.store().unpin(&blob).await.is_ok() {
            self.blobs.retain(|(other, _)| *other != blob);
        }
    }

    fn mark(&mut self, blob: BlobAddress, state: State) {
        match self.blobs.iter_mut().find(|(other, _)| *other == blob) {
            Some(entry) => entry.1 = state,
            None => self.blobs.push((blob, state)),
        }
    }

    /// What is left to do stays in the journal, for the next command; so does an action that cannot be struck from it.
    fn end(&mut self) {
        let is_done = self.blobs.iter().all(|(_, state)| *state == State::OnChain);
        if is_done
            && !self.note_missed
            && let Some(action) = self.action.take()
        {
            let _ = action.end();
        }
    }

    fn action(&mut self) -> Result<&mut JournalAction, FlowError> {
        let action = match self.action.take() {
            Some(action) => action,
            None => {
                let intent = Intent { store: self.session.store().describe() };
                self.session.home().journal().begin(KIND, &intent, &[])?
            }
        };
        Ok(self.action.insert(action))
    }

    fn note_pinning(&mut self, blob: BlobAddress) -> Result<(), FlowError> {
        let store = self.session.store().describe();
        Ok(self.action()?.step(JournalStep::Pinning { store, blob })?)
    }
}
