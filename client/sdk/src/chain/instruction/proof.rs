use aceso::{
    accounts, instruction,
    instructions::Proof,
    state::{Lease, Peer},
};
use anchor_lang::prelude::{AccountMeta, Pubkey};
use solana_instruction::Instruction;

use super::{build, fixed, peer::till};
use crate::chain::{Fetched, address};

/// Answers challenges of the oldest epoch that the peer owes: each proof with the lease that its challenge names.
pub fn submit(peer: &Pubkey, proofs: Vec<(Pubkey, Proof)>) -> Instruction {
    let f = fixed();
    let accounts = accounts::ProofSubmit {
        ledger: address::ledger(peer),
        beacon: address::beacon(),
        event_authority: f.event_authority,
        program: f.program,
    };
    let (leases, proofs): (Vec<Pubkey>, Vec<Proof>) = proofs.into_iter().unzip();
    let mut submit = build(accounts, instruction::ProofSubmit { proofs });
    submit.accounts.extend(leases.into_iter().map(|lease| AccountMeta::new_readonly(lease, false)));
    submit
}

/// Takes the weights of ended leases out of the peer's set.
pub fn set_apply(peer: &Pubkey, leases: &[Pubkey]) -> Instruction {
    let f = fixed();
    let accounts = accounts::SetApply {
        ledger: address::ledger(peer),
        beacon: address::beacon(),
        event_authority: f.event_authority,
        program: f.program,
    };
    let mut apply = build(accounts, instruction::SetApply {});
    apply.accounts.extend(leases.iter().map(|lease| AccountMeta::new(*lease, false)));
    apply
}

/// Pays the peer for what it has proven of these leases; with `payout`, out of the vault.
pub fn settle(peer: &Fetched<Peer>, leases: &[Pubkey], payout: Option<Pubkey>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseSettle {
        peer: peer.address,
        ledger: address::ledger(&peer.address),
        beacon: address::beacon(),
        till: till(peer),
        payout,
        event_authority: f.event_authority,
        program: f.program,
    };
    let mut settle = build(accounts, instruction::LeaseSettle {});
    settle.accounts.extend(leases.iter().map(|lease| AccountMeta::new(*lease, false)));
    settle
}

/// Gives up challenge `k` of the oldest owed epoch, past its grace; `lease` is the one that it names.
pub fn debt_default(lease: &Fetched<Lease>, k: u8) -> Instruction {
    let f = fixed();
    let accounts = accounts::DebtDefault {
        leased: super::lease::leased(lease),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::DebtDefault { k })
}
