use aceso::{
    accounts, instruction,
    state::{Acceptance, Amendment, Lease, LeaseKind, Offer, Peer},
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{Actor, build, fixed, peer::till};
use crate::chain::{Fetched, Folder, Record, address};

/// What a lease is about, with the accounts that prove whose it is.
#[derive(Clone, Copy, Debug)]
pub enum LeaseScope<'a> {
    /// A copy of a record's content, and its head.
    Record(&'a Fetched<Record>),
    /// A folder's keyring, or a pack of its records.
    Folder(&'a Fetched<Folder>),
    /// A profile's bundle; or what is gone from the chain.
    Owner(Pubkey),
}

impl LeaseScope<'_> {
    pub fn address(&self) -> Pubkey {
        match self {
            Self::Record(record) => record.address,
            Self::Folder(folder) => folder.address,
            Self::Owner(profile) => *profile,
        }
    }

    pub(super) fn accounts(&self) -> accounts::LeaseScope {
        let (folder, record) = match self {
            Self::Record(record) => (Some(record.folder), Some(record.address)),
            Self::Folder(folder) => (Some(folder.address), None),
            Self::Owner(_) => (None, None),
        };
        accounts::LeaseScope { folder, record }
    }
}

/// Who pays in: `source` is a token account that `funder` may spend from.
#[derive(Clone, Copy, Debug)]
pub struct Funds {
    pub funder: Pubkey,
    pub source: Pubkey,
}

pub fn open(
    payer: Pubkey,
    actor: &Actor,
    owner: Pubkey,
    scope: &LeaseScope,
    peer: &Fetched<Peer>,
    funds: Funds,
    offer: Offer,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseOpen {
        payer,
        acting: actor.accounts(),
        config: f.config,
        owner,
        scope: scope.accounts(),
        peer: peer.address,
        funder: funds.funder,
        source: funds.source,
        till: till(peer),
        lease: address::lease(&scope.address(), &peer.address, offer.kind, offer.number),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseOpen { offer })
}

/// Takes on exactly the offer that was looked at.
pub fn accept(payer: Pubkey, operator: Pubkey, lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseAccept {
        payer,
        operator,
        config: f.config,
        leased: leased(lease),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    let accepted = Acceptance {
        root: lease.root,
        stored_len: lease.stored_len,
        price: lease.price,
        epochs: lease.epochs,
    };
    build(accounts, instruction::LeaseAccept { accepted })
}

pub fn decline(operator: Pubkey, lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseDecline {
        operator,
        offer: standing(lease),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseDecline {})
}

pub fn extend(
    actor: &Actor,
    scope: &LeaseScope,
    peer: &Fetched<Peer>,
    lease: &Fetched<Lease>,
    funds: Funds,
    epochs: u32,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseExtend {
        acting: actor.accounts(),
        config: f.config,
        scope: scope.accounts(),
        standing: standing(lease),
        funder: funds.funder,
        source: funds.source,
        till: till(peer),
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseExtend { epochs })
}

/// Proposes other bytes; those in force take a proposal back.
pub fn amend(
    actor: &Actor,
    scope: &LeaseScope,
    lease: &Fetched<Lease>,
    amendment: Amendment,
) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseAmend {
        acting: actor.accounts(),
        config: f.config,
        scope: scope.accounts(),
        lease: lease.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::LeaseAmend { amendment })
}

/// Puts exactly the amendment in force that was looked at.
pub fn amend_accept(operator: Pubkey, lease: &Fetched<Lease>) -> Instruction {
    let f = fixed();
    let accounts = accounts::LeaseAmendAccept {
        operator,
        config: f.config,
        standing: standing(lease),
        event_authority: f.event_authority,
        program: f.program,
    };
    let amendment =
        Amendment { root: lease.next_root, digest: lease.next_digest, stored_len: lease.next_len };
    build(accounts, instruction::LeaseAmendAccept { amendment })
}

/// What is named where only the books and the lease change.
pub(super) fn standing(lease: &Fetched<Lease>) -> accounts::PeerLease {
    accounts::PeerLease { peer: lease.peer, lease: lease.address }
}

/// What is named where proofs count too.
pub(super) fn leased(lease: &Fetched<Lease>) -> accounts::Leased {
    accounts::Leased {
        peer: lease.peer,
        ledger: address::ledger(&lease.peer),
        beacon: address::beacon(),
        lease: lease.address,
    }
}

/// Of the number that a lease stores.
pub fn kind(lease: &Lease) -> Option<LeaseKind> {
    Some(match lease.kind {
        0 => LeaseKind::Record,
        1 => LeaseKind::Keyring,
        2 => LeaseKind::Bundle,
        3 => LeaseKind::Pack,
        _ => return None,
    })
}
