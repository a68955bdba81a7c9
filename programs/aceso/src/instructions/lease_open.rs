use super::{acting::*, lease_scope::*, till::*};
use crate::{
    account::Birth,
    constants::{PAUSE_MARKET, SEED_LEASE},
    error::AcesoError,
    event::{emit, LeaseAction},
    prelude::*,
    state::{Config, Lease, Named, Offer, Peer, Profile},
    token,
};

/// Offers a peer a lease at its present price and pays it in. Signer: the owner's authority, or a delegate's with
/// `CAN_LEASE`; and whoever may move the tokens of `source`. Refunds are the owner's, whoever has paid.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: Offer))]
pub struct LeaseOpen<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub acting: Acting<'info>,
    pub config: AccountLoader<'info, Config>,
    pub owner: AccountLoader<'info, Profile>,
    pub scope: LeaseScope<'info>,
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    pub funder: Signer<'info>,
    /// CHECK: a token account that the funder may move tokens of: the token program checks it.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    pub till: Till<'info>,
    /// CHECK: created here, at the address that `Birth` derives from the seeds "lease", scope, peer, kind and number.
    #[account(mut)]
    pub lease: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl LeaseOpen<'_> {
    pub fn handle(&self, offer: Offer) -> Result<()> {
        let clock = Clock::get()?;
        let until_secs = self.require_market(clock.unix_timestamp)?;
        let owner = self.owner()?;
        let (scope, folder) = self.scope.of_new(offer.kind, owner)?;
        let owner = owner.key;
        self.acting.require_lessee(&owner, folder, clock.unix_timestamp)?;
        let event = {
            let peer_key = self.peer.key();
            let birth = Birth {
                target: &self.lease,
                payer: &self.payer,
                seeds: [
                    SEED_LEASE,
                    scope.key.as_ref(),
                    peer_key.as_ref(),
                    &[offer.kind as u8, offer.number],
                ],
            };
            let mut lease = birth.create::<Lease>(clock.slot)?;
            let mut peer = self.peer.load_mut()?;
            let paid = lease.open(&offer, owner, scope, peer_key, &mut peer, until_secs)?;
            lease.event(LeaseAction::Opened, self.lease.key(), paid, self.funder.key())?
        };
        self.till.pay_in(&self.peer, &self.source, &self.funder, event.paid)?;
        emit(&self.event_authority, &event)
    }

    fn owner(&self) -> Result<Named> {
        let owner = self.owner.load()?;
        owner.require_active()?;
        Ok(Named { key: self.owner.key(), created_slot: owner.meta.created_slot })
    }

    /// Says until when an offer made now stands.
    fn require_market(&self, now_secs: i64) -> Result<i64> {
        let config = self.config.load()?;
        config.require_running(PAUSE_MARKET)?;
        config.market.mint(&self.peer.load()?.mint)?;
        token::require_mint(&self.till.mint)?;
        let until = now_secs.checked_add(i64::from(config.market.terms.offer_ttl_secs));
        Ok(until.ok_or(AcesoError::Overflow)?)
    }
}
