use super::leased::*;
use crate::{
    event::{emit, LeaseAction},
    prelude::*,
    state::LedgerMut,
};

/// Ends a lease whose term is over, whose peer's notice is over, or whose peer has defaulted whole.
/// Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseEnd<'info> {
    pub leased: Leased<'info>,
}

impl LeaseEnd<'_> {
    pub fn handle(&self) -> Result<()> {
        let now_secs = Clock::get()?.unix_timestamp;
        let OpenLease { mut lease, mut peer, mut ledger, beacon } = self.leased.open()?;
        let paid = lease.end(&mut peer, &*LedgerMut::new(&mut ledger)?, &beacon, now_secs)?;
        let key = self.leased.lease.key();
        let event = lease.event(LeaseAction::Ended, key, paid, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
