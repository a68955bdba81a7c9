use super::acting::*;
use crate::{
    constants::CAN_ROTATE,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Folder, Swap, Writer},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct FolderRotateArgs {
    /// The epoch that ends.
    pub epoch: u32,
    pub members_version: u32,
    /// First end among the grants that remain, or `NO_END`. A delegate's own end counts, whatever stands here.
    pub earliest_until_secs: i64,
    pub keyring: Swap,
}

/// Begins a new epoch. Signer: the owner's authority, or a delegate's with `CAN_ROTATE` who reads the folder.
#[event_cpi]
#[derive(Accounts)]
pub struct FolderRotate<'info> {
    pub acting: Acting<'info>,
    #[account(mut)]
    pub folder: AccountLoader<'info, Folder>,
}

impl FolderRotate<'_> {
    pub fn handle(&self, args: FolderRotateArgs) -> Result<()> {
        let clock = Clock::get()?;
        let now_secs = clock.unix_timestamp;
        let actor = self.acting.require(CAN_ROTATE, &self.folder, now_secs)?;
        let mut folder = self.folder.load_mut()?;
        let reads_until_secs = self.acting.reads_until(actor, folder.owner)?;
        folder.rotate(
            &args.keyring,
            args.epoch,
            args.members_version,
            args.earliest_until_secs,
            Writer { profile: actor, reads_until_secs },
            now_secs,
        )?;
        let entry = Entry::new(Action::FolderRotated, actor, self.folder.key(), &clock)
            .number(folder.epoch)
            .digest(folder.keyring_digest);
        let link = folder.append(self.folder.key(), &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
