//! A peer's ledger. Its account grows with the tree of weights behind its header, so it is no [`Kind`] of one length.
//!
//! [`Kind`]: super::Kind

use aceso::state::{Beacon, Layout, Ledger, LedgerMut, Meta};
use anchor_lang::{Discriminator, prelude::Pubkey};

use super::{Chain, ChainError, RawAccount, address};

/// A ledger as it was fetched, with its tree.
#[derive(Clone, Debug)]
pub struct LedgerAccount {
    pub address: Pubkey,
    /// The header.
    pub head: Ledger,
    /// Slot that the answer is of.
    pub slot: u64,
    /// The whole account, aligned as the program reads it.
    words: Vec<u64>,
}

/// What a challenge of the oldest owed epoch names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub k: u8,
    /// Slot of the lease in the peer's set.
    pub slot: u32,
    /// How far into the lease's weight; the leaf is `rest % leaf count`.
    pub rest: u64,
}

const KIND: &str = "ledger";

impl LedgerAccount {
    pub fn decode(at: Pubkey, raw: &RawAccount) -> Result<Self, ChainError> {
        let wrong = |reason| ChainError::AccountWrong { kind: KIND, address: at, reason };
        if raw.owner != address::PROGRAM {
            return Err(wrong("another program owns it"));
        }
        if !raw.data.starts_with(Ledger::DISCRIMINATOR) {
            return Err(wrong("it is of another kind"));
        }
        let mut words = vec![0u64; raw.data.len() / 8];
        if words.len() * 8 != raw.data.len() || raw.data.len() < Ledger::SPACE {
            return Err(wrong("its length does not fit its layout"));
        }
        bytemuck::cast_slice_mut::<u64, u8>(&mut words).copy_from_slice(&raw.data);
        let head = {
            let ledger = LedgerMut::new(bytemuck::cast_slice_mut(&mut words))
                .map_err(|_| wrong("its tree does not fit its header"))?;
            *ledger
        };
        if head.meta.layout != Meta::LAYOUT {
            return Err(ChainError::LayoutUnknown {
                kind: KIND,
                address: at,
                found: head.meta.layout,
                known: Meta::LAYOUT,
            });
        }
        Ok(Self { address: at, head, slot: raw.slot, words })
    }

    /// What these challenges of the oldest owed epoch name, with the ledger as the program would bring it up to date
    /// first. Nothing, while nothing is owed.
    pub fn challenges(&self, beacon: &Beacon, ks: &[u8]) -> Result<Vec<Challenge>, ChainError> {
        let wrong = |_| ChainError::AccountWrong {
            kind: KIND,
            address: self.address,
            reason: "header, tree and beacon do not fit together",
        };
        let mut words = self.words.clone();
        let mut ledger = LedgerMut::new(bytemuck::cast_slice_mut(&mut words)).map_err(wrong)?;
        ledger.sync(beacon).map_err(wrong)?;
        let Ok(draw) = ledger.owed(beacon).copied() else { return Ok(Vec::new()) };
        ks.iter()
            .map(|k| {
                let (slot, rest) = ledger.challenge(&draw, *k).map_err(wrong)?;
                Ok(Challenge { k: *k, slot, rest })
            })
            .collect()
    }
}

impl Chain {
    /// The ledger of a peer.
    pub async fn ledger(&self, peer: &Pubkey) -> Result<LedgerAccount, ChainError> {
        let at = address::ledger(peer);
        let raw = self.rpc.account(&at).await?;
        let raw = raw.ok_or(ChainError::AccountMissing { kind: KIND, address: at })?;
        LedgerAccount::decode(at, &raw)
    }
}
