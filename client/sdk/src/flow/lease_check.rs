//! Looking whether a peer keeps what it was given: what it proves to the chain, and what it sends when it is asked.

use std::sync::Arc;

use aceso::state::EndReason;
use aceso_format::{BlobAddress, proof_tree::LEAF_LEN};
use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, stream};

use super::{
    FlowError, LeaseState, LeaseView, LeaseWhat, Session, Step,
    lease_open::lease_address,
    record_head::{content_address, head_address},
};
use crate::{
    blob::{BlobError, BlobStore},
    chain::{Fetched, Record},
};

/// Peers asked at a time.
const AT_ONCE: usize = 8;

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// So many leaves, at random.
    Samples(u32),
    /// Every byte.
    Whole,
}

impl Default for Depth {
    fn default() -> Self {
        Self::Samples(4)
    }
}

/// What a peer sent.
#[derive(Debug)]
pub enum Held {
    /// All that was asked for, and the right bytes.
    Right { bytes: u64 },
    /// Other bytes than those of the lease.
    Wrong(FlowError),
    /// It says that it has none.
    Missing(FlowError),
    /// It refuses to give them to us.
    Refused(FlowError),
    /// It did not answer.
    Away(FlowError),
    /// It was not asked: there is nothing that it should hold.
    NotAsked,
}

/// What that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It serves the right bytes, and owes no proof that is late.
    Good,
    /// Not accepted yet.
    Waiting,
    /// It keeps the bytes, as far as one can see, and something is wrong all the same.
    Failing,
    /// It is no copy any more: replace it.
    Lost,
}

#[derive(Debug)]
pub struct LeaseChecked {
    pub view: LeaseView,
    pub held: Held,
    pub health: Health,
    /// Of a record: whether what it holds is the present version and head.
    pub is_current: Option<bool>,
    /// In one sentence.
    pub words: String,
}

impl Session {
    /// Asks the peer for some of the bytes, verifies them, and looks at what it has proven.
    pub async fn lease_check(
        &self,
        lease: Pubkey,
        depth: Depth,
    ) -> Result<LeaseChecked, FlowError> {
        let view = self.lease_show(lease).await?;
        self.watch().step(Step::Asking);
        self.check_view(view, depth).await
    }

    pub(super) async fn check_views(
        &self,
        views: Vec<LeaseView>,
        depth: Depth,
    ) -> Result<Vec<LeaseChecked>, FlowError> {
        self.watch().step(Step::Asking);
        let checks = stream::iter(views).map(|view| self.check_view(view, depth));
        let checked: Vec<_> = checks.buffered(AT_ONCE).collect().await;
        checked.into_iter().collect()
    }

    async fn check_view(&self, view: LeaseView, depth: Depth) -> Result<LeaseChecked, FlowError> {
        let asks = matches!(view.state, LeaseState::Live | LeaseState::Over);
        let held = match asks {
            false => Held::NotAsked,
            true => match self.ask_peer(&view, depth).await {
                Ok(bytes) => Held::Right { bytes },
                Err(error) => held(error)?,
            },
        };
        let is_current = self.is_current(&view, &held).await?;
        let (health, words) = judge(&view, &held, is_current);
        Ok(LeaseChecked { view, held, health, is_current, words })
    }

    /// Bytes that were right.
    async fn ask_peer(&self, view: &LeaseView, depth: Depth) -> Result<u64, FlowError> {
        let store: Arc<dyn BlobStore> =
            Arc::new(self.peer_store(&view.lease.peer, &view.endpoint)?);
        let blob = lease_address(&view.lease);
        let mut right = 0;
        match depth {
            Depth::Whole => {
                let (mut reader, progress) = (store.get(blob)?, self.progress());
                while let Some(bytes) = reader.next().await? {
                    right += bytes.len() as u64;
                    progress.advance(right, Some(blob.len));
                }
            }
            Depth::Samples(samples) => {
                for _ in 0..samples.max(1) {
                    let mut random = [0; 8];
                    getrandom::fill(&mut random)
                        .map_err(|error| FlowError::Random(error.to_string()))?;
                    let leaves = blob.len.div_ceil(LEAF_LEN as u64).max(1);
                    let start = u64::from_le_bytes(random) % leaves * LEAF_LEN as u64;
                    let range = start..blob.len.min(start + LEAF_LEN as u64);
                    right += store.get_range(blob, range)?.collect().await?.len() as u64;
                }
            }
        }
        Ok(right)
    }

