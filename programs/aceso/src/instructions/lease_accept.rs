use super::leased::*;
use crate::{
    account::grow_ledger,
    constants::PAUSE_MARKET,
    event::{emit, LeaseAction},
    prelude::*,
    state::{Acceptance, Config, LedgerMut},
};

/// Takes an offer whose bytes the peer holds, and locks its penalty. Signer: the peer's operator.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseAccept<'info> {
    /// Also pays for the ledger to grow, when it is full; that rent goes to the ledger's payer in the end.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub operator: Signer<'info>,
    pub config: AccountLoader<'info, Config>,
    pub leased: Leased<'info>,
    pub system_program: Program<'info, System>,
}

impl LeaseAccept<'_> {
    pub fn handle(&self, accepted: Acceptance) -> Result<()> {
        self.config.load()?.require_running(PAUSE_MARKET)?;
        grow_ledger(self.leased.ledger.as_ref(), &self.payer)?;
        let OpenLease { mut lease, mut peer, mut ledger, beacon } = self.leased.open()?;
        peer.require_operator(self.operator.key)?;
        lease.require_offered()?;
        let mut ledger = LedgerMut::new(&mut ledger)?;
        let slot = ledger.append(&beacon, lease.weight)?;
        let now_secs = Clock::get()?.unix_timestamp;
        lease.accept(&accepted, &mut peer, &ledger, &beacon, slot, now_secs)?;
        let key = self.leased.lease.key();
        let event = lease.event(LeaseAction::Accepted, key, 0, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
