//! After a crash: what became of the transactions that were sent, and which blobs nothing needs.

use std::collections::BTreeMap;

use aceso_format::BlobAddress;
use serde_json::{Value, json};

use super::{
    FlowError, Session,
    staged::{KIND, NOTE_GONE, NOTE_PART},
};
use crate::{
    chain::{Fate, Lifetime},
    home::{HomeError, JournalStep},
};

/// What a transaction carries: the blobs that it names, and those that it makes superfluous.
#[derive(Default)]
pub(super) struct Part {
    pub blobs: Vec<BlobAddress>,
    pub replaced: Vec<BlobAddress>,
}

impl Part {
    pub fn to_json(&self, number: u32) -> Value {
        json!({
            "part": number,
            "blobs": blobs_to_json(&self.blobs),
            "replaced": blobs_to_json(&self.replaced),
        })
    }

    fn from_json(value: &Value) -> Option<(u32, Self)> {
        let number = u32::try_from(value["part"].as_u64()?).ok()?;
        let (blobs, replaced) =
            (blobs_from_json(&value["blobs"]), blobs_from_json(&value["replaced"]));
        Some((number, Self { blobs, replaced }))
    }
}

pub(super) fn blobs_to_json(blobs: &[BlobAddress]) -> Value {
    blobs.iter().map(|blob| json!([bs58::encode(blob.digest).into_string(), blob.len])).collect()
}

fn blobs_from_json(value: &Value) -> Vec<BlobAddress> {
    let blob = |value: &Value| {
        let digest = bs58::decode(value[0].as_str()?).into_vec().ok()?;
        Some(BlobAddress { digest: digest.try_into().ok()?, len: value[1].as_u64()? })
    };
    value.as_array().into_iter().flatten().filter_map(blob).collect()
}

/// What the journal tells of one action.
#[derive(Default)]
struct Unfinished {
    pinned: Vec<BlobAddress>,
    parts: BTreeMap<u32, Part>,
    sent: BTreeMap<u32, Vec<Lifetime>>,
    confirmed: Vec<u32>,
}

impl Unfinished {
    fn read(steps: &[JournalStep]) -> Self {
        let mut this = Self::default();
        for step in steps {
            match step {
                JournalStep::Pinning { blob, .. } => this.pinned.push(*blob),
                JournalStep::Sending { part, lifetime } => {
                    this.sent.entry(*part).or_default().push(*lifetime)
                }
                JournalStep::Confirmed { part } => this.confirmed.push(*part),
                JournalStep::Note { name, value } if name == NOTE_GONE => {
                    let gone = blobs_from_json(value);
                    this.pinned.retain(|blob| !gone.contains(blob));
                }
                JournalStep::Note { name, value } if name == NOTE_PART => {
                    this.parts.extend(Part::from_json(value));
                }
                JournalStep::Note { .. } => {}
            }
        }
        this
    }
}

impl Session {
    /// Settles what earlier commands have left.
    ///
    /// Gives what could not be read: it stays as it is, and keeps nothing else from being settled.
    pub(super) async fn settle_unfinished(&self) -> Result<Vec<HomeError>, FlowError> {
        let unfinished = self.home().journal().unfinished()?;
        for action in unfinished.actions {
            if action.kind() != KIND {
                continue;
            }
            let mut found = Unfinished::read(action.steps());
            let mut superfluous = Vec::new();
            for (number, part) in &found.parts {
                let sent = found.sent.get(number).map(Vec::as_slice).unwrap_or_default();
                if found.confirmed.contains(number) || self.any_landed(sent).await? {
                    found.pinned.retain(|blob| !part.blobs.contains(blob));
                    superfluous.extend_from_slice(&part.replaced);
                }
            }
            superfluous.append(&mut found.pinned);
            for blob in &superfluous {
                self.store().unpin(blob).await?;
            }
            action.end()?;
        }
        Ok(unfinished.unreadable)
    }

    async fn any_landed(&self, sent: &[Lifetime]) -> Result<bool, FlowError> {
        for lifetime in sent {
            if let Fate::Confirmed { .. } = self.chain().settle(lifetime).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
