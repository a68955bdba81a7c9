use super::{acting::*, GrantCreateArgs, GrantIssue, GrantScope};
use crate::{
    constants::{CAN_GRANT, PAUSE_GRANT},
    prelude::*,
    state::{Config, Folder, Profile, Record},
};

/// Lets a reader open a folder, or one record of it, and swaps the blob that carries the reader's packet.
/// Signer: the owner's authority, or a delegate's with `CAN_GRANT` who reads the folder.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: GrantCreateArgs))]
pub struct GrantCreate<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub acting: Acting<'info>,
    pub config: AccountLoader<'info, Config>,
    pub owner: AccountLoader<'info, Profile>,
    // The owner is compared in `GrantIssue`, where the folder is loaded anyway; here for the IDL.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(has_one = owner))]
    pub folder: AccountLoader<'info, Folder>,
    /// Left out: the grant is on the folder.
    #[account(mut)]
    pub record: Option<AccountLoader<'info, Record>>,
    pub reader: AccountLoader<'info, Profile>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [crate::constants::SEED_GRANT, args.scope.as_ref(), reader.key().as_ref()], bump))]
    pub grant: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl GrantCreate<'_> {
    pub fn handle(&self, args: GrantCreateArgs) -> Result<()> {
        self.config.load()?.require_running(PAUSE_GRANT)?;
        let clock = Clock::get()?;
        let actor = self.acting.require(CAN_GRANT, &self.folder, clock.unix_timestamp)?;
        let issue = GrantIssue {
            scope: GrantScope::new(&self.folder, self.record.as_ref())?,
            owner: &self.owner,
            reader: &self.reader,
            grant: &self.grant,
            payer: &self.payer,
            event_authority: &self.event_authority,
        };
        issue.run(&args, actor, &clock)
    }
}
