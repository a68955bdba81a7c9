use crate::{
    account::find,
    error::AcesoError,
    event::{emit, ProofsAccepted},
    prelude::*,
    state::{proof, Beacon, Lease, Ledger, LedgerMut, Peer, PeerStatus},
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
    pub peer: AccountLoader<'info, Peer>,
    // The peer is compared in the handler, where the ledger is open anyway; here for the IDL.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(has_one = peer))]
    pub ledger: AccountLoader<'info, Ledger>,
    pub beacon: AccountLoader<'info, Beacon>,
}

impl ProofSubmit<'_> {
    pub fn handle(&self, leases: &[AccountInfo], proofs: &[Proof]) -> Result<()> {
        require!(
            !proofs.is_empty() && proofs.len() == leases.len(),
            AcesoError::ProofsWithoutLeases
        );
        let defaulted = self.peer.load()?.status == PeerStatus::Defaulted as u8;
        require!(!defaulted, AcesoError::PeerDefaulted);
        let beacon = self.beacon.load()?;
        let mut data = self.ledger.as_ref().try_borrow_mut_data()?;
        let mut ledger = LedgerMut::new(&mut data)?;
        require_keys_eq!(ledger.peer, self.peer.key(), AcesoError::WrongPeer);
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
