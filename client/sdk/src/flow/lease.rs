//! Leases: what their flows take and give.

use aceso::state::{EndReason, Lease, LeaseKind};
use anchor_lang::prelude::Pubkey;

use super::{FlowError, MintView, Receipt};
use crate::chain::{Fetched, address};

/// What is to be held by peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseWhat {
    /// A record's content, masked for each lease, and its head.
    Record(Pubkey),
    /// The keyring of a folder.
    Keyring(Pubkey),
    /// The bundle of a profile.
    Bundle(Pubkey),
    /// The small records of a folder, together.
    Pack { folder: Pubkey, number: u8 },
}

impl LeaseWhat {
    pub fn of(lease: &Lease) -> Option<Self> {
        Some(match lease.kind {
            0 => Self::Record(lease.scope),
            1 => Self::Keyring(lease.scope),
            2 => Self::Bundle(lease.scope),
            3 => Self::Pack { folder: lease.scope, number: lease.number },
            _ => return None,
        })
    }

    /// Record, folder or profile.
    pub fn scope(&self) -> Pubkey {
        match self {
            Self::Record(scope) | Self::Keyring(scope) | Self::Bundle(scope) => *scope,
            Self::Pack { folder, .. } => *folder,
        }
    }

    pub fn kind(&self) -> LeaseKind {
        match self {
            Self::Record(_) => LeaseKind::Record,
            Self::Keyring(_) => LeaseKind::Keyring,
            Self::Bundle(_) => LeaseKind::Bundle,
            Self::Pack { .. } => LeaseKind::Pack,
        }
    }

    pub fn number(&self) -> u8 {
        match self {
            Self::Pack { number, .. } => *number,
            _ => 0,
        }
    }

    /// Where its lease with a peer is.
    pub fn lease(&self, peer: &Pubkey) -> Pubkey {
        address::lease(&self.scope(), peer, self.kind(), self.number())
    }

    pub fn word(&self) -> &'static str {
        match self {
            Self::Record(_) => "record",
            Self::Keyring(_) => "keyring",
            Self::Bundle(_) => "bundle",
            Self::Pack { .. } => "pack",
        }
    }
}

/// What to lease, from whom and how dear.
#[derive(Clone, Debug)]
pub struct LeaseOpen {
    pub what: Vec<LeaseWhat>,
    /// How many copies of each there shall be, those that stand included: whoever asks again pays only for what is missing.
    pub copies: u32,
    /// How long; rounded up to whole epochs.
    pub term_secs: i64,
    /// What to pay in; `None` is the only mint that the wallet has tokens of.
    pub mint: Option<Pubkey>,
    /// Most that one lease may cost in an epoch, base units; `None` is whatever the cheapest take.
    pub price_max: Option<u64>,
    /// Only these; empty is all.
    pub peers: Vec<Pubkey>,
    /// Not these.
    pub without: Vec<Pubkey>,
    /// Leases that do not count as copies: new ones are to take their place.
    pub instead_of: Vec<Pubkey>,
}

/// A lease that is about to be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLease {
    pub what: LeaseWhat,
    pub lease: Pubkey,
    pub peer: Pubkey,
    pub endpoint: String,
    pub stored_len: u64,
    /// Of an epoch, base units: what the offer names as the most.
    pub price: u64,
    /// Of the whole term.
    pub cost: u64,
}

/// What a leasing will do and cost: to be shown before anything is signed.
#[derive(Clone, Debug)]
pub struct LeasePlan {
    pub request: LeaseOpen,
    pub mint: MintView,
    /// Token account that pays.
    pub source: Pubkey,
    /// What lies on it.
    pub balance: u64,
    pub epochs: u32,
    pub epoch_secs: i64,
    pub offers: Vec<PlannedLease>,
    /// Leases of the same that stand already: live ones, and offers that wait for bytes or an answer.
    pub standing: Vec<Pubkey>,
    /// Of all offers.
    pub total: u64,
    /// Comes back when the leases are closed.
    pub rent_lamports: u64,
    /// About.
    pub fees_lamports: u64,
}

impl LeasePlan {
    /// Whether the wallet has what it costs.
    pub fn require_funds(&self) -> Result<(), FlowError> {
        if self.balance >= self.total {
            return Ok(());
        }
        let (have, need) = (self.mint.show(self.balance), self.mint.show(self.total));
        Err(FlowError::TokensShort { account: self.source, have, need })
    }

    /// The dearest of the offers.
    pub fn price_max(&self) -> u64 {
        self.offers.iter().map(|offer| offer.price).max().unwrap_or(0)
    }
}

/// How an offer stands when the command ends.
#[derive(Debug)]
pub enum Offered {
    /// Accepted: the peer has the bytes, and its penalty is set aside.
    Live,
    /// The peer has the bytes, or will get them when the same is asked for again, and has not answered.
    Waiting,
    /// The upload broke off: asked for again, it goes on without a second payment.
    Failed(Box<FlowError>),
}

