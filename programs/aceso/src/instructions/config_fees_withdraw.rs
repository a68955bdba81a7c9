use crate::{
    account::pay,
    error::AcesoError,
    event::{emit, ConfigAction},
    prelude::*,
    state::Config,
};

/// Takes out the fees that expired requests have left. Signer: the admin.
#[event_cpi]
#[derive(Accounts)]
pub struct ConfigFeesWithdraw<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ AcesoError::NotAdmin)]
    pub config: AccountLoader<'info, Config>,
    /// CHECK: any account; the admin names it.
    #[account(mut)]
    pub receiver: UncheckedAccount<'info>,
}

impl ConfigFeesWithdraw<'_> {
    pub fn handle(&self) -> Result<()> {
        // Paid to itself, the fees would lie on the account uncounted.
        require_keys_neq!(self.receiver.key(), self.config.key(), AcesoError::ToOneself);
        let mut config = self.config.load_mut()?;
        let lamports = config.withdraw_fees()?;
        pay(self.config.as_ref(), &self.receiver, lamports)?;
        emit(&self.event_authority, &config.event(ConfigAction::FeesWithdrawn, lamports))
    }
}
