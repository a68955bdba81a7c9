//! What keeps the storage market honest and can be done by anyone: arming and drawing epochs, paying peers what they have
//! proven, ending what is over, and taking a peer's bond where it proved nothing.
//!
//! [`due`] says what is due, as a pure function of the chain. [`Watcher`] does it. Many may watch: each step is simulated
//! first, so whoever comes second is told so and pays nothing.

mod due;
mod market;
mod run;
#[cfg(test)]
mod tests;

pub use due::due;
pub use market::{Market, Stall};
pub use run::{Done, Outcome, SpotChecks, Watcher};

use crate::chain::Pubkey;

/// Something that anyone may do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Chore {
    Arm {
        epoch: u64,
    },
    Rearm {
        epoch: u64,
    },
    Draw {
        epoch: u64,
    },
    /// A peer that answered nothing until past its grace, or lost too many leases, loses them all.
    PeerDefault {
        peer: Pubkey,
    },
    /// A challenge past its grace: the lease that it names is lost.
    DebtDefault {
        lease: Pubkey,
        seq: u64,
        k: u8,
    },
    SpotDefault {
        lease: Pubkey,
    },
    Settle {
        peer: Pubkey,
        leases: Vec<Pubkey>,
        payout: Option<Pubkey>,
    },
    /// An offer that nobody took in time.
    Expire {
        lease: Pubkey,
    },
    /// The term or the peer's notice is over, or the peer has defaulted.
    End {
        lease: Pubkey,
    },
    /// Ended leases leave the set.
    Apply {
        peer: Pubkey,
        leases: Vec<Pubkey>,
    },
    /// With a deposit that goes to whoever answers.
    SpotOpen {
        lease: Pubkey,
        offset: u64,
    },
}

impl Chore {
    /// In logs and machine-readable output.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Arm { .. } => "arm",
            Self::Rearm { .. } => "rearm",
            Self::Draw { .. } => "draw",
            Self::PeerDefault { .. } => "peer_default",
            Self::DebtDefault { .. } => "debt_default",
            Self::SpotDefault { .. } => "spot_default",
            Self::Settle { .. } => "settle",
            Self::Expire { .. } => "expire",
            Self::End { .. } => "end",
            Self::Apply { .. } => "apply",
            Self::SpotOpen { .. } => "spot_open",
        }
    }
}