#[derive(Debug)]
pub struct OpenedLease {
    pub what: LeaseWhat,
    pub lease: Pubkey,
    pub peer: Pubkey,
    pub offered: Offered,
}

#[derive(Debug, Default)]
pub struct LeaseOpened {
    /// How many copies there were to be, those that stood before included.
    pub asked: usize,
    pub leases: Vec<OpenedLease>,
    /// Offers that were taken back, with their money, because the peer declined or could not be reached.
    pub taken_back: Vec<TakenBack>,
    pub receipt: Receipt,
}

impl LeaseOpened {
    pub(super) fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.leases.extend(other.leases);
        self.taken_back.extend(other.taken_back);
        self.receipt.extend(other.receipt);
    }

    pub fn all_live(&self) -> bool {
        self.leases.iter().all(|lease| matches!(lease.offered, Offered::Live))
    }
}

#[derive(Debug)]
pub struct TakenBack {
    pub lease: Pubkey,
    pub peer: Pubkey,
    /// Base units.
    pub refund: u64,
    pub reason: String,
}

/// How a lease stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseState {
    /// Its peer has not answered yet.
    Offered,
    /// Nobody accepted it in time.
    OfferExpired,
    Live,
    /// Live in name; its time is over, its peer has given it up or has defaulted.
    Over,
    Ended(EndReason),
}

/// What anyone may do about a lease, and its owner profits from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseDue {
    /// Take an expired offer back.
    Expire,
    /// End what is over.
    End,
    /// Take what is owed.
    Claim,
    /// Take it out of the peer's set, so that it can be closed.
    Apply,
    /// Close it, and get the rent back.
    Close,
}

/// A lease as the chain shows it.
#[derive(Clone, Debug)]
pub struct LeaseView {
    pub lease: Fetched<Lease>,
    pub what: LeaseWhat,
    pub state: LeaseState,
    pub mint: Option<MintView>,
    /// As the peer's account has it.
    pub endpoint: String,
    /// Epochs that the peer has proven so far.
    pub credited: u64,
    /// Epochs that are decided, proven or not.
    pub decided: u64,
    /// The last epoch that was proven.
    pub last_proven: Option<u64>,
    /// Draws that the peer has not answered.
    pub debt: u64,
    /// Present epoch.
    pub epoch: u64,
    pub epoch_secs: i64,
    /// The peer leaves: no lease of it can be extended.
    pub draining: bool,
    /// Next step for whoever cleans up.
    pub due: Option<LeaseDue>,
}

impl LeaseView {
    /// Unix seconds of the end of its term; `None` before it is accepted.
    pub fn until_secs(&self) -> Option<i64> {
        let until = i64::try_from(self.lease.until_epoch).ok().filter(|until| *until > 0)?;
        until.checked_mul(self.epoch_secs)
    }
}

/// Which leases to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseList {
    /// One's own.
    Own,
    /// Of one record, folder or profile.
    Scope(Pubkey),
}

#[derive(Clone, Debug)]
pub struct LeaseExtended {
    pub lease: Pubkey,
    pub until_epoch: u64,
    pub until_secs: i64,
    /// Paid in, base units.
    pub paid: u64,
    pub mint: MintView,
    pub receipt: Receipt,
}

/// What an extension costs: to be shown before it is signed.
#[derive(Clone, Debug)]
pub struct ExtensionPlan {
    pub lease: Pubkey,
    pub epochs: u32,
    pub mint: MintView,
    pub total: u64,
    pub balance: u64,
    pub until_epoch: u64,
    pub until_secs: i64,
    /// A command that was interrupted has paid for it: nothing is left to do.
    pub is_done: bool,
}

/// What was got back.
#[derive(Clone, Debug, Default)]
pub struct LeaseClaimed {
    /// By mint, base units.
    pub tokens: Vec<(MintView, u64)>,
    /// Leases that were ended because they were over.
    pub ended: Vec<Pubkey>,
    /// Leases that were closed.
    pub closed: Vec<Pubkey>,
    pub rent_lamports: u64,
    /// What could not be done yet, and why.
    pub left: Vec<(Pubkey, String)>,
    pub receipt: Receipt,
}

impl LeaseClaimed {
    pub(super) fn add(&mut self, other: Self) {
        for (mint, amount) in other.tokens {
            match self.tokens.iter_mut().find(|(known, _)| known.mint == mint.mint) {
                Some((_, sum)) => *sum = sum.saturating_add(amount),
                None => self.tokens.push((mint, amount)),
            }
        }
        self.ended.extend(other.ended);
        self.closed.extend(other.closed);
        self.rent_lamports = self.rent_lamports.saturating_add(other.rent_lamports);
        self.left.extend(other.left);
        self.receipt.extend(other.receipt);
    }
}
