use super::GrantScope;
use crate::{
    account::close,
    event::emit_audit,
    prelude::*,
    state::{Action, Folder, Grant, Record},
};

/// Clears away a grant whose last day is over. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct GrantExpire<'info> {
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

impl GrantExpire<'_> {
    pub fn handle(&self) -> Result<()> {
        let clock = Clock::get()?;
        let scope = GrantScope::new(&self.folder, self.record.as_ref())?;
        let grant = *self.grant.load()?;
        scope.require_grant(&grant)?;
        grant.require_ended(clock.unix_timestamp)?;
        scope.grant_removed(grant.until_secs)?;
        let nobody = Pubkey::default();
        let (entry, link) = scope.append(grant.entry(Action::GrantExpired, nobody, &clock))?;
        close(self.grant.as_ref(), &self.rent_payer, grant.meta.payer)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
