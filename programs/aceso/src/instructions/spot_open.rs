use super::leased::*;
use crate::{
    account::charge,
    event::{emit, LeaseAction},
    prelude::*,
    state::LedgerMut,
};

/// Names a leaf that a live lease's peer must prove, with a deposit for whoever does. Signer: anyone; the deposit comes
/// back if nobody answers.
#[event_cpi]
#[derive(Accounts)]
pub struct SpotOpen<'info> {
    #[account(mut)]
    pub checker: Signer<'info>,
    pub leased: Leased<'info>,
    pub system_program: Program<'info, System>,
}

impl SpotOpen<'_> {
    pub fn handle(&self, offset: u64) -> Result<()> {
        let now_secs = Clock::get()?.unix_timestamp;
        let (checker, key) = (self.checker.key(), self.leased.lease.key());
        let (lamports, event) = {
            let OpenLease { mut lease, peer: _, mut ledger, beacon } = self.leased.open()?;
            let ledger = LedgerMut::new(&mut ledger)?;
            let lamports = lease.open_spot(checker, offset, &ledger, &beacon, now_secs)?;
            (lamports, lease.event(LeaseAction::SpotOpened, key, 0, checker)?)
        };
        charge(&self.checker, self.leased.lease.as_ref(), lamports)?;
        emit(&self.event_authority, &event)
    }
}
