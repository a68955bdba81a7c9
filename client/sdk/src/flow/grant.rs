//! Grants: what their flows take and give.

use aceso::state::Purpose;
use anchor_lang::prelude::Pubkey;

use super::{FlowError, FolderRotated, GrantTerms, LeftOut, Maintained, Receipt, Scope};

#[derive(Clone, Copy, Debug)]
pub struct GrantCreate {
    pub scope: Scope,
    pub reader: Pubkey,
    pub terms: GrantTerms,
}

#[derive(Debug)]
pub struct GrantCreated {
    pub grant: Pubkey,
    /// A folder that was due is rotated in the same transaction.
    pub rotated: Option<FolderRotated>,
    pub receipt: Receipt,
    /// What was due before: a reader of a folder should find the inbox empty.
    pub maintained: Maintained,
}

/// What to change; `None` keeps it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GrantUpdate {
    pub purpose: Option<Purpose>,
    pub permissions: Option<u16>,
    pub from_secs: Option<i64>,
    /// `Some(None)` takes the end away.
    pub until_secs: Option<Option<i64>>,
}

#[derive(Debug)]
pub struct GrantRevoked {
    pub grant: Pubkey,
    pub reader: Pubkey,
    /// The folder's new epoch, begun in the same transaction.
    pub epoch: Option<u32>,
    /// Readers that stay.
    pub remaining: Vec<Pubkey>,
    pub left_out: Vec<LeftOut>,
    /// The revocation stands, but the new epoch or head could not be made, and why. The owner's next command makes a
    /// folder's; a record wants `record_reseal`.
    pub unfinished: Option<FlowError>,
    pub receipt: Receipt,
}

impl GrantRevoked {
    /// To be shown with the result.
    pub const MEANING: &'static str = "From now on nothing that is filed can be opened by this reader, and every \
        opening through Aceso is refused. What was read before cannot be recalled, and old sealed bytes that the \
        reader has kept stay readable to it.";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantList {
    /// By oneself, as owner; on one folder or record, or all.
    Given { scope: Option<Scope> },
    /// To oneself.
    Received,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    Live,
    NotBegun,
    Ended,
    /// What it was about is gone, or was created anew.
    Void,
}

#[derive(Clone, Debug)]
pub struct GrantView {
    pub grant: Pubkey,
    pub scope: Scope,
    pub folder: Pubkey,
    pub owner: Pubkey,
    pub reader: Pubkey,
    pub granted_by: Pubkey,
    pub terms: GrantTerms,
    pub state: GrantState,
    pub openings: u32,
    pub last_opened_at_secs: Option<i64>,
}
