use crate::{
    account::Birth,
    constants::SEED_CONFIG,
    error::AcesoError,
    event::{emit, ConfigAction},
    prelude::*,
    state::{Config, Settings},
};

/// Sets the program up, once. Signer: whoever may upgrade the program; it becomes admin.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfigInit<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub admin: Signer<'info>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_CONFIG], bump))]
    pub config: UncheckedAccount<'info>,
    #[account(
        seeds = [crate::ID.as_ref()],
        bump,
        seeds::program = anchor_lang::solana_program::bpf_loader_upgradeable::ID,
        constraint = program_data.upgrade_authority_address == Some(admin.key())
            @ AcesoError::NotUpgradeAuthority,
    )]
    pub program_data: Account<'info, ProgramData>,
    pub system_program: Program<'info, System>,
}

impl ConfigInit<'_> {
    pub fn handle(&self, settings: Settings) -> Result<()> {
        let birth =
            Birth { target: &self.config, payer: &self.payer, seeds: [SEED_CONFIG, b"", b"", b""] };
        let mut config = birth.create::<Config>(Clock::get()?.slot)?;
        config.open(self.admin.key(), settings)?;
        emit(&self.event_authority, &config.event(ConfigAction::Created, 0))
    }
}
