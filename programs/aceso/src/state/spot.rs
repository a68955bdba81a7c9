//! Spot checks: anyone names a leaf of one lease, whatever the draws name. They defend the single lease of an owner who
//! doubts its peer, where challenges only sample the whole set.

use crate::{
    error::AcesoError,
    prelude::*,
    state::{proof, Beacon, Lease, Ledger, Peer},
};

/// A spot check that is over, and what lies on the lease for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotEnd {
    pub checker: Pubkey,
    pub deposit_lamports: u64,
    /// What the peer was paid when the lease defaulted by it; nothing when the lease had ended before.
    pub defaulted: Option<u64>,
}

impl Lease {
    /// One at a time; says the deposit. Its deadline is as long as that of a challenge at least, in seconds and in
    /// draws, so that neither a halted chain nor a lazy beacon slashes anybody.
    pub fn open_spot(
        &mut self,
        checker: Pubkey,
        offset: u64,
        ledger: &Ledger,
        beacon: &Beacon,
        now_secs: i64,
    ) -> Result<u64> {
        self.require_live()?;
        self.require_no_spot()?;
        require!(offset < self.weight, AcesoError::OutOfBounds);
        // Past the term a check could only hold the peer's lock up.
        let epoch = beacon.current_epoch(now_secs)?;
        require!(epoch < self.until_epoch, AcesoError::LeaseTermOver);
        let grace = i64::from(ledger.terms.grace_draws);
        let until_secs = grace
            .checked_mul(ledger.epoch_secs)
            .and_then(|secs| secs.checked_add(i64::from(ledger.terms.window_secs)))
            .and_then(|secs| secs.checked_add(now_secs));
        let draws = u64::from(ledger.terms.grace_draws).checked_add(1);
        let until_draws = draws.and_then(|draws| draws.checked_add(beacon.draws));
        self.spot_checker = checker;
        self.spot_offset = offset;
        self.spot_deposit_lamports = ledger.terms.spot_deposit_lamports;
        self.spot_until_secs = until_secs.ok_or(AcesoError::Overflow)?;
        self.spot_until_draws = until_draws.ok_or(AcesoError::Overflow)?;
        self.invariant()?;
        Ok(self.spot_deposit_lamports)
    }

    /// As late as it comes, while the lease has not defaulted. The deposit is the answerer's.
    pub fn answer_spot(&mut self, leaf: &[u8], path: &[[u8; 32]]) -> Result<SpotEnd> {
        self.require_spot()?;
        let count = proof::leaf_count(self.stored_len);
        let index = self.spot_offset.checked_rem(count).ok_or(AcesoError::InvariantBroken)?;
        proof::verify(&self.root, self.stored_len, index, leaf, path)?;
        self.end_spot()
    }

    /// Nobody has answered: the lease is lost. When it has ended otherwise meanwhile, the check is only dropped.
    pub fn default_spot(
        &mut self,
        peer: &mut Peer,
        ledger: &mut Ledger,
        beacon: &Beacon,
        now_secs: i64,
    ) -> Result<SpotEnd> {
        self.require_spot()?;
        if self.is_ended() {
            return self.end_spot();
        }
        require!(
            now_secs > self.spot_until_secs && beacon.draws >= self.spot_until_draws,
            AcesoError::SpotNotDue
        );
        let paid = self.default_lost(peer, ledger, beacon, now_secs)?;
        Ok(SpotEnd { defaulted: Some(paid), ..self.end_spot()? })
    }

    pub fn require_no_spot(&self) -> Result<()> {
        require!(self.spot_checker == Pubkey::default(), AcesoError::SpotOpen);
        Ok(())
    }

    fn require_spot(&self) -> Result<()> {
        require!(self.spot_checker != Pubkey::default(), AcesoError::SpotNotOpen);
        Ok(())
    }

    fn end_spot(&mut self) -> Result<SpotEnd> {
        let end = SpotEnd {
            checker: core::mem::take(&mut self.spot_checker),
            deposit_lamports: core::mem::take(&mut self.spot_deposit_lamports),
            defaulted: None,
        };
        self.spot_offset = 0;
        self.spot_until_secs = 0;
        self.spot_until_draws = 0;
        self.invariant()?;
        Ok(end)
    }
}
