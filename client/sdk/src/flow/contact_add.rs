//! Adding people, comparing fingerprints, and noticing that keys have changed.

use aceso_format::bundle::Fingerprint;
use anchor_lang::prelude::Pubkey;

use super::{ContactAdd, ContactState, ContactView, FlowError, Session, Step};
use crate::home::NameKind;

impl Session {
    /// Pins the keys of a profile under a name. Keys that were pinned before (a reader met in a folder) must be the same.
    pub async fn contact_add(&self, add: ContactAdd) -> Result<ContactView, FlowError> {
        self.watch().step(Step::Checking);
        let name = add.name.trim();
        if name.is_empty() {
            return Err(FlowError::NameUnknown { name: add.name });
        }
        if let Some(taken_by) = self.home().named(NameKind::Contact, name)?
            && taken_by != add.profile
        {
            return Err(FlowError::NameTaken { name: add.name, taken_by });
        }
        self.recipient(add.profile).await?;
        self.home().name_set(NameKind::Contact, name, &add.profile)?;
        self.contact_view(name.to_owned(), add.profile).await
    }

    /// Says that the fingerprint was compared with the owner's; keys that have changed are pinned anew. With `expected`
    /// (its digits, or hex) this compares itself.
    pub async fn contact_verify(
        &self,
        profile: Pubkey,
        expected: Option<&str>,
    ) -> Result<ContactView, FlowError> {
        self.watch().step(Step::Checking);
        let account = self.profile_confirmed(profile).await?;
        let bundle = self.bundle_of(&account).await?;
        if let Some(expected) = expected {
            require_same(&bundle.fingerprint(), expected)?;
        }
        self.bundle_pin(&account, &bundle, true).await?;
        let name = self.name_of(&profile).unwrap_or_else(|| profile.to_string());
        self.contact_view(name, profile).await
    }

    pub async fn contact_list(&self) -> Result<Vec<ContactView>, FlowError> {
        let mut views = Vec::new();
        for contact in self.home().contacts()? {
            views.push(self.contact_view(contact.name, contact.profile).await?);
        }
        Ok(views)
    }

    /// Forgets a name. The pinned keys stay: whoever adds the profile again is told when they have changed.
    pub async fn contact_remove(&self, profile: Pubkey) -> Result<(), FlowError> {
        Ok(self.home().name_remove(NameKind::Contact, &profile)?)
    }

    /// Whether a profile can receive now: it exists, is not retired, and its keys are vouched for and the pinned ones.
    pub async fn recipient_check(&self, profile: Pubkey) -> Result<(), FlowError> {
        self.watch().step(Step::Checking);
        self.recipient(profile).await.map(|_| ())
    }

    async fn contact_view(&self, name: String, profile: Pubkey) -> Result<ContactView, FlowError> {
        let Some(pin) = self.home().bundle_pin(&profile)? else {
            return Err(FlowError::NameUnknown { name });
        };
        let state = match self.profile_account(profile).await {
            Err(FlowError::ProfileMissing { .. }) => ContactState::Missing,
            Err(error) => return Err(error),
            Ok(account) if account.retired != 0 => ContactState::Retired,
            Ok(account) if account.bundle_digest == pin.digest => ContactState::Current,
            Ok(account) => {
                let fingerprint = self.bundle_of(&account).await?.fingerprint();
                ContactState::KeysChanged { key_version: account.key_version, fingerprint }
            }
        };
        let fingerprint = self.pinned_bundle(&pin).await?.fingerprint();
        let (key_version, verified) = (pin.key_version, pin.verified);
        Ok(ContactView { name, profile, key_version, fingerprint, verified, state })
    }
}

fn require_same(found: &Fingerprint, expected: &str) -> Result<(), FlowError> {
    let plain: String = expected.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = found.to_string().replace(' ', "");
    if plain == digits || plain.eq_ignore_ascii_case(&found.hex()) {
        return Ok(());
    }
    Err(FlowError::FingerprintDiffers { found: found.to_string(), expected: expected.to_owned() })
}
