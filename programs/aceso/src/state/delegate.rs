use crate::{
    constants::*,
    error::AcesoError,
    event::{DelegateAction, DelegateChanged},
    layout,
    prelude::*,
    state::Meta,
};

/// What one profile may do for another's folders.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Delegate {
    pub meta: Meta,
    pub owner: Pubkey,
    /// The delegate: a profile.
    pub profile: Pubkey,
    /// One folder of the owner, or all zeros for every one.
    pub folder: Pubkey,
    pub folder_created_slot: u64,
    /// Last second of the delegation, or `NO_END`.
    pub until_secs: i64,
    /// `CAN_*` flags.
    pub capabilities: u16,
    pub padding: [u8; 6],
    pub reserved: [u8; 64],
}
layout!(Delegate, 240);

impl Delegate {
    pub fn open(
        &mut self,
        owner: Pubkey,
        profile: Pubkey,
        folder: Option<(Pubkey, u64)>,
        capabilities: u16,
        until_secs: i64,
        now_secs: i64,
    ) -> Result<()> {
        require_keys_neq!(owner, profile, AcesoError::ToOneself);
        require!(until_secs > now_secs, AcesoError::EndsTooEarly);
        self.owner = owner;
        self.profile = profile;
        (self.folder, self.folder_created_slot) = folder.unwrap_or_default();
        self.capabilities = capabilities;
        self.until_secs = until_secs;
        self.invariant()
    }

    /// Refuses unless this delegation lets `profile` use `capability` on that folder of `owner` now.
    pub fn require(
        &self,
        owner: &Pubkey,
        profile: &Pubkey,
        folder: (&Pubkey, u64),
        capability: u16,
        now_secs: i64,
    ) -> Result<()> {
        let is_folder = self.folder == *folder.0 && self.folder_created_slot == folder.1;
        let covers_folder = is_folder || self.covers_all();
        require!(
            self.owner == *owner && self.profile == *profile && covers_folder,
            AcesoError::WrongDelegate
        );
        require!(now_secs <= self.until_secs, AcesoError::DelegateEnded);
        require!(self.capabilities & capability == capability, AcesoError::CapabilityMissing);
        Ok(())
    }

    pub fn covers_all(&self) -> bool {
        self.folder == Pubkey::default()
    }

    pub fn needs_seed(&self) -> bool {
        self.capabilities & CAN_NEEDS_SEED != 0
    }

    pub fn event(&self, action: DelegateAction, key: Pubkey) -> DelegateChanged {
        DelegateChanged {
            action,
            delegate: key,
            owner: self.owner,
            profile: self.profile,
            folder: self.folder,
            capabilities: self.capabilities,
            until_secs: self.until_secs,
        }
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.capabilities != 0 && self.capabilities & !CAN_ALL == 0,
            AcesoError::CapabilityUnknown
        );
        Ok(())
    }
}
