use aceso::{
    constants::{NO_END, PERMIT_HISTORY, PERMIT_OPEN},
    state::Purpose,
};
use anchor_lang::prelude::Pubkey;

/// What a grant, a request or a trail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Folder(Pubkey),
    Record(Pubkey),
}

impl Scope {
    pub fn address(self) -> Pubkey {
        match self {
            Self::Folder(address) | Self::Record(address) => address,
        }
    }
}

/// What a reader is given. The defaults are what most people mean: treatment, open with history, from now, without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantTerms {
    pub purpose: Purpose,
    /// `PERMIT_*` of `aceso::constants`.
    pub permissions: u16,
    /// Unix seconds; `None` is now.
    pub from_secs: Option<i64>,
    /// Last second; `None` is without end.
    pub until_secs: Option<i64>,
}

impl Default for GrantTerms {
    fn default() -> Self {
        Self {
            purpose: Purpose::Treatment,
            permissions: PERMIT_OPEN | PERMIT_HISTORY,
            from_secs: None,
            until_secs: None,
        }
    }
}

impl GrantTerms {
    /// The chain's form. Without a date it begins at 0: a clock that is ahead of the chain's locks nobody out.
    pub(super) fn to_chain(self) -> aceso::state::Terms {
        aceso::state::Terms {
            purpose: self.purpose as u8,
            permissions: self.permissions,
            from_secs: self.from_secs.unwrap_or(0),
            until_secs: self.until_secs.unwrap_or(NO_END),
        }
    }
}
