//! What users do: each action from beginning to end, on chain, store and keystore together.
//!
//! A [`Session`] is one profile that acts, with all it needs. Its methods are named noun first, as the commands are:
//! [`Session::record_put`], [`Session::grant_create`]. They take and give types and print nothing; a [`Watch`] hears how
//! far they are.
//!
//! What all of them hold to:
//! - No transaction is sent before the blobs that it names are stored and pinned. When it fails for good, they are let
//!   go; the journal remembers them, so this also happens after a crash.
//! - One action is one transaction, and one approval, wherever it fits.
//! - Nothing that the node or the store says is used before it was checked: digests against the chain, signatures
//!   against pinned keys, epochs, versions and counts against those seen before.
//! - When somebody else was faster, an action starts again from the present state, a few times.

mod about;
mod audit;
mod audit_history;
mod contact;
mod contact_add;
mod delegate;
mod delegate_add;
mod delegate_list;
mod delegate_remove;
mod error;
mod fetch;
mod folder;
mod folder_create;
mod folder_keyring;
mod folder_rotate;
mod grant;
mod grant_create;
mod grant_list;
mod grant_open;
mod grant_revoke;
mod keep;
mod keys;
mod lease;
mod lease_check;
mod lease_choose;
mod lease_copy;
mod lease_end;
mod lease_extend;
mod lease_list;
mod lease_open;
mod lease_plan;
mod lease_update;
mod maintenance;
mod market;
mod name;
mod peer_list;
mod profile;
mod profile_authority;
mod profile_create;
mod profile_show;
mod reach;
mod receipt;
mod record;
mod record_change;
mod record_get;
mod record_head;
mod record_health;
mod record_list;
mod record_put;
mod record_put_run;
mod record_update;
mod record_versions;
mod request;
mod request_approve;
mod request_create;
mod request_end;
mod request_list;
mod request_reason;
mod request_rules;
mod session;
mod staged;
mod staged_part;
mod staged_settle;
mod terms;
mod token;
mod watch;

pub use about::{About, Code, ManifestView};
pub use audit::{AuditArchived, AuditHistory, AuditLine};
pub use contact::{ContactAdd, ContactState, ContactView};
pub use delegate::{DelegateAdd, DelegateList, DelegateView};
pub use error::{Blame, FlowError};
pub use folder::{FolderCreate, FolderCreated, FolderRotated, FolderView, LeftOut, Maintained};
pub use grant::{
    GrantCreate, GrantCreated, GrantList, GrantRevoked, GrantState, GrantUpdate, GrantView,
};
pub use lease::*;
pub use lease_check::{Depth, Health, Held, LeaseChecked, end_words};
pub use lease_update::{LeaseReplaced, LeasesUpdated};
pub use peer_list::{PeerList, PeerState, PeerView};
pub use profile::{
    FIRST_FOLDER, FIRST_FOLDER_ID, KeysRotated, ProfileCreate, ProfileCreated, ProfileView,
};
pub use receipt::Receipt;
pub use record::*;
pub use record_health::{RecordHealth, RecordRepair, RecordRepaired, RepairPlan};
pub use request::{RequestApprove, RequestCreate, RequestCreated, RequestList, RequestView};
pub use session::{Session, SessionOptions, SessionParts, Wallet};
pub use terms::{GrantTerms, Scope};
pub use token::{MintView, token_address};
pub use watch::{Step, Watch};
