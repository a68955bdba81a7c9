//! Builders for every instruction. Accounts and what a change relies on come from the fetched state that the caller looked
//! at, so that an instruction cannot name one state and be sealed to another.

use anchor_lang::{
    InstructionData, ToAccountMetas, prelude::Pubkey, solana_program::system_program,
};
use solana_instruction::Instruction;

use super::{
    Fetched, Folder, HeadSwap, Profile, Record, SealedTo, Swap,
    address::{self, PROGRAM},
};

pub mod beacon;
pub mod config;
pub mod delegate;
pub mod folder;
pub mod grant;
pub mod lease;
pub mod lease_end;
pub mod market;
pub mod peer;
pub mod profile;
pub mod proof;
pub mod record;
pub mod request;
pub mod spot;

/// Who acts: a profile by its wallet, for itself or as somebody's delegate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The wallet that signs.
    pub authority: Pubkey,
    pub profile: Pubkey,
    /// The delegation, when the actor is not the owner.
    pub delegate: Option<Pubkey>,
    /// The delegate's own grant on the folder, for what needs the folder's key.
    pub grant: Option<Pubkey>,
}

impl Actor {
    /// Acts for its own folders.
    pub fn owner(authority: Pubkey, profile: Pubkey) -> Self {
        Self { authority, profile, delegate: None, grant: None }
    }

    /// Acts for `owner`; filing, revoking and denying need no key of the folder.
    pub fn delegate(authority: Pubkey, profile: Pubkey, owner: &Pubkey) -> Self {
        Self { authority, profile, delegate: Some(address::delegate(owner, &profile)), grant: None }
    }

    /// Acts for `owner` as a reader of `folder`: grants, answers, rotates, reseals.
    pub fn reading(self, folder: &Pubkey) -> Self {
        Self { grant: self.delegate.map(|_| address::grant(folder, &self.profile)), ..self }
    }

    fn accounts(&self) -> aceso::accounts::Acting {
        aceso::accounts::Acting {
            authority: self.authority,
            actor: self.profile,
            delegate: self.delegate,
            actor_grant: self.grant,
        }
    }
}

/// What a grant is about: a folder, or one record.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    Folder(&'a Fetched<Folder>),
    Record(&'a Fetched<Record>),
}

impl Scope<'_> {
    pub fn address(&self) -> Pubkey {
        match self {
            Self::Folder(folder) => folder.address,
            Self::Record(record) => record.address,
        }
    }

    pub fn owner(&self) -> Pubkey {
        match self {
            Self::Folder(folder) => folder.owner,
            Self::Record(record) => record.owner,
        }
    }

    /// The folder itself, or the record's.
    pub fn folder(&self) -> Pubkey {
        match self {
            Self::Folder(folder) => folder.address,
            Self::Record(record) => record.folder,
        }
    }

    pub fn record(&self) -> Option<Pubkey> {
        match self {
            Self::Folder(_) => None,
            Self::Record(record) => Some(record.address),
        }
    }

    pub fn members_version(&self) -> u32 {
        match self {
            Self::Folder(folder) => folder.members_version,
            Self::Record(record) => record.members_version,
        }
    }

    pub fn created_slot(&self) -> u64 {
        match self {
            Self::Folder(folder) => folder.meta.created_slot,
            Self::Record(record) => record.meta.created_slot,
        }
    }
}

/// A head sealed to the epoch key that this folder state publishes.
pub fn sealed_to_epoch(folder: &Folder) -> SealedTo {
    SealedTo::Epoch { epoch: folder.epoch, keyring_digest: folder.keyring_digest }
}

/// A head sealed to the key that this state of the owner's profile publishes.
pub fn sealed_to_inbox(owner: &Profile) -> SealedTo {
    SealedTo::Inbox { key_version: owner.key_version, bundle_digest: owner.bundle_digest }
}

/// `head` in place of the one in this state of the record.
fn head_swap(record: &Record, head: super::Blob) -> HeadSwap {
    HeadSwap {
        version: record.version,
        members_version: record.members_version,
        swap: Swap { expected: record.head_digest, blob: head },
    }
}

fn build(accounts: impl ToAccountMetas, args: impl InstructionData) -> Instruction {
    Instruction {
        program_id: PROGRAM,
        accounts: accounts.to_account_metas(None),
        data: args.data(),
    }
}

/// Accounts that are the same in every call.
struct Fixed {
    config: Pubkey,
    system_program: Pubkey,
    event_authority: Pubkey,
    program: Pubkey,
}

fn fixed() -> Fixed {
    Fixed {
        config: address::config(),
        system_program: system_program::ID,
        event_authority: address::event_authority(),
        program: PROGRAM,
    }
}
