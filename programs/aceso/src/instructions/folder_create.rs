use crate::{
    account::Birth,
    constants::{PAUSE_FOLDER, SEED_FOLDER},
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Blob, Config, Entry, Folder, Profile},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct FolderCreateArgs {
    pub id: [u8; 16],
    /// The keyring of epoch 1.
    pub keyring: Blob,
}

/// Makes a folder. Signer: the owner's authority.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: FolderCreateArgs))]
pub struct FolderCreate<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ AcesoError::NotAuthority)]
    pub owner: AccountLoader<'info, Profile>,
    pub config: AccountLoader<'info, Config>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_FOLDER, owner.key().as_ref(), &args.id], bump))]
    pub folder: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl FolderCreate<'_> {
    pub fn handle(&self, args: FolderCreateArgs) -> Result<()> {
        self.config.load()?.require_running(PAUSE_FOLDER)?;
        let clock = Clock::get()?;
        let (owner, key) = (self.owner.key(), self.folder.key());
        {
            let mut profile = self.owner.load_mut()?;
            profile.require_active()?;
            profile.folder_added()?;
        }
        let birth = Birth {
            target: &self.folder,
            payer: &self.payer,
            seeds: [SEED_FOLDER, owner.as_ref(), &args.id, b""],
        };
        let mut folder = birth.create::<Folder>(clock.slot)?;
        folder.open(&key, owner, args.id, args.keyring, clock.unix_timestamp)?;
        let entry = Entry::new(Action::FolderCreated, owner, key, &clock)
            .number(folder.epoch)
            .digest(folder.keyring_digest);
        let link = folder.append(key, &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
