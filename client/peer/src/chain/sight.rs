use aceso::state::{Beacon, Peer};
use aceso_sdk::chain::{ChainTime, Fetched, HashSlots, LedgerAccount, Pubkey};

use crate::{
    duty::View,
    index::{LeaseEntry, ObjectEntry},
};

/// What one look at the chain has shown.
#[derive(Clone, Debug)]
pub struct Sight {
    pub time: ChainTime,
    /// Looked up only while a draw is due.
    pub hash_slots: Option<HashSlots>,
    pub beacon: Beacon,
    pub peer: Fetched<Peer>,
    pub ledger: LedgerAccount,
    pub leases: Vec<(Pubkey, LeaseEntry)>,
    /// Objects that no lease needs, and since when that is known.
    pub unneeded: Vec<(ObjectEntry, i64)>,
    /// Every lease account that the peer's account counts is among `leases`.
    pub complete: bool,
}

impl Sight {
    pub fn view(&self) -> View<'_> {
        let (oldest, newest) = self
            .hash_slots
            .map_or((0, self.time.slot), |slots| (slots.oldest, slots.newest.saturating_add(1)));
        View {
            now_secs: self.time.unix_secs,
            // A slot counts for draws once its hash is remembered.
            slot: self.time.slot.min(newest),
            oldest_hash_slot: oldest,
            beacon: &self.beacon,
            peer_at: self.peer.address,
            peer: &self.peer.account,
            ledger: &self.ledger.head,
            leases: &self.leases,
            unneeded: &self.unneeded,
        }
    }

    /// Epochs that are drawn and owe answers.
    pub fn owed_epochs(&self) -> u64 {
        if self.ledger.head.is_settled(&self.beacon) {
            return 0;
        }
        self.beacon.draws.saturating_sub(self.ledger.head.next_seq)
    }

    /// Seconds until the oldest owed epoch earns nothing more; `None` while nothing is owed.
    pub fn window_left_secs(&self) -> Option<i64> {
        if self.owed_epochs() == 0 {
            return None;
        }
        let draw = self.beacon.draw_of(self.ledger.head.next_seq).ok()?;
        let end = draw.drawn_at_secs.saturating_add(i64::from(self.ledger.head.terms.window_secs));
        Some(end.saturating_sub(self.time.unix_secs))
    }
}
