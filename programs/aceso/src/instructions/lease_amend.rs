use super::{acting::*, lease_scope::*};
use crate::{
    constants::PAUSE_MARKET,
    event::{emit, LeaseAction},
    prelude::*,
    state::{Amendment, Config, Lease},
};

/// Proposes other bytes for a live lease; those in force stay proven and paid until the peer accepts.
/// Signer: the owner's authority, or a delegate's with `CAN_LEASE`.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseAmend<'info> {
    pub acting: Acting<'info>,
    pub config: AccountLoader<'info, Config>,
    pub scope: LeaseScope<'info>,
    #[account(mut)]
    pub lease: AccountLoader<'info, Lease>,
}

impl LeaseAmend<'_> {
    pub fn handle(&self, amendment: Amendment) -> Result<()> {
        self.config.load()?.require_running(PAUSE_MARKET)?;
        let mut lease = self.lease.load_mut()?;
        let folder = self.scope.folder_of_lease(&lease)?;
        let now_secs = Clock::get()?.unix_timestamp;
        let actor = self.acting.require_lessee(&lease.owner, folder, now_secs)?;
        lease.amend(&amendment)?;
        let event = lease.event(LeaseAction::Amended, self.lease.key(), 0, actor)?;
        emit(&self.event_authority, &event)
    }
}
