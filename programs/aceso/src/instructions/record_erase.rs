use crate::{
    account::close,
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Folder, Profile, Record},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordEraseArgs {
    /// What the owner means to erase: a version filed meanwhile is not erased unseen.
    pub version: u32,
    pub head_digest: [u8; 32],
}

/// Takes a record off the chain; the head of its trail goes into the folder's. Signer: the owner's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct RecordErase<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub owner: AccountLoader<'info, Profile>,
    #[account(mut, has_one = owner @ AcesoError::WrongOwner)]
    pub folder: AccountLoader<'info, Folder>,
    #[account(
        mut,
        has_one = owner @ AcesoError::NotOwner,
        has_one = folder @ AcesoError::WrongFolder,
    )]
    pub record: AccountLoader<'info, Record>,
    /// CHECK: compared with the payer that the record remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl RecordErase<'_> {
    pub fn handle(&self, args: RecordEraseArgs) -> Result<()> {
        let clock = Clock::get()?;
        let record = *self.record.load()?;
        record.require_current(args.version, &args.head_digest)?;
        record.require_ungranted()?;
        let mut folder = self.folder.load_mut()?;
        folder.record_removed()?;
        let entry = Entry::new(Action::RecordErased, self.owner.key(), self.record.key(), &clock)
            .number(record.version)
            .digest(record.audit_head);
        let link = folder.append(self.folder.key(), &entry)?;
        close(self.record.as_ref(), &self.rent_payer, record.meta.payer)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
