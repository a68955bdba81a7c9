use super::leased::*;
use crate::{
    event::{emit, LeaseAction},
    prelude::*,
};

/// Turns an offer down; what was paid in is the owner's to claim. Signer: the peer's operator.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseDecline<'info> {
    pub operator: Signer<'info>,
    pub offer: PeerLease<'info>,
}

impl LeaseDecline<'_> {
    pub fn handle(&self) -> Result<()> {
        let (mut lease, mut peer) = self.offer.open()?;
        peer.require_operator(self.operator.key)?;
        lease.decline(&mut peer, Clock::get()?.unix_timestamp)?;
        let key = self.offer.lease.key();
        let event = lease.event(LeaseAction::Ended, key, 0, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
