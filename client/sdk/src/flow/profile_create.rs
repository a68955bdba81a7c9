//! Making a profile with its first folder, and giving it new keys.

use aceso_format::{
    BlobAddress,
    bundle::{Bundle, BundleKeys, Fingerprint},
    key::{SigningSeed, XWingSeed},
    keyring::KeyringDraft,
    packet::{Recipient, Writer},
};
use anchor_lang::prelude::Pubkey;

use super::{
    FIRST_FOLDER_ID, FlowError, KeysRotated, ProfileCreate, ProfileCreated, Session, Step,
    keys::bundle_address,
    session::entropy,
    staged::{Unit, blob_address},
    staged_part::Named,
};
use crate::{
    blob::BlobError,
    chain::{
        ChainError, Fetched, Kind, Profile, address,
        instruction::{self, Actor},
    },
    home::{NameKind, ProfileKeys},
};

impl Session {
    /// Makes keys, a profile that publishes them, and its first folder, in one transaction. The session acts as the new
    /// profile from then on.
    pub async fn profile_create(
        &mut self,
        create: ProfileCreate,
    ) -> Result<ProfileCreated, FlowError> {
        if let Some(taken_by) = self.home().named(NameKind::Profile, &create.name)? {
            self.name_freed::<Profile>(NameKind::Profile, &create.name, taken_by).await?;
        }
        let created = self.create_profile(&create).await?;
        self.set_profile(created.profile);
        Ok(created)
    }

    async fn create_profile(&self, create: &ProfileCreate) -> Result<ProfileCreated, FlowError> {
        let wallet = self.wallet_address();
        let (id, profile) = address::new_profile(&wallet)?;
        let folder = address::folder(&profile, &FIRST_FOLDER_ID);
        self.watch().step(Step::Sealing);
        let keys = generated_keys(profile, 1)?;
        let bundle = self.bundle_for(&keys, None)?;
        let (keyring, owner) = {
            let owner =
                Recipient { profile: profile.to_bytes(), key_version: 1, key: keys.xwing.public() };
            let writer =
                Writer { profile: profile.to_bytes(), key_version: 1, seed: &keys.signing };
            let draft = KeyringDraft {
                program: aceso::ID.to_bytes(),
                folder: folder.to_bytes(),
                writer,
                owner: &owner,
                readers: &[],
            };
            (draft.create(&mut entropy()?)?.0, Actor::owner(wallet, profile))
        };
        let fingerprint = bundle.fingerprint();
        // A second profile's first folder cannot have the first one's name.
        let folder_name = match self.home().named(NameKind::Folder, &create.folder_name)? {
            None => create.folder_name.clone(),
            Some(_) => format!("{} ({})", create.folder_name, create.name),
        };
        // On disk before the chain has them: keys that are lost would make the profile useless for good. And so are the
        // names: a profile whose making was interrupted is found by them.
        self.home().keys_add(keys)?;
        self.home().name_set(NameKind::Profile, &create.name, &profile)?;
        self.home().name_set(NameKind::Folder, &folder_name, &folder)?;
        let payer = self.payer_address();
        let mut signed = false;
        let sent = self
            .staged("profile", async |staged| {
                let bundle = staged.put(bundle.encode()).await?;
                let keyring = staged.put(keyring.clone()).await?;
                let unit = Unit {
                    instructions: vec![
                        instruction::profile::create(payer, wallet, id, bundle),
                        instruction::folder::create(payer, &owner, FIRST_FOLDER_ID, keyring),
                    ],
                    blobs: vec![Named::new(&bundle, profile), Named::new(&keyring, folder)],
                    ..Unit::default()
                };
                let sent = staged.send(unit).await;
                signed |= staged.has_signed();
                Ok((blob_address(&bundle), sent?))
            })
            .await;
        let (bundle, receipt) = match sent {
            Ok(sent) => sent,
            Err(error) => {
                if !error.may_have_taken_effect() {
                    self.home().name_remove(NameKind::Profile, &profile)?;
                    self.home().name_remove(NameKind::Folder, &folder)?;
                }
                // That what was signed came to nothing is a node's word, and no reason to part with a key.
                if !signed {
                    self.home().keys_remove(&profile, 1)?;
                }
                return Err(error);
            }
        };
        Ok(ProfileCreated { profile, folder, fingerprint, bundle, receipt })
    }

    /// Publishes new keys. What was sealed to the old ones stays readable with the keystore, which keeps them; folders of
    /// one's own are sealed to the new ones by a new epoch each.
    pub async fn profile_keys_rotate(&mut self) -> Result<KeysRotated, FlowError> {
        let profile = self.profile_account(self.profile()?).await?;
        let mut rotated = self.publish_keys(profile, instruction::profile::keys_rotate).await?;
        for folder in self.chain().folders_by_owner(&rotated.profile).await? {
            let done = self.folder_rotate(folder.address).await?;
            rotated.folders.push(folder.address);
            rotated.receipt.extend(done.receipt);
        }
        Ok(rotated)
    }

