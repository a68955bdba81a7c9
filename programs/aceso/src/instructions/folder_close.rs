use crate::{
    account::close,
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Folder, Profile},
};

/// Closes an empty folder. Signer: the owner's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct FolderClose<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ AcesoError::NotAuthority)]
    pub owner: AccountLoader<'info, Profile>,
    #[account(mut, has_one = owner @ AcesoError::NotOwner)]
    pub folder: AccountLoader<'info, Folder>,
    /// CHECK: compared with the payer that the folder remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl FolderClose<'_> {
    pub fn handle(&self) -> Result<()> {
        let clock = Clock::get()?;
        self.owner.load_mut()?.folder_removed()?;
        let mut folder = *self.folder.load()?;
        folder.require_empty()?;
        let entry = Entry::new(Action::FolderClosed, self.owner.key(), self.folder.key(), &clock)
            .number(folder.epoch)
            .digest(folder.audit_head);
        let link = folder.append(self.folder.key(), &entry)?;
        close(self.folder.as_ref(), &self.rent_payer, folder.meta.payer)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
