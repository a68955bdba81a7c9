//! Folders: what their flows take and give.

use anchor_lang::prelude::Pubkey;

use super::{FlowError, Receipt};

#[derive(Clone, Debug)]
pub struct FolderCreate {
    /// What the owner calls it. Stays here: the chain knows folders by number.
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct FolderCreated {
    pub folder: Pubkey,
    pub receipt: Receipt,
}

/// A folder as the chain shows it.
#[derive(Clone, Debug)]
pub struct FolderView {
    pub folder: Pubkey,
    pub name: Option<String>,
    pub owner: Pubkey,
    pub epoch: u32,
    pub records: u32,
    pub grants: u32,
    /// A reader has left: the owner's next command rotates, and until then filers use the inbox.
    pub rotate_due: bool,
    /// First end of a live grant, if any has one.
    pub earliest_until_secs: Option<i64>,
    pub audit_count: u64,
    /// Who wrote the keyring in force, if not the owner.
    pub keyring_by: Option<Pubkey>,
}

/// A reader whose grant is live and who is not in the new keyring all the same.
#[derive(Debug)]
pub struct LeftOut {
    pub reader: Pubkey,
    pub name: Option<String>,
    /// Why, and what to do: usually that its keys changed and want verifying.
    pub reason: FlowError,
}

/// A new epoch.
#[derive(Debug)]
pub struct FolderRotated {
    pub folder: Pubkey,
    pub epoch: u32,
    /// Readers that the new keyring is sealed to.
    pub readers: Vec<Pubkey>,
    pub left_out: Vec<LeftOut>,
    pub receipt: Receipt,
}

/// What the owner's next command did on the way.
#[derive(Debug, Default)]
pub struct Maintained {
    pub rotated: Vec<FolderRotated>,
    /// Records that came out of the inbox.
    pub resealed: Vec<Pubkey>,
    /// Records of the inbox that could not be opened, and why; they stay where they are.
    pub skipped: Vec<(Pubkey, FlowError)>,
    /// Folders that could not be given a new epoch or whose inbox could not be emptied, and why; the next command tries
    /// again.
    pub failed: Vec<(Pubkey, FlowError)>,
    /// Keyrings by delegates that were opened and are in order, so that the ones before may go.
    pub accepted: Vec<Pubkey>,
    pub receipt: Receipt,
}

impl Maintained {
    pub fn is_nothing(&self) -> bool {
        self.rotated.is_empty()
            && self.resealed.is_empty()
            && self.skipped.is_empty()
            && self.failed.is_empty()
    }
}
