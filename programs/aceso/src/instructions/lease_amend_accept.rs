use super::leased::*;
use crate::{
    constants::PAUSE_MARKET,
    event::{emit, LeaseAction},
    prelude::*,
    state::{Amendment, Config},
};

/// Puts the bytes that the owner proposed in force; the peer holds them. Signer: the peer's operator.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseAmendAccept<'info> {
    pub operator: Signer<'info>,
    pub config: AccountLoader<'info, Config>,
    pub standing: PeerLease<'info>,
}

impl LeaseAmendAccept<'_> {
    pub fn handle(&self, amendment: Amendment) -> Result<()> {
        self.config.load()?.require_running(PAUSE_MARKET)?;
        let (mut lease, peer) = self.standing.open()?;
        peer.require_operator(self.operator.key)?;
        lease.accept_amendment(&amendment)?;
        let key = self.standing.lease.key();
        let event = lease.event(LeaseAction::AmendAccepted, key, 0, Pubkey::default())?;
        emit(&self.event_authority, &event)
    }
}