    /// A record's copy ends with its head, which is another one after every change: it is asked for, and compared.
    async fn is_current(&self, view: &LeaseView, held: &Held) -> Result<Option<bool>, FlowError> {
        let LeaseWhat::Record(record) = view.what else { return Ok(None) };
        let Some(record): Option<Fetched<Record>> = self.chain().find(&record).await? else {
            return Ok(None);
        };
        let (content, head) = (content_address(&record), head_address(&record));
        let blob = lease_address(&view.lease);
        if blob.len != content.len + head.len {
            return Ok(Some(false));
        }
        if !matches!(held, Held::Right { .. }) {
            return Ok(None);
        }
        let store: Arc<dyn BlobStore> =
            Arc::new(self.peer_store(&view.lease.peer, &view.endpoint)?);
        let tail = match store.get_range(blob, content.len..blob.len)?.collect().await {
            Ok(tail) => tail,
            Err(_) => return Ok(None),
        };
        Ok(Some(BlobAddress::of(&tail) == head))
    }
}

/// What an error of a peer says about its bytes; an error of ours stays one.
fn held(error: FlowError) -> Result<Held, FlowError> {
    Ok(match &error {
        FlowError::Blob(BlobError::NotFound { .. }) => Held::Missing(error),
        FlowError::Blob(BlobError::Mismatch { .. }) => Held::Wrong(error),
        FlowError::Blob(
            BlobError::Down { .. } | BlobError::Slow { .. } | BlobError::BadLocation { .. },
        ) => Held::Away(error),
        FlowError::Blob(
            BlobError::PeerRefused { status, .. } | BlobError::Refused { status, .. },
        ) => match status {
            500.. => Held::Away(error),
            _ => Held::Refused(error),
        },
        _ => return Err(error),
    })
}

fn judge(view: &LeaseView, held: &Held, is_current: Option<bool>) -> (Health, String) {
    let proven = match (view.credited, view.decided) {
        (_, 0) => "no epoch of it is decided yet".to_owned(),
        (credited, decided) => format!("it has proven {credited} of {decided} epochs"),
    };
    match view.state {
        LeaseState::Offered => {
            return (Health::Waiting, "offered; the peer has not accepted it yet".to_owned());
        }
        LeaseState::OfferExpired => {
            let words = "nobody accepted the offer in time; take it back with `aceso lease claim`";
            return (Health::Lost, words.to_owned());
        }
        LeaseState::Ended(end) => return (Health::Lost, format!("ended: {}", end_words(end))),
        LeaseState::Over => {
            let words = "its term is over, or its peer has left or defaulted".to_owned();
            return (Health::Lost, words);
        }
        LeaseState::Live => {}
    }
    let late = view.debt > 1;
    match held {
        Held::Right { .. } if is_current == Some(false) => (
            Health::Failing,
            format!(
                "it keeps an older state of the record; bring it up to date with `aceso lease update` ({proven})"
            ),
        ),
        Held::Right { .. } if late => (
            Health::Failing,
            format!(
                "it serves the right bytes, but owes the proofs of {} draws ({proven})",
                view.debt
            ),
        ),
        Held::Right { .. } => (Health::Good, format!("it serves the right bytes ({proven})")),
        Held::Wrong(_) => {
            (Health::Lost, format!("it sends other bytes than it was given ({proven})"))
        }
        Held::Missing(_) => {
            (Health::Lost, format!("it says that it does not have the bytes ({proven})"))
        }
        Held::Refused(error) => (Health::Failing, format!("it does not give them out: {error}")),
        Held::Away(_) if !late && view.credited > 0 => (
            Health::Lost,
            format!("it proves the bytes to the chain but does not answer readers ({proven})"),
        ),
        Held::Away(error) => (Health::Lost, format!("it does not answer ({proven}): {error}")),
        Held::NotAsked => (Health::Failing, proven),
    }
}

/// Why a lease has ended, as one would say it.
pub fn end_words(end: EndReason) -> &'static str {
    match end {
        EndReason::None => "not ended",
        EndReason::Declined => "the peer declined",
        EndReason::Expired => "the offer was not accepted in time",
        EndReason::Cancelled => "cancelled by its owner",
        EndReason::Term => "its term is over",
        EndReason::Released => "its peer has left after notice",
        EndReason::Defaulted => "the peer could not prove it",
        EndReason::PeerDefaulted => "its peer has defaulted",
    }
}
