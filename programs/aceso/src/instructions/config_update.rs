use crate::{
    error::AcesoError,
    event::{emit, ConfigAction},
    prelude::*,
    state::{Config, Settings},
};

/// Changes the settings within the program's bounds. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfigUpdate<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
}

impl ConfigUpdate<'_> {
    pub fn handle(&self, settings: Settings) -> Result<()> {
        let mut config = self.config.load_mut()?;
        config.update(settings)?;
        emit(&self.event_authority, &config.event(ConfigAction::Updated, 0))
    }
}
