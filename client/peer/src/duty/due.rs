use super::{BATCH, Duty, Held, Rules, View, chance, margin_secs};
use crate::config::Margins;

/// Slots within which the peers take turns to draw: the first one's window begins no later for the others.
const DRAW_TURNS: u64 = 8;

/// What is due now, the most urgent first. Nothing in it is refused by the program, as of this view.
pub fn due(view: &View<'_>, held: &dyn Held, margins: &Margins) -> Vec<Duty> {
    let rules = Rules { view, held, margins };
    let mut duties = Vec::new();
    if !view.peer.is_defaulted() {
        duties.extend(rules.spots());
        duties.extend(rules.prove());
    }
    duties.extend(rules.draw());
    duties.extend(rules.offers());
    duties.extend(rules.settle());
    let (ends, applies): (Vec<_>, _) = (rules.end().collect(), rules.apply());
    // What leaves the set before the next epoch is armed need not be proven in it.
    let shrinks = !ends.is_empty() || !applies.is_empty();
    duties.extend(ends);
    duties.extend(applies);
    duties.extend(rules.arm(shrinks));
    duties.extend(rules.close());
    duties.extend(rules.delete());
    duties
}

impl Rules<'_> {
    /// All open challenges of the oldest owed epoch, however late: a debt that is answered late is cleared, and what is not
    /// cleared costs leases.
    fn prove(&self) -> Option<Duty> {
        let (ledger, beacon) = (self.view.ledger, self.view.beacon);
        if ledger.is_settled(beacon) || ledger.next_seq >= beacon.draws {
            return None;
        }
        // Forgotten by the beacon: nobody can answer it any more.
        let draw = beacon.draw_of(ledger.next_seq).ok()?;
        let window_secs = i64::from(ledger.terms.window_secs);
        let latest = window_secs * i64::from(self.margins.prove_within_percent) / 100;
        let range = u64::try_from(latest).unwrap_or(0);
        let turn = chance::below(range, &self.view.peer_at, "prove", ledger.next_seq);
        let due_secs = draw.drawn_at_secs.saturating_add(margin_secs(turn));
        if self.view.now_secs < due_secs {
            return None;
        }
        let closed = ledger.answered | ledger.defaulted;
        let open = (0..ledger.terms.challenges).filter(|k| closed >> k & 1 == 0);
        Some(Duty::Prove {
            seq: ledger.next_seq,
            challenges: open.collect(),
            until_secs: draw.drawn_at_secs.saturating_add(window_secs),
        })
    }

    /// Whether anything will ever be asked of this peer: a set outlives the default of its peer, and earns nothing.
    fn proves(&self) -> bool {
        self.view.ledger.total > 0 && !self.view.peer.is_defaulted()
    }

    /// Drawing and arming serve everybody; who proves nothing leaves them to others.
    fn draw(&self) -> Option<Duty> {
        let (view, beacon) = (self.view, self.view.beacon);
        if !self.proves() || !beacon.is_armed() {
            return None;
        }
        if view.oldest_hash_slot >= beacon.target_slot {
            return Some(Duty::Rearm);
        }
        let turn = chance::below(DRAW_TURNS, &view.peer_at, "draw", beacon.draws);
        (view.slot > beacon.target_slot.saturating_add(turn)).then_some(Duty::Draw)
    }

    /// `shrinks`: leases are about to leave the set, which an armed epoch would hold up. Worth waiting for, but not for long:
    /// an epoch that nobody arms earns nothing.
    fn arm(&self, shrinks: bool) -> Option<Duty> {
        let (view, beacon) = (self.view, self.view.beacon);
        let epoch = view.epoch()?;
        if !self.proves() || beacon.is_armed() || (beacon.arms > 0 && epoch <= beacon.armed_epoch) {
            return None;
        }
        let epoch_secs = beacon.epoch_secs.unsigned_abs();
        let after = self.margins.arm_after_secs.min(epoch_secs / 4);
        let wait = if shrinks { epoch_secs / 8 } else { 0 };
        let turn = wait + after + chance::below(after, &view.peer_at, "arm", epoch);
        let begin = i64::try_from(epoch).ok()?.checked_mul(beacon.epoch_secs)?;
        (view.now_secs >= begin.saturating_add(margin_secs(turn))).then_some(Duty::Arm)
    }

    fn settle(&self) -> Vec<Duty> {
        let closed = self.view.ledger.closed_epoch(self.view.beacon);
        let payable = self.view.leases.iter().filter(|(_, entry)| {
            let lease = &entry.account;
            let to = lease.until_epoch.min(closed);
            if !lease.is_live() || to <= lease.settled_epoch {
                return false;
            }
            let waited = to - lease.settled_epoch >= self.margins.settle_every_epochs;
            let last = to == lease.until_epoch;
            let credited = self.view.ledger.credited_between(lease.settled_epoch, to);
            (waited || last) && credited > 0
        });
        let all: Vec<_> = payable.map(|(at, _)| *at).collect();
        all.chunks(BATCH).map(|leases| Duty::Settle { leases: leases.to_vec() }).collect()
    }

    /// Takes ended leases out of the set as soon as nothing is owed: until then each draw asks for proofs of them.
    fn apply(&self) -> Vec<Duty> {
        if !self.view.ledger.is_settled(self.view.beacon) {
            return Vec::new();
        }
        let ended = self
            .view
            .leases
            .iter()
            .filter(|(_, entry)| entry.account.is_ended() && entry.account.has_slot == 1);
        let all: Vec<_> = ended.map(|(at, _)| *at).collect();
        all.chunks(BATCH).map(|leases| Duty::Apply { leases: leases.to_vec() }).collect()
    }

    fn delete(&self) -> impl Iterator<Item = Duty> {
        let after = margin_secs(self.margins.delete_after_secs);
        let over = move |since: i64| self.view.now_secs.saturating_sub(since) >= after;
        let unneeded = self.view.unneeded.iter().filter(move |(_, since)| over(*since));
        unneeded.map(|(object, _)| Duty::Delete { object: object.address })
    }
}
