use aceso::{
    accounts, instruction,
    state::{Peer, PeerArgs},
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{build, fixed};
use crate::chain::{Fetched, address};

/// `authority`: the profile's wallet. `token_program`: the owner of the mint's account.
pub fn register(
    payer: Pubkey,
    authority: Pubkey,
    profile: Pubkey,
    mint: Pubkey,
    token_program: Pubkey,
    args: PeerArgs,
) -> Instruction {
    let f = fixed();
    let peer = address::peer(&profile);
    let accounts = accounts::PeerRegister {
        payer,
        authority,
        profile,
        config: f.config,
        mint,
        token_program,
        peer,
        vault: address::vault(&peer),
        ledger: address::ledger(&peer),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerRegister { args })
}

pub fn update(authority: Pubkey, peer: &Fetched<Peer>, args: PeerArgs) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerUpdate {
        holding: holding(authority, peer),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerUpdate { args })
}

/// `source`: a token account that `funder` may spend from.
pub fn bond_add(funder: Pubkey, source: Pubkey, peer: &Fetched<Peer>, amount: u64) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerBondAdd {
        funder,
        source,
        config: f.config,
        peer: peer.address,
        till: till(peer),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerBondAdd { amount })
}

/// `destination`: a token account of `authority`.
pub fn bond_withdraw(
    authority: Pubkey,
    peer: &Fetched<Peer>,
    destination: Pubkey,
    amount: u64,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerBondWithdraw {
        holding: holding(authority, peer),
        till: till(peer),
        destination,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerBondWithdraw { amount })
}

/// `None`: settlements only book.
pub fn payout_set(authority: Pubkey, peer: &Fetched<Peer>, payout: Option<Pubkey>) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerPayoutSet {
        holding: holding(authority, peer),
        payout,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerPayoutSet {})
}

pub fn drain(authority: Pubkey, peer: &Fetched<Peer>) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerDrain {
        holding: holding(authority, peer),
        ledger: address::ledger(&peer.address),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerDrain {})
}

/// Anyone's, when one of the rules for a whole default holds.
pub fn default(peer: Pubkey) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerDefault {
        peer,
        ledger: address::ledger(&peer),
        beacon: address::beacon(),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerDefault {})
}

pub fn retire(authority: Pubkey, peer: &Fetched<Peer>, destination: Pubkey) -> Instruction {
    let f = fixed();
    let accounts = accounts::PeerRetire {
        holding: holding(authority, peer),
        ledger: address::ledger(&peer.address),
        till: till(peer),
        destination,
        rent_payer: peer.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::PeerRetire {})
}

fn holding(authority: Pubkey, peer: &Fetched<Peer>) -> accounts::Holding {
    accounts::Holding { authority, profile: peer.profile, peer: peer.address }
}

/// What a token transfer from or to a peer's vault names.
pub(super) fn till(peer: &Fetched<Peer>) -> accounts::Till {
    accounts::Till { vault: peer.vault, mint: peer.mint, token_program: peer.token_program }
}
