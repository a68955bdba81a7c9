use super::leased::require_ledger;
use crate::{
    error::AcesoError,
    event::{emit, PeerAction},
    prelude::*,
    state::{Beacon, Ledger, Peer},
};

/// Defaults a peer whole: it answered nothing of an epoch until past its grace, or lost more leases than its terms
/// allow. From then on each of its leases can be ended, with its lock to its owner. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerDefault<'info> {
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    #[account(mut)]
    pub ledger: AccountLoader<'info, Ledger>,
    pub beacon: AccountLoader<'info, Beacon>,
}

impl PeerDefault<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut peer = self.peer.load_mut()?;
        let mut ledger = self.ledger.load_mut()?;
        let beacon = self.beacon.load()?;
        require_ledger(&ledger, self.peer.key(), &peer)?;
        ledger.sync(&beacon)?;
        let due = ledger.whole_default_due(&beacon, Clock::get()?.unix_timestamp);
        require!(due, AcesoError::PeerNotDefaulted);
        peer.default_whole()?;
        ledger.close();
        emit(&self.event_authority, &peer.event(PeerAction::Defaulted, self.peer.key(), 0))
    }
}
