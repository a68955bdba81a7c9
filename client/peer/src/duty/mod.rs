//! What is due on the chain. [`due`] is a pure function of what the chain says and what this peer holds: a daemon that starts
//! anew at any point goes on where the chain says it should. All times are the chain's.

mod chance;
mod due;
mod lease;

use aceso::state::{Beacon, Lease, Ledger, Peer};
use aceso_format::BlobAddress;
use aceso_sdk::chain::Pubkey;

use crate::{
    config::Margins,
    holdings::Leased,
    index::{LeaseEntry, ObjectEntry},
};

pub use due::due;

/// The chain as it was heard of, all of one slot or newer.
pub struct View<'a> {
    pub now_secs: i64,
    pub slot: u64,
    /// The oldest slot whose hash the chain remembers (SlotHashes).
    pub oldest_hash_slot: u64,
    pub beacon: &'a Beacon,
    pub peer_at: Pubkey,
    pub peer: &'a Peer,
    pub ledger: &'a Ledger,
    /// Every lease account of this peer that is not closed.
    pub leases: &'a [(Pubkey, LeaseEntry)],
    /// Objects that no lease needs, and since when that is known.
    pub unneeded: &'a [(ObjectEntry, i64)],
}

/// What this peer holds, and could take.
pub trait Held {
    fn holds(&self, leased: &Leased) -> bool;
    fn has_room(&self, len: u64) -> bool;
}

/// One thing to do. Each may be done by others meanwhile, or twice: the program refuses the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Challenges of the oldest owed epoch that nobody has answered; the sooner the better, until `until_secs` for pay.
    Prove {
        seq: u64,
        challenges: Vec<u8>,
        until_secs: i64,
    },
    /// The leaf that a spot check names.
    AnswerSpot {
        lease: Pubkey,
        leaf: u64,
        until_secs: i64,
    },
    Draw,
    Rearm,
    Arm,
    Accept {
        lease: Pubkey,
    },
    AcceptAmendment {
        lease: Pubkey,
    },
    Decline {
        lease: Pubkey,
        why: Unwanted,
    },
    /// Leases of which something is to be paid.
    Settle {
        leases: Vec<Pubkey>,
    },
    End {
        lease: Pubkey,
    },
    /// Ended leases whose weight is still in the set.
    Apply {
        leases: Vec<Pubkey>,
    },
    Close {
        lease: Pubkey,
    },
    /// Bytes that no lease needs any more.
    Delete {
        object: BlobAddress,
    },
}

impl Duty {
    /// In logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prove { .. } => "prove",
            Self::AnswerSpot { .. } => "answer_spot",
            Self::Draw => "draw",
            Self::Rearm => "rearm",
            Self::Arm => "arm",
            Self::Accept { .. } => "accept",
            Self::AcceptAmendment { .. } => "accept_amendment",
            Self::Decline { .. } => "decline",
            Self::Settle { .. } => "settle",
            Self::End { .. } => "end",
            Self::Apply { .. } => "apply",
            Self::Close { .. } => "close",
            Self::Delete { .. } => "delete",
        }
    }
}

/// Why an offer is sent back at once instead of left to expire: its owner gets the money back the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// This peer takes no leases any more.
    Leaving,
    /// It does not fit the quota.
    NoRoom,
    /// The free bond does not cover its penalty.
    BondTooSmall,
}

impl View<'_> {
    fn epoch(&self) -> Option<u64> {
        self.beacon.current_epoch(self.now_secs).ok()
    }
}

/// The bytes in force of a lease.
pub fn in_force(lease: &Lease) -> Leased {
    let address = BlobAddress { digest: lease.digest, len: lease.stored_len };
    Leased { address, root: lease.root }
}

/// The bytes of a pending amendment.
pub fn pending(lease: &Lease) -> Option<Leased> {
    let address = BlobAddress { digest: lease.next_digest, len: lease.next_len };
    (lease.next_len != 0).then_some(Leased { address, root: lease.next_root })
}

/// Most leases that one transaction settles or takes out of the set.
const BATCH: usize = 20;

fn margin_secs(secs: u64) -> i64 {
    i64::try_from(secs).unwrap_or(i64::MAX)
}

/// What the pure functions share.
struct Rules<'a> {
    view: &'a View<'a>,
    held: &'a dyn Held,
    margins: &'a Margins,
}
