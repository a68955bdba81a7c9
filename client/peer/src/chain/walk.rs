//! Which leases this peer has: from the transactions that name its account, each lease by the event of its opening.

use std::collections::BTreeSet;

use aceso::state::Lease;
use aceso_sdk::chain::{Event, Pubkey, Signature};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{FollowError, Follower};
use crate::index::{LeaseEntry, Seen};

/// Transactions fetched at a time, and worked in at a time: a first walk that breaks off goes on there.
const AT_ONCE: usize = 8;
const CHUNK: usize = 200;

impl Follower {
    /// Works in what the chain has of this peer since `until`, oldest first, and says how many leases it met.
    pub(super) async fn walk(&self, until: Option<Signature>) -> Result<usize, FollowError> {
        let mut signatures = self.chain.rpc.signatures(&self.peer_at, until).await?;
        signatures.reverse();
        let mut met = 0;
        for chunk in signatures.chunks(CHUNK) {
            let events: Vec<Vec<Event>> = stream::iter(chunk.to_vec())
                .map(|signature| async move { self.chain.rpc.events(&signature).await })
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            let named: BTreeSet<Pubkey> = events
                .into_iter()
                .flatten()
                .filter_map(|event| match event {
                    Event::Lease(changed) if changed.peer == self.peer_at => Some(changed.lease),
                    _ => None,
                })
                .collect();
            met += named.len();
            let named: Vec<Pubkey> = named.into_iter().collect();
            self.read(&named, chunk.last()).await?;
        }
        Ok(met)
    }

    /// Reads leases and works in what has changed; a closed one is forgotten. `cursor` is noted with it.
    pub(super) async fn read(
        &self,
        at: &[Pubkey],
        cursor: Option<&Signature>,
    ) -> Result<(), FollowError> {
        let found = self.chain.find_many::<Lease>(at).await?;
        let mut seen: Vec<Seen> = Vec::new();
        for (at, found) in at.iter().zip(found) {
            let found = found.filter(|lease| lease.peer == self.peer_at);
            let entry = found.map(|lease| LeaseEntry { account: lease.account, slot: lease.slot });
            let known = self.index.lease(at)?;
            let same = known.as_ref().map(|known| &known.account)
                == entry.as_ref().map(|entry| &entry.account);
            if !same {
                seen.push((*at, entry));
            }
        }
        if !seen.is_empty() || cursor.is_some() {
            self.index.saw(&seen, cursor)?;
        }
        Ok(())
    }
}
