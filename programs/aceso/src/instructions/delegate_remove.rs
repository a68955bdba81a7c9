use crate::{
    account::{close, find_mut},
    error::AcesoError,
    event::{emit, emit_audit, DelegateAction},
    prelude::*,
    state::{Action, Delegate, Entry, Folder, Profile},
};

/// Ends a delegation. Signer: the authority of the owner, or of the delegate (who resigns).
#[event_cpi]
#[derive(Accounts)]
pub struct DelegateRemove<'info> {
    pub authority: Signer<'info>,
    /// The owner or the delegate.
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub actor: AccountLoader<'info, Profile>,
    #[account(mut, has_one = owner @ AcesoError::WrongOwner)]
    pub delegate: AccountLoader<'info, Delegate>,
    #[account(mut)]
    pub owner: AccountLoader<'info, Profile>,
    /// CHECK: the one folder of a delegation that needs its seed: it becomes due for rotation. Compared with the
    /// folder that the delegation names, and looked into below: the owner may have closed it.
    #[account(mut)]
    pub folder: Option<UncheckedAccount<'info>>,
    /// CHECK: compared with the payer that the delegation remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl DelegateRemove<'_> {
    // A retired delegate may still resign and a delegation of every folder names none here: its grants are
    // revoked one by one, and each revocation marks its folder.
    pub fn handle(&self) -> Result<()> {
        let clock = Clock::get()?;
        let actor = self.actor.key();
        let delegate = *self.delegate.load()?;
        require!(actor == delegate.owner || actor == delegate.profile, AcesoError::NotOwner);
        self.owner.load_mut()?.delegate_removed()?;
        if delegate.needs_seed() && !delegate.covers_all() {
            self.mark_folder(&delegate, actor, &clock)?;
        }
        close(self.delegate.as_ref(), &self.rent_payer, delegate.meta.payer)?;
        emit(&self.event_authority, &delegate.event(DelegateAction::Removed, self.delegate.key()))
    }

    fn mark_folder(&self, delegate: &Delegate, actor: Pubkey, clock: &Clock) -> Result<()> {
        let account = self.folder.as_ref().ok_or(AcesoError::WrongFolder)?;
        require_keys_eq!(account.key(), delegate.folder, AcesoError::WrongFolder);
        // A folder that was closed, or created anew, has no epoch that this delegate knows. Without this a
        // delegation would outlive its folder for ever, and its owner could never retire.
        let Some(mut folder) = find_mut::<Folder>(account)? else { return Ok(()) };
        if folder.meta.created_slot != delegate.folder_created_slot {
            return Ok(());
        }
        folder.reader_left()?;
        let entry = Entry::new(Action::DelegateRemoved, actor, delegate.profile, clock)
            .number(folder.epoch)
            .digest(folder.keyring_digest);
        let link = folder.append(account.key(), &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
