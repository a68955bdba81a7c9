use aceso::state::LeaseStatus;

use super::{Chore, Market, Stall};
use crate::chain::{Beacon, ChainError, Fetched, Lease, Pubkey};

/// Most leases that one transaction settles or takes out of a set.
const BATCH: usize = 20;

/// What is due, in the order in which it is to be done: what is settled or ended counts in what comes after.
pub fn due(market: &Market) -> Result<Vec<Chore>, ChainError> {
    let mut chores: Vec<Chore> = draw(market).into_iter().collect();
    for stall in &market.stalls {
        let view = View { now_secs: market.now.unix_secs, beacon: &market.beacon, stall };
        chores.extend(view.defaults()?);
        chores.extend(view.spots());
        chores.extend(view.settle());
        chores.extend(view.offers());
        chores.extend(view.end());
        chores.extend(view.apply());
    }
    // Last: an armed epoch holds up what leaves a set.
    chores.extend(arm(market));
    Ok(chores)
}

fn draw(market: &Market) -> Option<Chore> {
    let (beacon, epoch) = (&market.beacon, market.beacon.armed_epoch);
    let slots = market.hash_slots.filter(|_| beacon.is_armed())?;
    if slots.oldest >= beacon.target_slot {
        return Some(Chore::Rearm { epoch });
    }
    (slots.newest >= beacon.target_slot).then_some(Chore::Draw { epoch })
}

/// Epochs without anything to prove need not be armed.
fn arm(market: &Market) -> Option<Chore> {
    let beacon = &market.beacon;
    let epoch = beacon.current_epoch(market.now.unix_secs).ok()?;
    let proves = |stall: &Stall| !stall.peer.is_defaulted() && stall.ledger.head.total > 0;
    let anything = market.stalls.iter().any(proves);
    let new = beacon.arms == 0 || epoch > beacon.armed_epoch;
    (anything && new && !beacon.is_armed()).then_some(Chore::Arm { epoch })
}

struct View<'a> {
    now_secs: i64,
    beacon: &'a Fetched<Beacon>,
    stall: &'a Stall,
}

impl View<'_> {
    fn whole_due(&self) -> bool {
        !self.defaulted() && self.stall.ledger.head.whole_default_due(self.beacon, self.now_secs)
    }

    fn defaulted(&self) -> bool {
        self.stall.peer.is_defaulted()
    }

    fn defaults(&self) -> Result<Vec<Chore>, ChainError> {
        if self.defaulted() {
            return Ok(Vec::new());
        }
        if self.whole_due() {
            return Ok(vec![Chore::PeerDefault { peer: self.stall.peer.address }]);
        }
        let (ledger, beacon) = (&self.stall.ledger.head, self.beacon);
        let seq = ledger.next_seq;
        if ledger.is_settled(beacon) || seq >= beacon.draws {
            return Ok(Vec::new());
        }
        let closed = ledger.answered | ledger.defaulted;
        let open: Vec<u8> = (0..ledger.terms.challenges).filter(|k| closed >> k & 1 == 0).collect();
        let late = ledger.is_past_grace(beacon);
        let named = self.stall.ledger.challenges(beacon, &open)?;
        let lost = named.into_iter().filter_map(|challenge| {
            let lease = self.stall.lease_in(challenge.slot)?;
            let due = late || lease.is_lost();
            due.then_some(Chore::DebtDefault { lease: lease.address, seq, k: challenge.k })
        });
        Ok(lost.collect())
    }

    fn spots(&self) -> impl Iterator<Item = Chore> {
        let over = |lease: &Fetched<Lease>| {
            let late = self.now_secs > lease.spot_until_secs
                && self.beacon.draws >= lease.spot_until_draws;
            lease.spot_checker != Pubkey::default() && (lease.is_ended() || late)
        };
        let over = self.stall.leases.iter().filter(move |lease| over(lease));
        over.map(|lease| Chore::SpotDefault { lease: lease.address })
    }

    fn settle(&self) -> Vec<Chore> {
        let ledger = &self.stall.ledger.head;
        let closed = ledger.closed_epoch(self.beacon);
        let payable = self.stall.leases.iter().filter(|lease| {
            let to = lease.until_epoch.min(closed);
            lease.is_live() && ledger.credited_between(lease.settled_epoch, to) > 0
        });
        let all: Vec<Pubkey> = payable.map(|lease| lease.address).collect();
        let (peer, payout) = (self.stall.peer.address, self.stall.payout);
        let settle = |leases: &[Pubkey]| Chore::Settle { peer, leases: leases.to_vec(), payout };
        all.chunks(BATCH).map(settle).collect()
    }

    fn offers(&self) -> impl Iterator<Item = Chore> {
        let expired = |lease: &&Fetched<Lease>| {
            lease.status == LeaseStatus::Offered as u8 && self.now_secs > lease.offer_until_secs
        };
        let expired = self.stall.leases.iter().filter(expired);
        expired.map(|lease| Chore::Expire { lease: lease.address })
    }

    fn end(&self) -> Vec<Chore> {
        // The program lets nothing end before a default that is due.
        let Ok(epoch) = self.beacon.current_epoch(self.now_secs) else { return Vec::new() };
        if self.whole_due() {
            return Vec::new();
        }
        let ledger = &self.stall.ledger.head;
        let settled = ledger.is_settled(self.beacon);
        let closed = ledger.closed_epoch(self.beacon);
        let over = |lease: &&Fetched<Lease>| {
            if !lease.is_live() || self.defaulted() {
                return lease.is_live();
            }
            let term = epoch >= lease.until_epoch && (settled || closed >= lease.until_epoch);
            let released = self.stall.peer.is_released(epoch) && settled;
            lease.spot_checker == Pubkey::default() && (term || released)
        };
        let over = self.stall.leases.iter().filter(over);
        over.map(|lease| Chore::End { lease: lease.address }).collect()
    }

    fn apply(&self) -> Vec<Chore> {
        if self.defaulted() || !self.stall.ledger.head.is_settled(self.beacon) {
            return Vec::new();
        }
        let ended =
            self.stall.leases.iter().filter(|lease| lease.is_ended() && lease.has_slot == 1);
        let all: Vec<Pubkey> = ended.map(|lease| lease.address).collect();
        let peer = self.stall.peer.address;
        all.chunks(BATCH).map(|leases| Chore::Apply { peer, leases: leases.to_vec() }).collect()
    }
}
