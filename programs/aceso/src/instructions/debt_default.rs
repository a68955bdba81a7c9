use super::leased::*;
use crate::{
    error::AcesoError,
    event::{emit, LeaseAction},
    prelude::*,
    state::LedgerMut,
};

/// Gives up challenge `k` of the oldest epoch that a peer owes, past its grace: the lease that it names is lost, with
/// its lock to its owner. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct DebtDefault<'info> {
    pub leased: Leased<'info>,
}

impl DebtDefault<'_> {
    pub fn handle(&self, k: u8) -> Result<()> {
        let now_secs = Clock::get()?.unix_timestamp;
        let OpenLease { mut lease, mut peer, mut ledger, beacon } = self.leased.open()?;
        let mut ledger = LedgerMut::new(&mut ledger)?;
        require!(!peer.is_defaulted(), AcesoError::PeerDefaulted);
        ledger.sync(&beacon)?;
        let draw = ledger.owed(&beacon)?;
        ledger.named_leaf(draw, k, &lease)?;
        ledger.default_challenge(&beacon, k, lease.is_lost())?;
        // A lease that has ended has nothing left to lose: only the challenge is done with.
        let (action, paid) = if lease.is_live() {
            let paid = lease.default_lost(&mut peer, &mut ledger, &beacon, now_secs)?;
            (LeaseAction::Ended, paid)
        } else {
            (LeaseAction::ChallengeDropped, 0)
        };
        ledger.finish(&beacon, now_secs)?;
        let event = lease.event(action, self.leased.lease.key(), paid, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
