use crate::{
    account::find,
    error::AcesoError,
    event::{emit, ProofsAccepted},
    prelude::*,
    state::{proof, Beacon, Lease, Ledger, LedgerMut},
};

/// Answer to one challenge of the oldest epoch that a peer owes.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Number of the challenge.
    pub k: u8,
    /// Bytes of the leaf that it names.
    pub leaf: Vec<u8>,
    /// The leaf's siblings, from the leaf up.
    pub path: Vec<[u8; 32]>,
}

/// Proves what challenges name. Remaining accounts: a lease for each proof, in their order.
/// Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct ProofSubmit<'info> {
    // Not the peer: three proofs of leases up to 2 GiB fit into a transaction without its address, and not with it.
    #[account(mut)]
    pub ledger: AccountLoader<'info, Ledger>,
    pub beacon: AccountLoader<'info, Beacon>,
}

impl ProofSubmit<'_> {
    pub fn handle(&self, leases: &[AccountInfo], proofs: &[Proof]) -> Result<()> {
        require!(
            !proofs.is_empty() && proofs.len() == leases.len(),
            AcesoError::ProofsWithoutLeases
        );
        let beacon = self.beacon.load()?;
        let mut data = self.ledger.as_ref().try_borrow_mut_data()?;
        let mut ledger = LedgerMut::new(&mut data)?;
        ledger.require_open()?;
        ledger.sync(&beacon)?;
        let (seq, draw) = (ledger.next_seq, ledger.owed(&beacon)?);
        let before = ledger.answered;
        for (answer, lease) in proofs.iter().zip(leases) {
            let lease = find::<Lease>(lease)?.ok_or(AcesoError::ChallengeNamesOther)?;
            let leaf = ledger.named_leaf(draw, answer.k, &lease)?;
            proof::verify(&lease.root, lease.stored_len, leaf, &answer.leaf, &answer.path)?;
            ledger.answer(answer.k)?;
        }
        let answered = ledger.answered ^ before;
        let finished = ledger.finish(&beacon, Clock::get()?.unix_timestamp)?;
        let event = ProofsAccepted {
            peer: ledger.peer,
            seq,
            epoch: draw.epoch,
            answered,
            credited: finished.is_some_and(|finished| finished.credited),
        };
        emit(&self.event_authority, &event)
    }
}
