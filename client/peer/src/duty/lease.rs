use aceso::state::{Lease, LeaseStatus, PeerStatus, proof};
use aceso_sdk::chain::Pubkey;

use super::{Duty, Rules, Unwanted, in_force, margin_secs, pending};

impl Rules<'_> {
    /// Spot checks that are open, where the bytes are here. No rush, but nothing to wait for either: the deposit pays for it.
    pub(super) fn spots(&self) -> impl Iterator<Item = Duty> {
        self.leases().filter_map(|(at, lease)| {
            if lease.spot_checker == Pubkey::default()
                || lease.is_lost()
                || !self.held.holds(&in_force(lease))
            {
                return None;
            }
            let leaf = lease.spot_offset.checked_rem(proof::leaf_count(lease.stored_len))?;
            Some(Duty::AnswerSpot { lease: at, leaf, until_secs: lease.spot_until_secs })
        })
    }

    /// Offers and amendments whose bytes are here are taken on; offers that cannot be are sent back.
    pub(super) fn offers(&self) -> impl Iterator<Item = Duty> {
        // What is accepted in this pass ties up bond that the next offer cannot have.
        let mut bond = self.view.peer.bond;
        self.leases().filter_map(move |(at, lease)| {
            if lease.is_live() {
                let next = pending(lease)?;
                return self.held.holds(&next).then_some(Duty::AcceptAmendment { lease: at });
            }
            if lease.status != LeaseStatus::Offered as u8 {
                return None;
            }
            let lock = self.lock(lease);
            if let Some(why) = self.unwanted(lease, lock, bond) {
                return Some(Duty::Decline { lease: at, why });
            }
            let margin = margin_secs(self.margins.accept_before_secs);
            let in_time = self.view.now_secs <= lease.offer_until_secs.saturating_sub(margin);
            if !in_time || !self.held.holds(&in_force(lease)) {
                return None;
            }
            bond = bond.saturating_sub(lock?);
            Some(Duty::Accept { lease: at })
        })
    }

    /// What accepting would lock.
    fn lock(&self, lease: &Lease) -> Option<u64> {
        let lock = lease.price.checked_mul(u64::from(self.view.ledger.terms.lock_epochs))?;
        Some(lock.max(self.view.peer.lock_floor))
    }

    fn unwanted(&self, lease: &Lease, lock: Option<u64>, bond: u64) -> Option<Unwanted> {
        let peer = self.view.peer;
        if peer.status != PeerStatus::Active as u8 {
            return Some(Unwanted::Leaving);
        }
        if self.view.now_secs > lease.offer_until_secs {
            // Anyone may expire it; declining would cost a fee for the same.
            return None;
        }
        let held = self.held.holds(&in_force(lease));
        if !held && !self.held.has_room(lease.stored_len) {
            return Some(Unwanted::NoRoom);
        }
        let covered = lock.is_some_and(|lock| lock <= bond) && peer.require_bond().is_ok();
        (!covered).then_some(Unwanted::BondTooSmall)
    }

    /// Leases whose term is over, or whose notice is.
    pub(super) fn end(&self) -> impl Iterator<Item = Duty> {
        let (view, beacon) = (self.view, self.view.beacon);
        let epoch = view.epoch();
        let settled = view.ledger.is_settled(beacon);
        let closed = view.ledger.closed_epoch(beacon);
        // A default of the whole peer comes first; the program lets nothing end before it.
        let free =
            !view.ledger.whole_default_due(beacon, view.now_secs) && !view.peer.is_defaulted();
        self.leases().filter_map(move |(at, lease)| {
            let epoch = epoch.filter(|_| free && lease.is_live())?;
            if lease.spot_checker != Pubkey::default() {
                return None;
            }
            let term = epoch >= lease.until_epoch && (settled || closed >= lease.until_epoch);
            let released = view.peer.is_released(epoch) && settled;
            (term || released).then_some(Duty::End { lease: at })
        })
    }

    /// A peer that leaves closes what is over: it cannot retire before. Others leave that to the owner, whose rent it is.
    pub(super) fn close(&self) -> impl Iterator<Item = Duty> {
        let leaving = self.view.peer.status == PeerStatus::Draining as u8;
        self.leases()
            .filter(move |(_, lease)| leaving && lease.require_closable(self.view.peer).is_ok())
            .map(|(at, _)| Duty::Close { lease: at })
    }

    fn leases(&self) -> impl Iterator<Item = (Pubkey, &Lease)> {
        self.view.leases.iter().map(|(at, entry)| (*at, &entry.account))
    }
}
