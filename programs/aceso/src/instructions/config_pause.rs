use crate::{
    error::AcesoError,
    event::{emit, ConfigAction},
    prelude::*,
    state::Config,
};

/// Pauses areas of the program, or none. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfigPause<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
}

impl ConfigPause<'_> {
    pub fn handle(&self, flags: u32) -> Result<()> {
        let mut config = self.config.load_mut()?;
        config.pause(flags)?;
        emit(&self.event_authority, &config.event(ConfigAction::Paused, 0))
    }
}
