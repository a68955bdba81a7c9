use super::{acting::*, GrantScope};
use crate::{
    account::close,
    constants::CAN_REVOKE,
    event::emit_audit,
    prelude::*,
    state::{Action, Folder, Grant, Record},
};

/// Ends a grant. A folder becomes due for rotation if the reader can know the epoch's seed: not if the grant had run out
/// before the epoch began.
/// Signer: the owner's authority, or a delegate's with `CAN_REVOKE`.
#[event_cpi]
#[derive(Accounts)]
pub struct GrantRevoke<'info> {
    pub acting: Acting<'info>,
    #[account(mut)]
    pub folder: AccountLoader<'info, Folder>,
    /// Left out: the grant is on the folder.
    #[account(mut)]
    pub record: Option<AccountLoader<'info, Record>>,
    #[account(mut)]
    pub grant: AccountLoader<'info, Grant>,
    /// CHECK: compared with the payer that the grant remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl GrantRevoke<'_> {
    // Nothing is compared and swapped: shutting somebody out never waits for a newer state.
    pub fn handle(&self) -> Result<()> {
        let clock = Clock::get()?;
        let actor = self.acting.require(CAN_REVOKE, &self.folder, clock.unix_timestamp)?;
        let scope = GrantScope::new(&self.folder, self.record.as_ref())?;
        let grant = *self.grant.load()?;
        scope.require_grant(&grant)?;
        scope.grant_removed(grant.until_secs)?;
        let (entry, link) = scope.append(grant.entry(Action::GrantRevoked, actor, &clock))?;
        close(self.grant.as_ref(), &self.rent_payer, grant.meta.payer)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
