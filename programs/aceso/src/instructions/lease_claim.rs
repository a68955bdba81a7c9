use super::{leased::*, till::*};
use crate::{
    error::AcesoError,
    event::{emit, LeaseAction},
    prelude::*,
    state::Profile,
};

/// Pays what a lease owes its owner, to a token account of the owner's present authority: tokens never go elsewhere,
/// whoever sends this. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseClaim<'info> {
    pub standing: PeerLease<'info>,
    pub owner: AccountLoader<'info, Profile>,
    pub till: Till<'info>,
    /// CHECK: a token account of the mint that belongs to the owner's authority: checked below.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
}

impl LeaseClaim<'_> {
    // A retired owner's authority is paid as well: what is owed stays owed.
    pub fn handle(&self) -> Result<()> {
        self.till.require_held_by(&self.destination, &self.owner.load()?.authority)?;
        let event = {
            let (mut lease, mut peer) = self.standing.open()?;
            require_keys_eq!(lease.owner, self.owner.key(), AcesoError::WrongOwner);
            let paid = lease.claim(&mut peer)?;
            let key = self.standing.lease.key();
            lease.event(LeaseAction::Claimed, key, paid, self.destination.key())?
        };
        self.till.pay_out(&self.standing.peer, &self.destination, event.paid)?;
        emit(&self.event_authority, &event)
    }
}
