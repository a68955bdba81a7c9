use crate::{
    error::AcesoError,
    event::{emit, ProfileAction},
    prelude::*,
    state::Profile,
};

/// Ends a profile for good; its address stays taken. Signer: its authority.
#[event_cpi]
#[derive(Accounts)]
pub struct ProfileRetire<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ AcesoError::NotAuthority)]
    pub profile: AccountLoader<'info, Profile>,
}

impl ProfileRetire<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut profile = self.profile.load_mut()?;
        profile.retire()?;
        emit(&self.event_authority, &profile.event(ProfileAction::Retired, self.profile.key()))
    }
}
