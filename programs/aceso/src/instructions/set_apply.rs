use crate::{
    account::find_mut,
    error::AcesoError,
    event::{emit, SetApplied},
    prelude::*,
    state::{Beacon, Lease, Ledger, LedgerMut},
};

/// Takes the weights of ended leases out of a peer's proof set, when nothing is owed on it.
/// Remaining accounts: the leases, writable. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct SetApply<'info> {
    #[account(mut)]
    pub ledger: AccountLoader<'info, Ledger>,
    pub beacon: AccountLoader<'info, Beacon>,
}

impl SetApply<'_> {
    pub fn handle(&self, leases: &[AccountInfo]) -> Result<()> {
        require!(!leases.is_empty(), AcesoError::LeaseNotInSet);
        let beacon = self.beacon.load()?;
        let mut data = self.ledger.as_ref().try_borrow_mut_data()?;
        let mut ledger = LedgerMut::new(&mut data)?;
        for lease in leases {
            let mut lease = find_mut::<Lease>(lease)?.ok_or(AcesoError::LeaseNotInSet)?;
            ledger.release(&beacon, &mut lease)?;
        }
        let event = SetApplied {
            peer: ledger.peer,
            removed: u32::try_from(leases.len()).map_err(|_| AcesoError::Overflow)?,
            total: ledger.total,
        };
        emit(&self.event_authority, &event)
    }
}
