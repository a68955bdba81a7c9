use super::acting::*;
use crate::{
    account::close,
    constants::CAN_ANSWER,
    error::AcesoError,
    event::{emit, RequestAction},
    prelude::*,
    state::Request,
};

/// Says no; deposit and rent go back to the payer. Signer: the owner's authority, or a delegate's with `CAN_ANSWER`.
#[event_cpi]
#[derive(Accounts)]
pub struct RequestDeny<'info> {
    pub acting: Acting<'info>,
    #[account(mut)]
    pub request: AccountLoader<'info, Request>,
    /// CHECK: compared with the payer that the request remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl RequestDeny<'_> {
    // An expired request may still be denied: the payer gets everything back.
    // A delegate of one folder denies only requests for that folder; no key is needed to say no.
    pub fn handle(&self) -> Result<()> {
        let request = *self.request.load()?;
        let actor = self.acting.profile()?;
        if actor != request.owner {
            let delegate = self.acting.delegate.as_ref().ok_or(AcesoError::NotOwner)?.load()?;
            let folder = (&request.scope, delegate.folder_created_slot);
            let now_secs = Clock::get()?.unix_timestamp;
            delegate.require(&request.owner, &actor, folder, CAN_ANSWER, now_secs)?;
        }
        let event = request.event(RequestAction::Denied, self.request.key(), 0);
        emit(&self.event_authority, &event)?;
        close(self.request.as_ref(), &self.rent_payer, request.meta.payer)
    }
}
