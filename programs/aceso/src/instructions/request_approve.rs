use super::{acting::*, GrantCreateArgs, GrantIssue, GrantScope};
use crate::{
    account::close,
    constants::{CAN_ANSWER, PAUSE_GRANT},
    error::AcesoError,
    event::{emit, RequestAction},
    prelude::*,
    state::{Config, Folder, Profile, Record, Request},
};

/// Grants what was asked, or less; deposit and rent of the request go back to its payer.
/// Signer: the owner's authority, or a delegate's with `CAN_ANSWER` who reads the folder.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: GrantCreateArgs))]
pub struct RequestApprove<'info> {
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
    pub requester: AccountLoader<'info, Profile>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [crate::constants::SEED_GRANT, args.scope.as_ref(), requester.key().as_ref()], bump))]
    pub grant: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = owner @ AcesoError::WrongOwner,
        has_one = requester @ AcesoError::WrongRequester,
    )]
    pub request: AccountLoader<'info, Request>,
    /// CHECK: compared with the payer that the request remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl RequestApprove<'_> {
    pub fn handle(&self, args: GrantCreateArgs) -> Result<()> {
        self.config.load()?.require_running(PAUSE_GRANT)?;
        let clock = Clock::get()?;
        let now_secs = clock.unix_timestamp;
        let actor = self.acting.require(CAN_ANSWER, &self.folder, now_secs)?;
        let request = *self.request.load()?;
        request.require_open(now_secs)?;
        request.require_covers(&args.scope, &args.terms, now_secs)?;
        let issue = GrantIssue {
            scope: GrantScope::new(&self.folder, self.record.as_ref())?,
            owner: &self.owner,
            reader: &self.requester,
            grant: &self.grant,
            payer: &self.payer,
            event_authority: &self.event_authority,
        };
        issue.run(&args, actor, &clock)?;
        let event = request.event(RequestAction::Approved, self.request.key(), 0);
        emit(&self.event_authority, &event)?;
        close(self.request.as_ref(), &self.rent_payer, request.meta.payer)
    }
}
