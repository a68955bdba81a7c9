use super::{acting::*, lease_scope::*, leased::*, till::*};
use crate::{
    constants::PAUSE_MARKET,
    event::{emit, LeaseAction},
    prelude::*,
    state::Config,
};

/// Pays more epochs in, at the lease's price. Signer: the owner's authority, or a delegate's with `CAN_LEASE`; and
/// whoever may move the tokens of `source`.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseExtend<'info> {
    pub acting: Acting<'info>,
    pub config: AccountLoader<'info, Config>,
    pub scope: LeaseScope<'info>,
    pub standing: PeerLease<'info>,
    pub funder: Signer<'info>,
    /// CHECK: a token account that the funder may move tokens of: the token program checks it.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    pub till: Till<'info>,
}

impl LeaseExtend<'_> {
    pub fn handle(&self, epochs: u32) -> Result<()> {
        let now_secs = Clock::get()?.unix_timestamp;
        let event = {
            let (mut lease, mut peer) = self.standing.open()?;
            let folder = self.scope.folder_of_lease(&lease)?;
            self.acting.require_lessee(&lease.owner, folder, now_secs)?;
            let config = self.config.load()?;
            config.require_running(PAUSE_MARKET)?;
            config.market.mint(&peer.mint)?;
            let paid = lease.extend(epochs, &mut peer, config.market.epoch(now_secs)?)?;
            let key = self.standing.lease.key();
            lease.event(LeaseAction::Extended, key, paid, self.funder.key())?
        };
        self.till.pay_in(&self.standing.peer, &self.source, &self.funder, event.paid)?;
        emit(&self.event_authority, &event)
    }
}
