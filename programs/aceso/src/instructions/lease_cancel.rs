use super::{acting::*, lease_scope::*, leased::*};
use crate::{
    event::{emit, LeaseAction},
    prelude::*,
    state::LedgerMut,
};

/// Ends an offer or a live lease: closed epochs are paid, the rest is the owner's to claim.
/// Signer: the owner's authority, or a delegate's with `CAN_LEASE`.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseCancel<'info> {
    pub acting: Acting<'info>,
    pub scope: LeaseScope<'info>,
    pub leased: Leased<'info>,
}

impl LeaseCancel<'_> {
    pub fn handle(&self) -> Result<()> {
        let now_secs = Clock::get()?.unix_timestamp;
        let OpenLease { mut lease, mut peer, mut ledger, beacon } = self.leased.open()?;
        let folder = self.scope.folder_of_lease(&lease)?;
        let actor = self.acting.require_lessee(&lease.owner, folder, now_secs)?;
        let paid = lease.cancel(&mut peer, &*LedgerMut::new(&mut ledger)?, &beacon, now_secs)?;
        let key = self.leased.lease.key();
        let event = lease.event(LeaseAction::Ended, key, paid, actor)?;
        emit(&self.event_authority, &event)
    }
}
