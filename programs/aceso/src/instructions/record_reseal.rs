use super::acting::*;
use crate::{
    constants::CAN_ROTATE,
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Folder, HeadSwap, Profile, Record, SealedTo},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordResealArgs {
    pub change: HeadSwap,
    pub sealed_to: SealedTo,
}

/// Swaps the head and keeps the content: from the inbox into the epoch, or to other readers.
/// Signer: the owner's authority, or a delegate's with `CAN_ROTATE` who reads the folder.
#[event_cpi]
#[derive(Accounts)]
pub struct RecordReseal<'info> {
    pub acting: Acting<'info>,
    pub owner: AccountLoader<'info, Profile>,
    #[account(has_one = owner @ AcesoError::WrongOwner)]
    pub folder: AccountLoader<'info, Folder>,
    #[account(mut, has_one = folder @ AcesoError::WrongFolder)]
    pub record: AccountLoader<'info, Record>,
}

impl RecordReseal<'_> {
    // Archived records may be resealed: readers come and go there too.
    pub fn handle(&self, args: RecordResealArgs) -> Result<()> {
        let clock = Clock::get()?;
        let actor = self.acting.require(CAN_ROTATE, &self.folder, clock.unix_timestamp)?;
        let (folder, owner) = (self.folder.load()?, self.owner.load()?);
        folder.require_sealed_to(&args.sealed_to, &owner, clock.unix_timestamp)?;
        let mut record = self.record.load_mut()?;
        record.swap_head(&args.change, &args.sealed_to, actor)?;
        let entry = Entry::new(Action::RecordResealed, actor, self.record.key(), &clock)
            .number(record.version)
            .digest(record.head_digest);
        let link = record.append(self.record.key(), &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
