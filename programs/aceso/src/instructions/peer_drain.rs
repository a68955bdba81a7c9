use super::{holding::*, leased::require_ledger};
use crate::{
    event::{emit, PeerAction},
    prelude::*,
    state::{epoch_at, Ledger},
};

/// Gives notice: no new leases, and those that stand are released after the notice of the peer's terms, under
/// challenges until then. Signer: the authority of the peer's profile.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerDrain<'info> {
    pub holding: Holding<'info>,
    /// The peer's: it has the terms.
    pub ledger: AccountLoader<'info, Ledger>,
}

impl PeerDrain<'_> {
    pub fn handle(&self) -> Result<()> {
        let ledger = self.ledger.load()?;
        let key = self.holding.peer.key();
        let mut peer = self.holding.peer.load_mut()?;
        require_ledger(&ledger, key, &peer)?;
        let epoch = epoch_at(Clock::get()?.unix_timestamp, ledger.epoch_secs)?;
        peer.drain(epoch, ledger.terms.notice_epochs)?;
        emit(&self.event_authority, &peer.event(PeerAction::Draining, key, 0))
    }
}
