use crate::{
    account::Birth,
    constants::{PAUSE_PROFILE, SEED_PROFILE},
    event::{emit, ProfileAction},
    prelude::*,
    state::{Blob, Config, Profile},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ProfileCreateArgs {
    pub id: [u8; 16],
    pub bundle: Blob,
}

/// Makes a profile. Signer: its wallet. One wallet may have many.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: ProfileCreateArgs))]
pub struct ProfileCreate<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    pub config: AccountLoader<'info, Config>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_PROFILE, authority.key().as_ref(), &args.id], bump))]
    pub profile: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl ProfileCreate<'_> {
    pub fn handle(&self, args: ProfileCreateArgs) -> Result<()> {
        self.config.load()?.require_running(PAUSE_PROFILE)?;
        let birth = Birth {
            target: &self.profile,
            payer: &self.payer,
            seeds: [SEED_PROFILE, self.authority.key.as_ref(), &args.id, b""],
        };
        let mut profile = birth.create::<Profile>(Clock::get()?.slot)?;
        profile.open(self.authority.key(), args.id, args.bundle)?;
        emit(&self.event_authority, &profile.event(ProfileAction::Created, self.profile.key()))
    }
}
