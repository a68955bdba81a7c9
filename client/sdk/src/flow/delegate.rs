//! Delegates: what their flows take and give.

use anchor_lang::prelude::Pubkey;

#[derive(Clone, Copy, Debug)]
pub struct DelegateAdd {
    pub profile: Pubkey,
    /// `None` is every folder, also those made later.
    pub folder: Option<Pubkey>,
    /// `CAN_*` of `aceso::constants`.
    pub capabilities: u16,
    /// Last second; `None` is without end.
    pub until_secs: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelegateList {
    /// Who acts for oneself.
    Given,
    /// For whom one may act.
    Received,
}

#[derive(Clone, Debug)]
pub struct DelegateView {
    pub delegate: Pubkey,
    pub owner: Pubkey,
    pub profile: Pubkey,
    pub folder: Option<Pubkey>,
    pub capabilities: u16,
    pub until_secs: Option<i64>,
    pub ended: bool,
}
