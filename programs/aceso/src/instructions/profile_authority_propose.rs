use crate::{
    error::AcesoError,
    event::{emit, ProfileAction},
    prelude::*,
    state::Profile,
};

/// First step to another wallet. Signer: the profile's authority. All zeros takes a proposal back.
#[event_cpi]
#[derive(Accounts)]
pub struct ProfileAuthorityPropose<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ AcesoError::NotAuthority)]
    pub profile: AccountLoader<'info, Profile>,
}

impl ProfileAuthorityPropose<'_> {
    pub fn handle(&self, candidate: Pubkey) -> Result<()> {
        let mut profile = self.profile.load_mut()?;
        profile.propose_authority(candidate)?;
        emit(
            &self.event_authority,
            &profile.event(ProfileAction::AuthorityProposed, self.profile.key()),
        )
    }
}
