use crate::{
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Folder, HeadSwap, Profile, Record, SealedTo},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordMoveArgs {
    pub change: HeadSwap,
    /// The epoch of the folder that it goes to, or the owner's inbox.
    pub sealed_to: SealedTo,
}

/// Moves a record to another folder of its owner, with a head for that folder's readers. Signer: the owner's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct RecordMove<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub owner: AccountLoader<'info, Profile>,
    #[account(mut, has_one = owner @ AcesoError::WrongOwner)]
    pub folder: AccountLoader<'info, Folder>,
    #[account(mut, has_one = owner @ AcesoError::WrongOwner)]
    pub to_folder: AccountLoader<'info, Folder>,
    #[account(
        mut,
        has_one = owner @ AcesoError::NotOwner,
        has_one = folder @ AcesoError::WrongFolder,
    )]
    pub record: AccountLoader<'info, Record>,
}

impl RecordMove<'_> {
    pub fn handle(&self, args: RecordMoveArgs) -> Result<()> {
        let clock = Clock::get()?;
        let actor = self.owner.key();
        require_keys_neq!(self.folder.key(), self.to_folder.key(), AcesoError::WrongFolder);
        // That the owner is not retired needs no check: `Profile::retire` refuses while a folder stands.
        let owner = self.owner.load()?;
        let mut from = self.folder.load_mut()?;
        let mut to = self.to_folder.load_mut()?;
        let mut record = self.record.load_mut()?;
        to.require_sealed_to(&args.sealed_to, &owner, clock.unix_timestamp)?;
        record.swap_head(&args.change, &args.sealed_to, actor)?;
        record.move_to(self.to_folder.key())?;
        from.record_removed()?;
        to.record_added()?;
        let entry = Entry::new(Action::RecordMoved, actor, self.record.key(), &clock)
            .number(record.version)
            .digest(record.head_digest);
        let links = [
            record.append(self.record.key(), &entry)?,
            from.append(self.folder.key(), &entry)?,
            to.append(self.to_folder.key(), &entry)?,
        ];
        emit_audit(&self.event_authority, entry, links)
    }
}
