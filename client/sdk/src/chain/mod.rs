//! The chain: which cluster, what its accounts say, how a transaction gets there and what became of it.
//!
//! A node is a claim, not a fact: answers older than one already seen are refused, a second node can be asked, and audit
//! trails are recomputed. What a node can still do unseen is in SECURITY.md.

pub mod account;
pub mod address;
mod archive;
mod audit;
mod cluster;
mod error;
mod event;
mod fate;
pub mod instruction;
mod ledger;
mod message;
mod node;
mod pack;
mod refusal;
mod rpc;
mod send;
mod sysvar;
pub mod token;
mod trail;
mod transport;

pub use account::{Fetched, Kind, RawAccount};
pub use archive::Archive;
pub use audit::{AuditEntry, AuditError, History, Scope};
pub use cluster::Cluster;
pub use error::ChainError;
pub use event::Event;
pub use fate::{Fate, Lifetime};
pub use ledger::{Challenge, LedgerAccount};
pub use node::Chain;
pub use pack::{Format, MAX_V0_LEN, MAX_V1_LEN, pack, wire_len};
pub use rpc::{Blockhash, ChainTime, Rpc, RpcSettings};
pub use send::{PriorityFee, SendOptions, Sent, Signed, Simulated, Transaction};
pub use sysvar::{CLOCK, HashSlots};

pub use aceso::state::{
    Action, Ask, Blob, Config, Content, Delegate, Entry, Folder, Grant, HeadSwap, Link, Meta,
    Profile, Purpose, Record, Request, ScopeKind, SealedTo, Settings, Swap, Terms,
};
pub use aceso::{constants, error::AcesoError, instructions::Resealed};
pub use anchor_lang::prelude::Pubkey;
pub use solana_hash::Hash;
pub use solana_instruction::Instruction;
pub use solana_signature::Signature;
pub use solana_signer::Signer;
