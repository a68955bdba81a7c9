use crate::{
    account::{close, pay},
    event::{emit, RequestAction},
    prelude::*,
    state::{Config, Request},
};

/// Clears away a request that nobody answered in time: the fee stays with Config (unless granting is paused), the rest
/// goes back.
/// Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct RequestExpire<'info> {
    #[account(mut)]
    pub config: AccountLoader<'info, Config>,
    #[account(mut)]
    pub request: AccountLoader<'info, Request>,
    /// CHECK: compared with the payer that the request remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl RequestExpire<'_> {
    pub fn handle(&self) -> Result<()> {
        let request = *self.request.load()?;
        request.require_expired(Clock::get()?.unix_timestamp)?;
        let mut config = self.config.load_mut()?;
        let fee = request.fee_due(&config);
        config.collect_fee(fee)?;
        pay(self.request.as_ref(), self.config.as_ref(), fee)?;
        let event = request.event(RequestAction::Expired, self.request.key(), fee);
        emit(&self.event_authority, &event)?;
        close(self.request.as_ref(), &self.rent_payer, request.meta.payer)
    }
}
