use super::{leased::require_ledger, till::*};
use crate::{
    account::find_mut,
    error::AcesoError,
    event::{emit, LeasePaid, LeasesSettled},
    prelude::*,
    state::{Beacon, Lease, Ledger, Peer},
};

/// Pays a peer for what it has proven. Remaining accounts: leases of the peer, writable; one that is named twice is paid
/// once, one that has ended nothing. With `payout`, all that is earned goes there in one transfer; without it, it stays on the
/// books: leave it out when that account is frozen or closed, because the transfer would fail, and all with it. Signer:
/// anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct LeaseSettle<'info> {
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    pub ledger: AccountLoader<'info, Ledger>,
    pub beacon: AccountLoader<'info, Beacon>,
    pub till: Till<'info>,
    /// CHECK: compared with the token account that the peer has set.
    #[account(mut)]
    pub payout: Option<UncheckedAccount<'info>>,
}

impl LeaseSettle<'_> {
    pub fn handle(&self, leases: &[AccountInfo]) -> Result<()> {
        let mut event = self.book(leases)?;
        if let Some(payout) = &self.payout {
            event.transferred = {
                let mut peer = self.peer.load_mut()?;
                require_keys_eq!(payout.key(), peer.payout, AcesoError::WrongPayout);
                peer.pay_out()
            };
            if event.transferred > 0 {
                self.till.pay_out(&self.peer, payout, event.transferred)?;
            }
        }
        emit(&self.event_authority, &event)
    }

    fn book(&self, accounts: &[AccountInfo]) -> Result<LeasesSettled> {
        let key = self.peer.key();
        let mut peer = self.peer.load_mut()?;
        let (ledger, beacon) = (self.ledger.load()?, self.beacon.load()?);
        require_ledger(&ledger, key, &peer)?;
        let mut leases = Vec::with_capacity(accounts.len());
        let mut paid = 0u64;
        for account in accounts {
            let mut lease = find_mut::<Lease>(account)?.ok_or(AcesoError::NotLease)?;
            lease.require_peer(&key, &peer)?;
            let amount = lease.settle(&mut peer, &ledger, &beacon)?;
            paid = paid.checked_add(amount).ok_or(AcesoError::Overflow)?;
            leases.push(LeasePaid { lease: *account.key, amount });
        }
        peer.invariant()?;
        Ok(LeasesSettled { peer: key, paid, transferred: 0, leases })
    }
}
