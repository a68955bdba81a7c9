use super::ProfileKeysRotateArgs;
use crate::{
    event::{emit, ProfileAction},
    prelude::*,
    state::Profile,
};

/// Second step to another wallet, with a bundle that this wallet has signed. Signer: the wallet that was proposed.
#[event_cpi]
#[derive(Accounts)]
pub struct ProfileAuthorityAccept<'info> {
    pub candidate: Signer<'info>,
    #[account(mut)]
    pub profile: AccountLoader<'info, Profile>,
}

impl ProfileAuthorityAccept<'_> {
    pub fn handle(&self, args: ProfileKeysRotateArgs) -> Result<()> {
        let mut profile = self.profile.load_mut()?;
        profile.accept_authority(self.candidate.key(), args.expected_version, args.bundle)?;
        emit(
            &self.event_authority,
            &profile.event(ProfileAction::AuthorityAccepted, self.profile.key()),
        )
    }
}
