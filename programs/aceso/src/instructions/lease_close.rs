use super::leased::*;
use crate::{
    account::close,
    event::{emit, LeaseAction},
    prelude::*,
};

/// Clears away a lease that has ended and owes nothing; its rent goes to who paid it.
/// Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseClose<'info> {
    pub standing: PeerLease<'info>,
    /// CHECK: compared with the payer that the lease remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl LeaseClose<'_> {
    pub fn handle(&self) -> Result<()> {
        let key = self.standing.lease.key();
        let lease = {
            let (lease, mut peer) = self.standing.open()?;
            lease.require_closable(&peer)?;
            peer.lease_removed()?;
            *lease
        };
        close(self.standing.lease.as_ref(), &self.rent_payer, lease.meta.payer)?;
        let event = lease.event(LeaseAction::Closed, key, 0, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
