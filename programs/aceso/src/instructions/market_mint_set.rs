use crate::{
    error::AcesoError,
    event::{emit, MarketAction},
    prelude::*,
    state::{Config, Mint},
    token,
};

/// Accepts a mint, or changes what it demands of peers that register from now on. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct MarketMintSet<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
    /// CHECK: a mint of SPL Token or Token-2022, with none but the allowed extensions: checked below.
    pub mint: UncheckedAccount<'info>,
}

impl MarketMintSet<'_> {
    pub fn handle(&self, lock_floor: u64, bond_min: u64) -> Result<()> {
        token::require_mint(&self.mint)?;
        let mint = Mint { mint: self.mint.key(), lock_floor, bond_min };
        let mut config = self.config.load_mut()?;
        config.market.set_mint(mint)?;
        emit(&self.event_authority, &config.market.event(MarketAction::MintSet, mint))
    }
}
