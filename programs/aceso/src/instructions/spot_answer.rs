use crate::{
    account::pay,
    error::AcesoError,
    event::{emit, LeaseAction},
    prelude::*,
    state::Lease,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct SpotAnswerArgs {
    /// Bytes of the leaf `spot_offset % leaf count`.
    pub leaf: Vec<u8>,
    /// The leaf's siblings, from the leaf up.
    pub path: Vec<[u8; 32]>,
}

/// Proves the leaf that a spot check names. Signer: anyone, who names who gets the deposit.
#[event_cpi]
#[derive(Accounts)]
pub struct SpotAnswer<'info> {
    #[account(mut)]
    pub lease: AccountLoader<'info, Lease>,
    /// CHECK: any account; whoever sends the proof names it.
    #[account(mut)]
    pub answerer: UncheckedAccount<'info>,
}

impl SpotAnswer<'_> {
    pub fn handle(&self, args: SpotAnswerArgs) -> Result<()> {
        let answerer = self.answerer.key();
        // Paid to itself, the deposit would lie on the account uncounted.
        require_keys_neq!(answerer, self.lease.key(), AcesoError::ToOneself);
        let mut lease = self.lease.load_mut()?;
        let end = lease.answer_spot(&args.leaf, &args.path)?;
        pay(self.lease.as_ref(), &self.answerer, end.deposit_lamports)?;
        let event = lease.event(LeaseAction::SpotAnswered, self.lease.key(), 0, answerer)?;
        emit(&self.event_authority, &event)
    }
}
