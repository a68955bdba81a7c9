use crate::{
    error::AcesoError,
    event::{emit, ProfileAction},
    prelude::*,
    state::{Blob, Profile},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ProfileKeysRotateArgs {
    pub expected_version: u32,
    pub bundle: Blob,
}

/// Publishes new keys. Signer: the profile's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct ProfileKeysRotate<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ AcesoError::NotAuthority)]
    pub profile: AccountLoader<'info, Profile>,
}

impl ProfileKeysRotate<'_> {
    pub fn handle(&self, args: ProfileKeysRotateArgs) -> Result<()> {
        let mut profile = self.profile.load_mut()?;
        profile.rotate_keys(args.expected_version, args.bundle)?;
        emit(&self.event_authority, &profile.event(ProfileAction::KeysRotated, self.profile.key()))
    }
}
