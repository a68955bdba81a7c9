//! Profiles as the chain shows them, and the end of one.

use anchor_lang::prelude::Pubkey;

use super::{FlowError, ProfileView, Receipt, Session, keys::bundle_address};
use crate::chain::instruction;

impl Session {
    pub async fn profile_show(&self, profile: Pubkey) -> Result<ProfileView, FlowError> {
        let account = self.profile_account(profile).await?;
        let bundle = self.bundle_of(&account).await?;
        let pending = account.pending_authority;
        Ok(ProfileView {
            profile,
            name: self.name_of(&profile),
            own: self.holds(&profile),
            authority: account.authority,
            pending_authority: (pending != Pubkey::default()).then_some(pending),
            key_version: account.key_version,
            bundle: bundle_address(&account),
            fingerprint: bundle.fingerprint(),
            folders: account.folders,
            delegates: account.delegates,
            retired: account.retired != 0,
        })
    }

    /// The profiles that this keystore holds and this chain has.
    pub async fn profile_list(&self) -> Result<Vec<ProfileView>, FlowError> {
        let held = self.home().keystore().profiles();
        let mut views = Vec::new();
        for profile in held {
            match self.profile_show(profile).await {
                Ok(view) => views.push(view),
                // A keystore serves several chains.
                Err(FlowError::ProfileMissing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(views)
    }

    /// Ends the acting profile for good. Its folders have to be closed and its delegates removed before.
    pub async fn profile_retire(&self) -> Result<Receipt, FlowError> {
        let profile = self.profile_account(self.profile()?).await?;
        self.send_alone(vec![instruction::profile::retire(&profile)]).await
    }
}
