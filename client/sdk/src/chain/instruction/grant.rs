use aceso::{
    accounts, instruction,
    instructions::{GrantCreateArgs, GrantOpenArgs, GrantUpdateArgs, Resealed},
};
use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use super::{Actor, Scope, build, fixed, head_swap};
use crate::chain::{Blob, Fetched, Folder, Grant, Profile, Record, SealedTo, Swap, Terms, address};

/// A reader to be let in, and the blob that carries the packet sealed to it.
#[derive(Clone, Copy, Debug)]
pub enum NewGrant<'a> {
    /// The folder's keyring with the reader added, same epoch.
    Folder { folder: &'a Fetched<Folder>, keyring: Blob },
    /// The record's head with the reader added, same version.
    Record { record: &'a Fetched<Record>, head: Blob, sealed_to: SealedTo },
}

impl<'a> NewGrant<'a> {
    pub fn scope(&self) -> Scope<'a> {
        match self {
            Self::Folder { folder, .. } => Scope::Folder(folder),
            Self::Record { record, .. } => Scope::Record(record),
        }
    }

    /// `reader`: the state of the profile whose bundle was sealed to.
    pub(super) fn args(&self, reader: &Profile, terms: Terms) -> GrantCreateArgs {
        let resealed = match self {
            Self::Folder { folder, keyring } => Resealed::Keyring {
                epoch: folder.epoch,
                swap: Swap { expected: folder.keyring_digest, blob: *keyring },
            },
            Self::Record { record, head, sealed_to } => {
                Resealed::Head { change: head_swap(record, *head), sealed_to: *sealed_to }
            }
        };
        GrantCreateArgs {
            scope: self.scope().address(),
            reader_bundle_digest: reader.bundle_digest,
            terms,
            resealed,
        }
    }
}

pub fn create(
    payer: Pubkey,
    actor: &Actor,
    grant: &NewGrant<'_>,
    reader: &Fetched<Profile>,
    terms: Terms,
) -> Instruction {
    let f = fixed();
    let scope = grant.scope();
    let accounts = accounts::GrantCreate {
        payer,
        acting: actor.accounts(),
        config: f.config,
        owner: scope.owner(),
        folder: scope.folder(),
        record: scope.record(),
        reader: reader.address,
        grant: address::grant(&scope.address(), &reader.address),
        system_program: f.system_program,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::GrantCreate { args: grant.args(reader, terms) })
}

/// Dates, purpose or permissions; no key moves.
pub fn update(actor: &Actor, scope: Scope<'_>, reader: &Pubkey, terms: Terms) -> Instruction {
    let f = fixed();
    let accounts = accounts::GrantUpdate {
        acting: actor.accounts(),
        folder: scope.folder(),
        record: scope.record(),
        grant: address::grant(&scope.address(), reader),
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = GrantUpdateArgs { members_version: scope.members_version(), terms };
    build(accounts, instruction::GrantUpdate { args })
}

/// `scope`: what the grant is about, as it is now (a record may have moved since).
pub fn revoke(actor: &Actor, scope: Scope<'_>, grant: &Fetched<Grant>) -> Instruction {
    let f = fixed();
    let accounts = accounts::GrantRevoke {
        acting: actor.accounts(),
        folder: scope.folder(),
        record: scope.record(),
        grant: grant.address,
        rent_payer: grant.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::GrantRevoke {})
}

/// The receipt of an opening of `version`. `grant`: on the record, or on its folder.
pub fn open(reader: &Actor, grant: Pubkey, record: &Fetched<Record>, version: u32) -> Instruction {
    let f = fixed();
    let accounts = accounts::GrantOpen {
        authority: reader.authority,
        reader: reader.profile,
        grant,
        folder: record.folder,
        record: record.address,
        event_authority: f.event_authority,
        program: f.program,
    };
    let args = GrantOpenArgs { version, head_digest: record.head_digest };
    build(accounts, instruction::GrantOpen { args })
}

/// Anyone may; only the fee payer signs.
pub fn expire(scope: Scope<'_>, grant: &Fetched<Grant>) -> Instruction {
    let f = fixed();
    let accounts = accounts::GrantExpire {
        folder: scope.folder(),
        record: scope.record(),
        grant: grant.address,
        rent_payer: grant.meta.payer,
        event_authority: f.event_authority,
        program: f.program,
    };
    build(accounts, instruction::GrantExpire {})
}
