use crate::{
    account::close,
    error::AcesoError,
    event::{emit, RequestAction},
    prelude::*,
    state::{Profile, Request},
};

/// Takes a request back; deposit and rent go back to the payer. Signer: the requester's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct RequestCancel<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub requester: AccountLoader<'info, Profile>,
    #[account(mut, has_one = requester @ AcesoError::WrongRequester)]
    pub request: AccountLoader<'info, Request>,
    /// CHECK: compared with the payer that the request remembers.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl RequestCancel<'_> {
    // A retired requester may still cancel: it takes nothing that is not its payer's.
    pub fn handle(&self) -> Result<()> {
        let request = *self.request.load()?;
        let event = request.event(RequestAction::Cancelled, self.request.key(), 0);
        emit(&self.event_authority, &event)?;
        close(self.request.as_ref(), &self.rent_payer, request.meta.payer)
    }
}
