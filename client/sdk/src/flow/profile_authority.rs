//! Handing a profile over to another wallet: one proposes, the other accepts.

use aceso_format::{
    BlobAddress,
    bundle::{BUNDLE_LEN, Bundle},
};
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, KeysRotated, Receipt, Session, Step,
    folder_keyring::{keyring_address, previous_keyring_address},
    keys::bundle_address,
    record_head::head_address,
};
use crate::chain::instruction;

impl Session {
    /// Proposes another wallet as the profile's authority; `None` takes a proposal back.
    pub async fn profile_authority_propose(
        &self,
        wallet: Option<Pubkey>,
    ) -> Result<Receipt, FlowError> {
        let profile = self.profile_account(self.profile()?).await?;
        self.send_alone(vec![instruction::profile::authority_propose(&profile, wallet)]).await
    }

    /// Takes a profile over with the session's wallet, which was proposed. Publishes new keys, which it signs: readers
    /// and filers have to verify them. What was signed so far is checked against the bundles before, so one's own store
    /// keeps those too, with the keyrings and heads.
    pub async fn profile_authority_accept(
        &mut self,
        profile: Pubkey,
    ) -> Result<KeysRotated, FlowError> {
        let account = self.profile_account(profile).await?;
        let wallet = self.wallet_address();
        if account.pending_authority != wallet {
            return Err(FlowError::NotProposed { profile, wallet });
        }
        let bundle = bundle_address(&account);
        let rotated = self.publish_keys(account, instruction::profile::authority_accept).await?;
        self.set_profile(profile);
        let not_kept = self.keep_of_profile(&profile, bundle).await?;
        Ok(KeysRotated { not_kept, ..rotated })
    }

    /// Has one's own store keep what a profile's records are checked with. Gives what it could not get, and why: that
    /// does not undo the takeover.
    async fn keep_of_profile(
        &self,
        profile: &Pubkey,
        bundle: BlobAddress,
    ) -> Result<Vec<(BlobAddress, String)>, FlowError> {
        self.watch().step(Step::Tidying);
        let mut not_kept = Vec::new();
        let mut former = Some(bundle);
        while let Some(blob) = former.take() {
            match self.keep_bundle(blob).await {
                Ok(previous) => former = previous,
                Err(error) => not_kept.push((blob, error.to_string())),
            }
        }
        let folders = self.chain().folders_by_owner(profile).await?;
        let records = self.chain().records_by_owner(profile).await?;
        let keyrings = folders.iter().flat_map(|folder| {
            previous_keyring_address(folder).into_iter().chain([keyring_address(folder)])
        });
        for blob in keyrings.chain(records.iter().map(|record| head_address(record))) {
            if let Err(error) = self.keep(&blob).await {
                not_kept.push((blob, error.to_string()));
            }
        }
        Ok(not_kept)
    }

    /// The bundle before it, if it names one.
    async fn keep_bundle(&self, blob: BlobAddress) -> Result<Option<BlobAddress>, FlowError> {
        self.keep(&blob).await?;
        let bytes = self.store().get_bytes(blob, BUNDLE_LEN as u64).await?;
        Ok(Bundle::decode(&bytes)?.keys().previous)
    }
}
