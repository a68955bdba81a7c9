use super::leased::*;
use crate::{
    event::{emit, LeaseAction},
    prelude::*,
};

/// Clears away an offer that was not accepted in time; what was paid in is the owner's to claim.
/// Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseExpire<'info> {
    pub offer: PeerLease<'info>,
}

impl LeaseExpire<'_> {
    pub fn handle(&self) -> Result<()> {
        let (mut lease, mut peer) = self.offer.open()?;
        lease.expire(&mut peer, Clock::get()?.unix_timestamp)?;
        let key = self.offer.lease.key();
        let event = lease.event(LeaseAction::Ended, key, 0, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
