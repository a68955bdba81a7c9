use crate::{
    account::Birth,
    constants::SEED_BEACON,
    error::AcesoError,
    event::{emit, MarketAction},
    prelude::*,
    state::{Beacon, Config, MarketTerms, Mint},
};

/// Opens the storage market, once: the length of an epoch never changes. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct MarketOpen<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_BEACON], bump))]
    pub beacon: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl MarketOpen<'_> {
    pub fn handle(&self, epoch_secs: i64, terms: MarketTerms) -> Result<()> {
        let mut config = self.config.load_mut()?;
        config.market.open(epoch_secs, terms)?;
        let birth =
            Birth { target: &self.beacon, payer: &self.payer, seeds: [SEED_BEACON, b"", b"", b""] };
        birth.create::<Beacon>(Clock::get()?.slot)?.open(epoch_secs)?;
        emit(&self.event_authority, &config.market.event(MarketAction::Opened, Mint::default()))
    }
}