    pub(super) async fn publish_keys(
        &self,
        profile: Fetched<Profile>,
        publish: impl Fn(&Fetched<Profile>, crate::chain::Blob) -> crate::chain::Instruction,
    ) -> Result<KeysRotated, FlowError> {
        let (profile, previous) = self.bundle_to_vouch_for(profile).await?;
        let key_version = profile.key_version + 1;
        let (address, home) = (profile.address, self.home());
        // Keys of an attempt that came to nothing are published now. They may be in force already, and the node behind, or
        // lying: no key is ever removed on its word.
        let held = home.keystore().keys(&address, key_version).map(ProfileKeys::duplicate);
        let keys = match held {
            Some(keys) => keys,
            None => generated_keys(address, key_version)?,
        };
        let bundle = self.bundle_for(&keys, Some(previous))?;
        let fingerprint: Fingerprint = bundle.fingerprint();
        home.keys_add(keys)?;
        let sent = self
            .staged("profile", async |staged| {
                let blob = staged.put(bundle.encode()).await?;
                // The old bundle stays: heads and keyrings that its key has signed are checked against it.
                let instructions = vec![publish(&profile, blob)];
                let blobs = vec![Named::new(&blob, address)];
                let unit = Unit { instructions, blobs, ..Unit::default() };
                staged.send(unit).await
            })
            .await;
        Ok(KeysRotated {
            profile: address,
            key_version,
            fingerprint,
            receipt: sent?,
            folders: Vec::new(),
            not_kept: Vec::new(),
        })
    }

    /// The bundle in force, which the next one names and so vouches for. One node's word is not enough for that: whoever
    /// holds its keys looks whether they are in it, and whoever does not (to take a profile over, or with the keystore
    /// lost) asks both nodes.
    async fn bundle_to_vouch_for(
        &self,
        profile: Fetched<Profile>,
    ) -> Result<(Fetched<Profile>, BlobAddress), FlowError> {
        let held = self.home().keystore().keys(&profile.address, profile.key_version).is_some();
        let profile = match held {
            false => self.profile_confirmed(profile.address).await?,
            true => match self.own_bundle(&profile).await {
                // New keys are the way out, too, when the old bundle is lost.
                Ok(_) | Err(FlowError::Blob(BlobError::NotFound { .. })) => profile,
                Err(error) => return Err(error),
            },
        };
        let previous = bundle_address(&profile);
        Ok((profile, previous))
    }

    /// A bundle with the wallet's signature. It names the bundle before, which stays stored: what its keys have signed is
    /// checked against it.
    fn bundle_for(
        &self,
        keys: &ProfileKeys,
        previous: Option<BlobAddress>,
    ) -> Result<Bundle, FlowError> {
        let unsigned = BundleKeys {
            genesis: self.chain().genesis().to_bytes(),
            program: aceso::ID.to_bytes(),
            profile: keys.profile.to_bytes(),
            key_version: keys.key_version,
            xwing: keys.xwing.public(),
            signing: keys.signing.verifying_key(),
            wallet: self.wallet_address().to_bytes(),
            previous,
        };
        let message = unsigned.message();
        let signature = self.wallet().try_sign_message(message.as_bytes());
        let signature =
            signature.map_err(|error| crate::chain::ChainError::Signing(error.to_string()))?;
        Ok(unsigned.sign_with(signature.into())?)
    }

    /// Frees a name whose profile or folder was never made: its command was interrupted, and the session has settled its
    /// transaction. What is there, was made, maybe by that command: it is not made a second time.
    pub(super) async fn name_freed<T: Kind>(
        &self,
        kind: NameKind,
        name: &str,
        taken_by: Pubkey,
    ) -> Result<(), FlowError> {
        match self.chain().account_confirmed::<T>(&taken_by).await {
            Err(ChainError::AccountMissing { .. }) => {
                self.home().name_remove(kind, &taken_by)?;
                Ok(())
            }
            _ => Err(FlowError::NameTaken { name: name.to_owned(), taken_by }),
        }
    }
}

fn generated_keys(profile: Pubkey, key_version: u32) -> Result<ProfileKeys, FlowError> {
    let mut rng = entropy()?;
    Ok(ProfileKeys {
        profile,
        key_version,
        xwing: XWingSeed::generate(&mut rng),
        signing: SigningSeed::generate(&mut rng),
    })
}
