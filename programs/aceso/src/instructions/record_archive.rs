use crate::{
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Profile, Record},
};

/// Archives a record (no more versions; still readable), or restores it. Signer: the owner's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct RecordArchive<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub owner: AccountLoader<'info, Profile>,
    #[account(mut, has_one = owner @ AcesoError::NotOwner)]
    pub record: AccountLoader<'info, Record>,
}

impl RecordArchive<'_> {
    pub fn handle(&self, archived: bool) -> Result<()> {
        // That the owner is not retired needs no check: `Profile::retire` refuses while a folder stands, and a folder
        // stands while a record is in it.
        let mut record = self.record.load_mut()?;
        record.set_archived(archived)?;
        let action = if archived { Action::RecordArchived } else { Action::RecordRestored };
        let entry = Entry::new(action, self.owner.key(), self.record.key(), &Clock::get()?)
            .number(record.version)
            .digest(record.head_digest);
        let link = record.append(self.record.key(), &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
