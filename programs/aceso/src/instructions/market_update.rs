use crate::{
    error::AcesoError,
    event::{emit, MarketAction},
    prelude::*,
    state::{Config, MarketTerms, Mint},
};

/// Changes the terms of peers that register from now on. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct MarketUpdate<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
}

impl MarketUpdate<'_> {
    pub fn handle(&self, terms: MarketTerms) -> Result<()> {
        let mut config = self.config.load_mut()?;
        config.market.update(terms)?;
        emit(&self.event_authority, &config.market.event(MarketAction::Updated, Mint::default()))
    }
}
