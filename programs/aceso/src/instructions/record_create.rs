use super::acting::*;
use crate::{
    account::Birth,
    constants::{CAN_CREATE, PAUSE_RECORD, SEED_RECORD},
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Blob, Config, Content, Entry, Folder, Profile, Record, SealedTo},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordCreateArgs {
    pub id: [u8; 16],
    pub content: Content,
    pub head: Blob,
    pub sealed_to: SealedTo,
}

/// Files a record. Signer: the owner's authority, or a delegate's with `CAN_CREATE`.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: RecordCreateArgs))]
pub struct RecordCreate<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub acting: Acting<'info>,
    pub config: AccountLoader<'info, Config>,
    pub owner: AccountLoader<'info, Profile>,
    #[account(mut, has_one = owner @ AcesoError::WrongOwner)]
    pub folder: AccountLoader<'info, Folder>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_RECORD, owner.key().as_ref(), &args.id], bump))]
    pub record: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl RecordCreate<'_> {
    pub fn handle(&self, args: RecordCreateArgs) -> Result<()> {
        self.config.load()?.require_running(PAUSE_RECORD)?;
        let clock = Clock::get()?;
        let author = self.acting.require(CAN_CREATE, &self.folder, clock.unix_timestamp)?;
        let (owner, folder_key, key) = (self.owner.key(), self.folder.key(), self.record.key());
        let mut folder = self.folder.load_mut()?;
        // That the owner is not retired needs no check: `Profile::retire` refuses while a folder stands.
        folder.require_sealed_to(&args.sealed_to, &*self.owner.load()?, clock.unix_timestamp)?;
        folder.record_added()?;
        let birth = Birth {
            target: &self.record,
            payer: &self.payer,
            seeds: [SEED_RECORD, owner.as_ref(), &args.id, b""],
        };
        let mut record = birth.create::<Record>(clock.slot)?;
        record.open(
            &key,
            owner,
            folder_key,
            author,
            args.id,
            args.content,
            args.head,
            &args.sealed_to,
            clock.unix_timestamp,
        )?;
        let entry = Entry::new(Action::RecordCreated, author, key, &clock)
            .number(record.version)
            .digest(record.head_digest);
        let links = [record.append(key, &entry)?, folder.append(folder_key, &entry)?];
        emit_audit(&self.event_authority, entry, links)
    }
}
