use super::acting::*;
use crate::{
    constants::{CAN_CREATE, PAUSE_RECORD},
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Config, Content, Entry, Folder, HeadSwap, Profile, Record, SealedTo},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordUpdateArgs {
    pub change: HeadSwap,
    pub content: Content,
    pub sealed_to: SealedTo,
}

/// Puts a new version in place. Signer: the owner's authority, or that of the author while `CAN_CREATE` lasts.
#[event_cpi]
#[derive(Accounts)]
pub struct RecordUpdate<'info> {
    pub acting: Acting<'info>,
    pub config: AccountLoader<'info, Config>,
    pub owner: AccountLoader<'info, Profile>,
    #[account(has_one = owner @ AcesoError::WrongOwner)]
    pub folder: AccountLoader<'info, Folder>,
    #[account(mut, has_one = folder @ AcesoError::WrongFolder)]
    pub record: AccountLoader<'info, Record>,
}

impl RecordUpdate<'_> {
    pub fn handle(&self, args: RecordUpdateArgs) -> Result<()> {
        self.config.load()?.require_running(PAUSE_RECORD)?;
        let clock = Clock::get()?;
        let actor = self.acting.require(CAN_CREATE, &self.folder, clock.unix_timestamp)?;
        let (folder, owner) = (self.folder.load()?, self.owner.load()?);
        let mut record = self.record.load_mut()?;
        require!(actor == record.owner || actor == record.author, AcesoError::NotAuthor);
        folder.require_sealed_to(&args.sealed_to, &owner, clock.unix_timestamp)?;
        record.update(&args.change, args.content, &args.sealed_to, actor, clock.unix_timestamp)?;
        let entry = Entry::new(Action::RecordUpdated, actor, self.record.key(), &clock)
            .number(record.version)
            .digest(record.head_digest);
        let link = record.append(self.record.key(), &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
