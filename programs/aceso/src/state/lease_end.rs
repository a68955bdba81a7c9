//! How a lease is paid, and the ways in which it ends. Each of them leaves nothing in its escrow and lock: what is not
//! the peer's is `owed` to the owner, to be claimed.

use crate::{
    error::AcesoError,
    prelude::*,
    state::{Beacon, EndReason, Lease, LeaseStatus, Ledger, Peer},
};

impl Lease {
    /// Pays the peer for each credited epoch that is closed and not settled yet; says how much.
    ///
    /// An epoch is closed once nothing can credit it any more, so none is looked at twice. One that is still owed is not:
    /// whatever defaults a lease for it, this has not paid for it, and never will.
    pub fn settle(&mut self, peer: &mut Peer, ledger: &Ledger, beacon: &Beacon) -> Result<u64> {
        let to = self.until_epoch.min(ledger.closed_epoch(beacon));
        if !self.is_live() || to <= self.settled_epoch {
            return Ok(0);
        }
        let credited = ledger.credited_between(self.settled_epoch, to);
        let paid = self.price.checked_mul(credited).ok_or(AcesoError::Overflow)?;
        self.escrow = self.escrow.checked_sub(paid).ok_or(AcesoError::InvariantBroken)?;
        self.settled_epoch = to;
        peer.earn(paid)?;
        self.invariant()?;
        Ok(paid)
    }

    /// The peer does not want the offer.
    pub fn decline(&mut self, peer: &mut Peer, now_secs: i64) -> Result<()> {
        self.require_offered()?;
        self.finish(EndReason::Declined, peer, false, now_secs)
    }

    /// Nobody has accepted the offer in time.
    pub fn expire(&mut self, peer: &mut Peer, now_secs: i64) -> Result<()> {
        self.require_offered()?;
        require!(now_secs > self.offer_until_secs, AcesoError::OfferNotExpired);
        self.finish(EndReason::Expired, peer, false, now_secs)
    }

    /// The owner wants out, at any time: epochs that are closed are paid, all others are not. Says what the peer got.
    pub fn cancel(
        &mut self,
        peer: &mut Peer,
        ledger: &Ledger,
        beacon: &Beacon,
        now_secs: i64,
    ) -> Result<u64> {
        require!(!self.is_ended(), AcesoError::LeaseNotLive);
        if self.is_live() {
            if peer.is_defaulted() {
                // Its owner need not give the lock away by asking in the wrong words.
                return self.end(peer, ledger, beacon, now_secs);
            }
            // Nor can a peer that leases from itself save the lock once it is lost.
            require!(!ledger.whole_default_due(beacon, now_secs), AcesoError::PeerDefaultDue);
        }
        let paid = self.settle(peer, ledger, beacon)?;
        self.until_epoch = self.settled_epoch;
        self.finish(EndReason::Cancelled, peer, false, now_secs)?;
        Ok(paid)
    }

    /// Ends a lease whose time has come; says what the peer got by it.
    ///
    /// The lock goes back only when nothing that could still take it is open: no proof owed from before the end, no
    /// spot check, no default of the whole peer.
    pub fn end(
        &mut self,
        peer: &mut Peer,
        ledger: &Ledger,
        beacon: &Beacon,
        now_secs: i64,
    ) -> Result<u64> {
        self.require_live()?;
        let end = if peer.is_defaulted() {
            EndReason::PeerDefaulted
        } else {
            require!(!ledger.whole_default_due(beacon, now_secs), AcesoError::PeerDefaultDue);
            self.require_no_spot()?;
            self.time_come(peer, ledger, beacon, now_secs)?
        };
        let paid = self.settle(peer, ledger, beacon)?;
        self.finish(end, peer, end == EndReason::PeerDefaulted, now_secs)?;
        Ok(paid)
    }

    fn time_come(
        &self,
        peer: &Peer,
        ledger: &Ledger,
        beacon: &Beacon,
        now_secs: i64,
    ) -> Result<EndReason> {
        let epoch = beacon.current_epoch(now_secs)?;
        // Only the present epoch can be armed, so when all that were are finished, no earlier one is still to come.
        let settled = ledger.is_settled(beacon);
        let proven = settled || ledger.closed_epoch(beacon) >= self.until_epoch;
        if epoch >= self.until_epoch && proven {
            return Ok(EndReason::Term);
        }
        require!(peer.is_released(epoch) && settled, AcesoError::LeaseTermNotOver);
        Ok(EndReason::Released)
    }

    /// The peer could not prove it: what it had proven before is paid, the rest and the lock are the owner's. Says what
    /// the peer got. Call it before the ledger goes on to the next epoch.
    pub fn default_lost(
        &mut self,
        peer: &mut Peer,
        ledger: &mut Ledger,
        beacon: &Beacon,
        now_secs: i64,
    ) -> Result<u64> {
        self.require_live()?;
        let paid = self.settle(peer, ledger, beacon)?;
        ledger.record_loss(now_secs);
        self.finish(EndReason::Defaulted, peer, true, now_secs)?;
        Ok(paid)
    }

    /// All that is owed to the owner, which the caller now moves.
    pub fn claim(&mut self, peer: &mut Peer) -> Result<u64> {
        require!(self.owed > 0, AcesoError::NothingOwed);
        let owed = core::mem::take(&mut self.owed);
        peer.claimed(owed)?;
        self.invariant()?;
        Ok(owed)
    }

    /// Nobody needs this account any more.
    pub fn require_closable(&self, peer: &Peer) -> Result<()> {
        require!(self.is_ended(), AcesoError::LeaseNotEnded);
        require!(self.owed == 0, AcesoError::LeaseOwes);
        self.require_no_spot()?;
        // Challenges of a peer that has defaulted whole have no consequence any more.
        require!(self.has_slot == 0 || peer.is_defaulted(), AcesoError::LeaseInSet);
        Ok(())
    }

    /// Escrow to the owner, and the lock to the owner (`forfeited`) or back to the peer's bond.
    fn finish(
        &mut self,
        end: EndReason,
        peer: &mut Peer,
        forfeited: bool,
        now_secs: i64,
    ) -> Result<()> {
        if self.is_live() {
            let lock = core::mem::take(&mut self.lock);
            peer.unlock(lock, forfeited)?;
            if forfeited {
                self.owed = self.owed.checked_add(lock).ok_or(AcesoError::Overflow)?;
            }
        }
        let escrow = core::mem::take(&mut self.escrow);
        peer.refund(escrow)?;
        self.owed = self.owed.checked_add(escrow).ok_or(AcesoError::Overflow)?;
        self.status = LeaseStatus::Ended as u8;
        self.end = end as u8;
        self.ended_at_secs = now_secs;
        self.drop_amendment();
        peer.invariant()?;
        self.invariant()
    }
}
