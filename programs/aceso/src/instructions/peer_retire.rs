use super::{holding::*, leased::require_ledger, till::*};
use crate::{
    account::close,
    constants::SEED_PEER,
    event::{emit, PeerAction},
    prelude::*,
    state::Ledger,
    token,
};

/// Winds a peer without leases up: all that its vault holds goes to the signer, the rent to who paid it.
/// Signer: the authority of the peer's profile.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerRetire<'info> {
    pub holding: Holding<'info>,
    #[account(mut)]
    pub ledger: AccountLoader<'info, Ledger>,
    pub till: Till<'info>,
    /// CHECK: a token account of the mint that belongs to the authority: checked below.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: compared with the payer that the peer remembers, who paid for vault and ledger too.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl PeerRetire<'_> {
    pub fn handle(&self) -> Result<()> {
        let loader = &self.holding.peer;
        {
            let mut peer = loader.load_mut()?;
            require_ledger(&*self.ledger.load()?, loader.key(), &peer)?;
            self.till.require_of(&peer)?;
            peer.retire()?;
        }
        let peer = *loader.load()?;
        // The one place where the vault itself is asked: no book is left, so whatever was sent there goes along.
        let amount = self.till.holds()?;
        if amount > 0 {
            self.till.require_held_by(&self.destination, self.holding.authority.key)?;
            self.till.pay_out(loader, &self.destination, amount)?;
        }
        let seeds: &[&[u8]] = &[SEED_PEER, peer.profile.as_ref(), &[peer.meta.bump]];
        let program = self.till.token_program.key;
        token::close(program, &self.till.vault, &self.rent_payer, loader.as_ref(), seeds)?;
        let ledger_payer = self.ledger.load()?.meta.payer;
        close(self.ledger.as_ref(), &self.rent_payer, ledger_payer)?;
        close(loader.as_ref(), &self.rent_payer, peer.meta.payer)?;
        emit(&self.event_authority, &peer.event(PeerAction::Retired, loader.key(), amount))
    }
}
