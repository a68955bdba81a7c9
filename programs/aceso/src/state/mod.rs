//! The accounts and their rules. Handlers check relations, call a method here, and move accounts.
//!
//! All accounts are zero-copy: one field, one fixed offset (so that one `memcmp` filter lists an account
//! by it), and a tenth of the code that Borsh accounts would need on chain.

pub mod audit;
pub mod beacon;
pub mod blob;
pub mod config;
pub mod delegate;
pub mod fenwick;
pub mod folder;
pub mod grant;
pub mod lease;
pub mod lease_end;
pub mod ledger;
pub mod market;
pub mod meta;
pub mod peer;
pub mod profile;
pub mod proof;
pub mod purpose;
pub mod record;
pub mod request;
pub mod spot;

pub use audit::{Action, Audited, Entry, Link};
pub use beacon::{Beacon, Draw};
pub use blob::{Blob, SealedTo, Swap};
pub use config::{Config, Settings};
pub use delegate::Delegate;
pub use folder::{Folder, Writer};
pub use grant::{Grant, ScopeKind, Terms};
pub use lease::{Acceptance, Amendment, EndReason, Lease, LeaseKind, LeaseStatus, Named, Offer};
pub use ledger::{Finished, Ledger, LedgerMut};
pub use market::{epoch_at, Market, MarketTerms, Mint};
pub use meta::{Layout, Meta, Shape};
pub use peer::{Peer, PeerArgs, PeerStatus, PeerVault};
pub use profile::Profile;
pub use purpose::Purpose;
pub use record::{Content, HeadSwap, Record};
pub use request::{Ask, Request};
pub use spot::SpotEnd;

/// The newest shapes of all types, but of [`Ledger`]: behind its header lies its tree, so it cannot be widened.
pub const SHAPES: [Shape; 10] = [
    Shape::of::<Config>(),
    Shape::of::<Profile>(),
    Shape::of::<Delegate>(),
    Shape::of::<Folder>(),
    Shape::of::<Record>(),
    Shape::of::<Grant>(),
    Shape::of::<Request>(),
    Shape::of::<Beacon>(),
    Shape::of::<Peer>(),
    Shape::of::<Lease>(),
];
