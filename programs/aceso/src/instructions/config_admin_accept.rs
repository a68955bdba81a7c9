use crate::{
    event::{emit, ConfigAction},
    prelude::*,
    state::Config,
};

/// Second step of a hand-over. Signer: the wallet that was proposed.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfigAdminAccept<'info> {
    pub candidate: Signer<'info>,
    #[account(mut)]
    pub config: AccountLoader<'info, Config>,
}

impl ConfigAdminAccept<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut config = self.config.load_mut()?;
        config.accept_admin(self.candidate.key())?;
        emit(&self.event_authority, &config.event(ConfigAction::AdminAccepted, 0))
    }
}
