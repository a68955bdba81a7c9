use crate::{
    error::AcesoError,
    event::{emit, MarketAction},
    prelude::*,
    state::Config,
};

/// Takes no more payments in a mint; what was paid in goes out as agreed. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct MarketMintRemove<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
    /// CHECK: one that Config lists, whatever has become of it.
    pub mint: UncheckedAccount<'info>,
}

impl MarketMintRemove<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut config = self.config.load_mut()?;
        let mint = config.market.remove_mint(self.mint.key)?;
        emit(&self.event_authority, &config.market.event(MarketAction::MintRemoved, mint))
    }
}
