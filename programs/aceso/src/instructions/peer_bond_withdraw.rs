use super::{holding::*, till::*};
use crate::{
    event::{emit, PeerAction},
    prelude::*,
};

/// Takes free bond out, to a token account of the signer. Signer: the authority of the peer's profile.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerBondWithdraw<'info> {
    pub holding: Holding<'info>,
    pub till: Till<'info>,
    /// CHECK: a token account of the mint that belongs to the authority: checked below.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
}

impl PeerBondWithdraw<'_> {
    pub fn handle(&self, amount: u64) -> Result<()> {
        let peer = &self.holding.peer;
        self.till.require_held_by(&self.destination, self.holding.authority.key)?;
        peer.load_mut()?.withdraw_bond(amount)?;
        self.till.pay_out(peer, &self.destination, amount)?;
        let event = peer.load()?.event(PeerAction::BondWithdrawn, peer.key(), amount);
        emit(&self.event_authority, &event)
    }
}
