//! What a transaction carries, and by which accounts it shows whether it took effect.

use std::collections::BTreeMap;

use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{FlowError, Session};
use crate::chain::{Blob, RawAccount};

/// A blob, and the account that names it or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub blob: BlobAddress,
    pub by: Pubkey,
}

impl Named {
    pub fn new(blob: &Blob, by: Pubkey) -> Self {
        Self { blob: super::staged::blob_address(blob), by }
    }
}

/// SHA-256 of an account's data; `None` where there is no account.
type State = Option<[u8; 32]>;

/// What a transaction carries: the blobs that it names, and those that it makes superfluous.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub blobs: Vec<Named>,
    pub replaced: Vec<Named>,
    /// The accounts that are to name its blobs, before it was sent.
    pub before: BTreeMap<Pubkey, State>,
}

/// The accounts of some blobs, as they are.
#[derive(Default)]
pub(super) struct Namers(BTreeMap<Pubkey, Option<RawAccount>>);

impl Namers {
    /// Whether the account names the blob. Digests are of random ciphertext: nothing else in an account looks like one.
    pub fn name(&self, named: &Named) -> bool {
        let account = self.0.get(&named.by).and_then(Option::as_ref);
        account.is_some_and(|account| {
            account.data.windows(32).any(|window| window == named.blob.digest)
        })
    }

    fn state(&self, at: &Pubkey) -> State {
        self.0.get(at).and_then(Option::as_ref).map(|account| Sha256::digest(&account.data).into())
    }
}

impl Part {
    pub fn accounts(&self) -> impl Iterator<Item = Pubkey> {
        self.blobs.iter().chain(&self.replaced).map(|named| named.by)
    }

    /// Whether the accounts show that it took effect.
    pub fn shows(&self, namers: &Namers) -> bool {
        self.blobs.iter().any(|named| namers.name(named))
    }

    /// Whether nothing can have come of a blob that its account does not name: there is no account, or it is what it was
    /// before. Otherwise the blob may have been named and followed by a newer one since, as the head of a record's
    /// earlier version is, which has to stay.
    pub fn untouched(&self, named: &Named, namers: &Namers) -> bool {
        let now = namers.state(&named.by);
        now.is_none() || self.before.get(&named.by) == Some(&now)
    }

    pub fn to_json(&self, number: u32) -> Value {
        let before = self.before.iter().map(|(at, state)| {
            json!([at.to_string(), state.map(|state| bs58::encode(state).into_string())])
        });
        json!({
            "part": number,
            "blobs": named_to_json(&self.blobs),
            "replaced": named_to_json(&self.replaced),
            "before": before.collect::<Vec<_>>(),
        })
    }

    pub fn from_json(value: &Value) -> Option<(u32, Self)> {
        let number = u32::try_from(value["part"].as_u64()?).ok()?;
        let before = value["before"].as_array()?.iter().map(|entry| {
            let state = match &entry[1] {
                Value::Null => None,
                state => Some(digest_from_json(state)?),
            };
            Some((entry[0].as_str()?.parse().ok()?, state))
        });
        let blobs = named_from_json(&value["blobs"])?;
        let replaced = named_from_json(&value["replaced"])?;
        Some((number, Self { blobs, replaced, before: before.collect::<Option<_>>()? }))
    }
}

impl Session {
    /// The accounts as the node shows them, before a transaction is sent.
    pub(super) async fn states_before(
        &self,
        blobs: &[Named],
    ) -> Result<BTreeMap<Pubkey, State>, FlowError> {
        let at = distinct(blobs.iter().map(|named| named.by));
        let found = self.chain().rpc.accounts(&at).await?;
        let namers = Namers(at.iter().copied().zip(found).collect());
        Ok(at.iter().map(|at| (*at, namers.state(at))).collect())
    }

    /// The accounts as both nodes show them.
    pub(super) async fn namers(
        &self,
        at: impl Iterator<Item = Pubkey>,
    ) -> Result<Namers, FlowError> {
        let at = distinct(at);
        if at.is_empty() {
            return Ok(Namers::default());
        }
        let found = self.chain().accounts_confirmed(&at).await?;
        Ok(Namers(at.into_iter().zip(found).collect()))
    }
}

fn distinct(at: impl Iterator<Item = Pubkey>) -> Vec<Pubkey> {
    let mut at: Vec<Pubkey> = at.collect();
    at.sort_unstable();
    at.dedup();
    at
}

pub(super) fn blobs_to_json(blobs: &[BlobAddress]) -> Value {
    blobs.iter().map(|blob| json!([bs58::encode(blob.digest).into_string(), blob.len])).collect()
}

pub(super) fn blobs_from_json(value: &Value) -> Option<Vec<BlobAddress>> {
    value.as_array()?.iter().map(blob_from_json).collect()
}

fn blob_from_json(value: &Value) -> Option<BlobAddress> {
    Some(BlobAddress { digest: digest_from_json(&value[0])?, len: value[1].as_u64()? })
}

fn digest_from_json(value: &Value) -> Option<[u8; 32]> {
    bs58::decode(value.as_str()?).into_vec().ok()?.try_into().ok()
}

fn named_to_json(blobs: &[Named]) -> Value {
    let entry = |named: &Named| {
        json!([bs58::encode(named.blob.digest).into_string(), named.blob.len, named.by.to_string()])
    };
    blobs.iter().map(entry).collect()
}

fn named_from_json(value: &Value) -> Option<Vec<Named>> {
    let entry = |value: &Value| {
        Some(Named { blob: blob_from_json(value)?, by: value[2].as_str()?.parse().ok()? })
    };
    value.as_array()?.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(digest: u8, by: u8) -> Named {
        let blob = BlobAddress { digest: [digest; 32], len: 7 };
        Named { blob, by: Pubkey::new_from_array([by; 32]) }
    }

    fn account(data: &[u8]) -> RawAccount {
        RawAccount { owner: Pubkey::default(), lamports: 1, data: data.to_vec(), slot: 1 }
    }

    fn shown(by: u8, data: Option<&[u8]>) -> Namers {
        Namers([(Pubkey::new_from_array([by; 32]), data.map(account))].into())
    }

    #[test]
    fn a_part_is_read_back_as_it_was_written() {
        let before = shown(1, Some(b"was"));
        let at = Pubkey::new_from_array([1; 32]);
        let before = [(at, before.state(&at)), (Pubkey::new_from_array([2; 32]), None)].into();
        let part = Part { blobs: vec![named(3, 1)], replaced: vec![named(4, 2)], before };
        assert_eq!(Part::from_json(&part.to_json(5)), Some((5, part)));
        assert_eq!(Part::from_json(&json!({ "part": 5, "blobs": [], "replaced": [] })), None);
    }

    #[test]
    fn only_an_account_that_is_gone_or_as_it_was_shows_that_nothing_was_named() {
        let blob = named(3, 1);
        let before = [(blob.by, shown(1, Some(b"version 1")).state(&blob.by))].into();
        let part = Part { blobs: vec![blob], replaced: Vec::new(), before };
        assert!(part.untouched(&blob, &shown(1, Some(b"version 1"))));
        assert!(part.untouched(&blob, &shown(1, None)));
        // Version 2 was ours, and another device has filed version 3 since.
        assert!(!part.untouched(&blob, &shown(1, Some(b"version 3"))));
        assert!(!part.shows(&shown(1, Some(b"version 3"))));
        assert!(part.shows(&shown(1, Some(&[&[9; 5][..], &[3; 32], &[9]].concat()))));
    }
}
