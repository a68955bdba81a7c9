use super::till::*;
use crate::{
    constants::PAUSE_MARKET,
    event::{emit, PeerAction},
    prelude::*,
    state::{Config, Peer},
};

/// Adds to a peer's free bond. Signer: whoever may move the tokens of `source`; they are the peer's from then on.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerBondAdd<'info> {
    pub funder: Signer<'info>,
    /// CHECK: a token account that the funder may move tokens of: the token program checks it.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    pub config: AccountLoader<'info, Config>,
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    pub till: Till<'info>,
}

impl PeerBondAdd<'_> {
    pub fn handle(&self, amount: u64) -> Result<()> {
        self.config.load()?.require_running(PAUSE_MARKET)?;
        self.peer.load_mut()?.add_bond(amount)?;
        self.till.pay_in(&self.peer, &self.source, &self.funder, amount)?;
        let event = self.peer.load()?.event(PeerAction::BondAdded, self.peer.key(), amount);
        emit(&self.event_authority, &event)
    }
}
