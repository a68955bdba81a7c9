use super::leased::*;
use crate::{
    account::pay,
    error::AcesoError,
    event::{emit, LeaseAction},
    prelude::*,
    state::LedgerMut,
};

/// Ends a spot check that nobody has answered in time: the lease is lost, with its lock to its owner, and the deposit
/// goes back. When the lease has ended otherwise, only the latter. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct SpotDefault<'info> {
    pub leased: Leased<'info>,
    /// CHECK: compared with the wallet whose check it is.
    #[account(mut)]
    pub checker: UncheckedAccount<'info>,
}

impl SpotDefault<'_> {
    pub fn handle(&self) -> Result<()> {
        let now_secs = Clock::get()?.unix_timestamp;
        let OpenLease { mut lease, mut peer, mut ledger, beacon } = self.leased.open()?;
        let mut ledger = LedgerMut::new(&mut ledger)?;
        let end = lease.default_spot(&mut peer, &mut ledger, &beacon, now_secs)?;
        require_keys_eq!(self.checker.key(), end.checker, AcesoError::WrongChecker);
        // A wallet that was emptied cannot take less than its rent. Then the deposit stays and goes with the lease's own:
        // no checker can hold a default up.
        if self.checker.lamports() > 0 {
            pay(self.leased.lease.as_ref(), &self.checker, end.deposit_lamports)?;
        }
        let (action, paid) = match end.defaulted {
            Some(paid) => (LeaseAction::Ended, paid),
            None => (LeaseAction::SpotDropped, 0),
        };
        let event = lease.event(action, self.leased.lease.key(), paid, end.checker)?;
        emit(&self.event_authority, &event)
    }
}
