use super::{acting::*, GrantScope};
use crate::{
    constants::CAN_GRANT,
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Folder, Grant, Record, Terms},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct GrantUpdateArgs {
    /// Of the folder or record: no other grant on it was made, changed or ended meanwhile.
    pub members_version: u32,
    pub terms: Terms,
}

/// Changes dates, purpose or permissions; no key moves.
/// Signer: the owner's authority, or a delegate's with `CAN_GRANT` who reads the folder.
#[event_cpi]
#[derive(Accounts)]
pub struct GrantUpdate<'info> {
    pub acting: Acting<'info>,
    #[account(mut)]
    pub folder: AccountLoader<'info, Folder>,
    /// Left out: the grant is on the folder.
    #[account(mut)]
    pub record: Option<AccountLoader<'info, Record>>,
    #[account(mut)]
    pub grant: AccountLoader<'info, Grant>,
}

impl GrantUpdate<'_> {
    pub fn handle(&self, args: GrantUpdateArgs) -> Result<()> {
        let clock = Clock::get()?;
        let now_secs = clock.unix_timestamp;
        let actor = self.acting.require(CAN_GRANT, &self.folder, now_secs)?;
        let scope = GrantScope::new(&self.folder, self.record.as_ref())?;
        let mut grant = self.grant.load_mut()?;
        // A delegate cannot prolong or widen what it was given itself.
        require_keys_neq!(grant.reader, actor, AcesoError::ToOneself);
        scope.require_grant(&grant)?;
        scope.require_members_version(args.members_version)?;
        grant.update(&args.terms, now_secs)?;
        scope.grant_changed(grant.until_secs)?;
        let (entry, link) = scope.append(grant.entry(Action::GrantUpdated, actor, &clock))?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
