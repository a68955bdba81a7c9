//! Requests: what their flows take and give.

use aceso::state::Purpose;
use anchor_lang::prelude::Pubkey;

use super::{GrantTerms, Receipt, Scope};

#[derive(Clone, Debug)]
pub struct RequestCreate {
    pub owner: Pubkey,
    /// `None` leaves the choice to the owner.
    pub scope: Option<Scope>,
    pub purpose: Purpose,
    pub permissions: u16,
    pub duration_secs: i64,
    /// Why, in words. Only the owner can read them.
    pub reason: String,
    /// How long the question stands; `None` is as long as the program allows.
    pub ttl_secs: Option<i64>,
    /// `None` is the least that the program asks for.
    pub deposit_lamports: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct RequestCreated {
    pub request: Pubkey,
    /// The same was asked before and waits for an answer, so nothing was sent and nothing paid; since when, in unix time.
    pub stands_since_secs: Option<i64>,
    pub deposit_lamports: u64,
    pub receipt: Receipt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestList {
    /// To oneself as owner.
    Incoming,
    /// By oneself.
    Outgoing,
}

#[derive(Clone, Debug)]
pub struct RequestView {
    pub request: Pubkey,
    pub owner: Pubkey,
    pub requester: Pubkey,
    pub scope: Option<Scope>,
    pub purpose: Purpose,
    pub permissions: u16,
    pub duration_secs: i64,
    pub created_at_secs: i64,
    pub expires_at_secs: i64,
    pub expired: bool,
    pub deposit_lamports: u64,
    pub fee_lamports: u64,
}

/// An answer that gives what was asked, or less.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestApprove {
    /// Needed when the request leaves the choice to the owner.
    pub scope: Option<Scope>,
    /// `None` gives all that was asked.
    pub terms: Option<GrantTerms>,
}
