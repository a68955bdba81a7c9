use super::holding::*;
use crate::{
    error::AcesoError,
    event::{emit, PeerAction},
    prelude::*,
    token,
};

/// Sets the token account that settlements pay to. Signer: the authority of the peer's profile.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerPayoutSet<'info> {
    pub holding: Holding<'info>,
    /// CHECK: a token account of the peer's mint, whoever owns it: checked below. Left out: settlements only book.
    pub payout: Option<UncheckedAccount<'info>>,
}

impl PeerPayoutSet<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut peer = self.holding.peer.load_mut()?;
        let mut payout = Pubkey::default();
        if let Some(account) = &self.payout {
            let mint = token::account(account, &peer.token_program)?.mint;
            require_keys_eq!(mint, peer.mint, AcesoError::WrongTokenAccount);
            payout = account.key();
        }
        peer.set_payout(payout)?;
        emit(&self.event_authority, &peer.event(PeerAction::PayoutSet, self.holding.peer.key(), 0))
    }
}
