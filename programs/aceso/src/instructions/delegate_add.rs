use crate::{
    account::Birth,
    constants::SEED_DELEGATE,
    error::AcesoError,
    event::{emit, DelegateAction},
    prelude::*,
    state::{Delegate, Folder, Profile},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct DelegateAddArgs {
    pub capabilities: u16,
    pub until_secs: i64,
}

/// Lets another profile act for the owner's folders, or one of them. Signer: the owner's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct DelegateAdd<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ AcesoError::NotAuthority)]
    pub owner: AccountLoader<'info, Profile>,
    pub profile: AccountLoader<'info, Profile>,
    /// Left out: every folder, also those made later.
    pub folder: Option<AccountLoader<'info, Folder>>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_DELEGATE, owner.key().as_ref(), profile.key().as_ref()], bump))]
    pub delegate: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl DelegateAdd<'_> {
    pub fn handle(&self, args: DelegateAddArgs) -> Result<()> {
        let clock = Clock::get()?;
        let (owner, profile) = (self.owner.key(), self.profile.key());
        self.profile.load()?.require_active()?;
        {
            let mut owner = self.owner.load_mut()?;
            owner.require_active()?;
            owner.delegate_added()?;
        }
        let folder = match &self.folder {
            Some(loader) => {
                let folder = loader.load()?;
                folder.require_owner(&owner)?;
                Some((loader.key(), folder.meta.created_slot))
            }
            None => None,
        };
        let birth = Birth {
            target: &self.delegate,
            payer: &self.payer,
            seeds: [SEED_DELEGATE, owner.as_ref(), profile.as_ref(), b""],
        };
        let mut delegate = birth.create::<Delegate>(clock.slot)?;
        let (capabilities, until_secs) = (args.capabilities, args.until_secs);
        delegate.open(owner, profile, folder, capabilities, until_secs, clock.unix_timestamp)?;
        emit(&self.event_authority, &delegate.event(DelegateAction::Added, self.delegate.key()))
    }
}
