use crate::{
    error::AcesoError,
    event::{emit, ConfigAction},
    prelude::*,
    state::Config,
};

/// First step of a hand-over. Signer: the admin. All zeros takes a proposal back.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfigAdminPropose<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
}

impl ConfigAdminPropose<'_> {
    pub fn handle(&self, candidate: Pubkey) -> Result<()> {
        let mut config = self.config.load_mut()?;
        config.propose_admin(candidate);
        emit(&self.event_authority, &config.event(ConfigAction::AdminProposed, 0))
    }
}
