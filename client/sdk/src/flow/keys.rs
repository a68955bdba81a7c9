//! Whose keys: one's own out of the keystore, others' out of bundles that their wallets signed and that were pinned.

use aceso_format::{
    BlobAddress,
    bundle::{BUNDLE_LEN, Bundle, Expected, FormerBundle},
    key::{SigningSeed, VerifyingKey, XWingPublic, XWingSeed},
    packet::{Recipient, Writer},
};
use anchor_lang::prelude::Pubkey;

use super::{FlowError, Session, session::wall_secs};
use crate::{
    blob::BlobError,
    chain::{ChainError, Delegate, Fetched, Profile, Record, address},
    home::{BundlePin, HomeError},
};

/// One version of one's own keys. A copy of the keystore's, wiped when dropped.
pub(super) struct OwnKeys {
    profile: Pubkey,
    key_version: u32,
    xwing: XWingSeed,
    signing: SigningSeed,
}

impl OwnKeys {
    pub fn xwing(&self) -> &XWingSeed {
        &self.xwing
    }

    pub fn writer(&self) -> Writer<'_> {
        Writer {
            profile: self.profile.to_bytes(),
            key_version: self.key_version,
            seed: &self.signing,
        }
    }
}

/// A profile whose keys in force were checked, and are the pinned ones.
#[derive(Clone, Debug)]
pub(super) struct Vouched {
    pub account: Fetched<Profile>,
    pub xwing: XWingPublic,
}

impl Vouched {
    pub fn recipient(&self) -> Recipient {
        Recipient {
            profile: self.account.address.to_bytes(),
            key_version: self.account.key_version,
            key: self.xwing.clone(),
        }
    }
}

pub(super) fn bundle_address(profile: &Profile) -> BlobAddress {
    BlobAddress { digest: profile.bundle_digest, len: u64::from(profile.bundle_len) }
}

impl Session {
    pub(super) fn holds(&self, profile: &Pubkey) -> bool {
        self.home().keystore().newest(profile).is_some()
    }

    pub(super) fn own_keys(&self, profile: Pubkey, key_version: u32) -> Result<OwnKeys, FlowError> {
        let keystore = self.home().keystore();
        match keystore.keys(&profile, key_version) {
            Some(keys) => {
                let (xwing, signing) = (keys.xwing.duplicate(), keys.signing.duplicate());
                Ok(OwnKeys { profile, key_version, xwing, signing })
            }
            None if keystore.newest(&profile).is_some() => {
                Err(FlowError::KeysGone { profile, key_version })
            }
            None => Err(FlowError::NotOurs { profile }),
        }
    }

    /// The keys that the acting profile has in force.
    pub(super) async fn my_keys(&self) -> Result<OwnKeys, FlowError> {
        let me = self.profile_account(self.profile()?).await?;
        if me.retired != 0 {
            return Err(FlowError::ProfileRetired { profile: me.address });
        }
        let wallet = self.wallet_address();
        if me.authority != wallet {
            return Err(FlowError::WrongWallet {
                profile: me.address,
                wallet,
                authority: me.authority,
            });
        }
        self.own_keys(me.address, me.key_version)
    }

    /// Whether anything can be sealed to a profile now: it exists, is not retired, and its keys are vouched for by its
    /// wallet and are those that were pinned. Keys seen for the first time are asked of the second node too, and pinned.
    pub(super) async fn recipient(&self, profile: Pubkey) -> Result<Vouched, FlowError> {
        let mut account = self.profile_account(profile).await?;
        if account.retired != 0 {
            return Err(FlowError::ProfileRetired { profile });
        }
        if self.holds(&profile) {
            let xwing = self.own_keys(profile, account.key_version)?.xwing.public();
            return Ok(Vouched { account, xwing });
        }
        let pin = self.home().bundle_check(&account).map_err(|error| self.changed(error))?;
        if pin.is_none() {
            account = self.profile_confirmed(profile).await?;
        }
        let bundle = self.bundle_of(&account).await?;
        if pin.is_none() {
            self.bundle_pin(&account, &bundle, false).await?;
        }
        Ok(Vouched { account, xwing: bundle.keys().xwing.clone() })
    }

    /// A profile that is seen for the first time: both nodes have to agree about it.
    pub(super) async fn profile_confirmed(
        &self,
        profile: Pubkey,
    ) -> Result<Fetched<Profile>, FlowError> {
        match self.chain().account_confirmed::<Profile>(&profile).await {
            Err(ChainError::AccountMissing { .. } | ChainError::AccountWrong { .. }) => {
                Err(FlowError::ProfileMissing { profile })
            }
            other => Ok(other?),
        }
    }

    /// The bundle in force: signed by the wallet that the chain names, about this chain, program, profile and version.
    pub(super) async fn bundle_of(&self, account: &Fetched<Profile>) -> Result<Bundle, FlowError> {
        let bundle = self.bundle_at(account.address, bundle_address(account)).await?;
        let expected = Expected {
            genesis: self.chain().genesis().to_bytes(),
            program: aceso::ID.to_bytes(),
            profile: account.address.to_bytes(),
            wallet: account.authority.to_bytes(),
            key_version: account.key_version,
        };
        bundle.check(&expected).map_err(|source| self.bad_bundle(account.address, source))?;
        Ok(bundle)
    }

    /// Pins a bundle that was checked, and has one's own store keep it: sealing to its owner must not wait for the store
    /// of the owner, who may be off when somebody else is to be shut out.
    pub(super) async fn bundle_pin(
        &self,
        account: &Fetched<Profile>,
        bundle: &Bundle,
        verified: bool,
    ) -> Result<(), FlowError> {
        self.home().bundle_pin_set(&pin_of(account, bundle, verified))?;
        // Without a copy it is fetched again, as it was now.
        let _ = self.store().put_bytes(bundle.encode()).await;
        Ok(())
    }

    async fn bundle_at(&self, profile: Pubkey, blob: BlobAddress) -> Result<Bundle, FlowError> {
        if let Some(bundle) = self.bundles().get(&blob.digest) {
            return Ok(bundle.clone());
        }
        self.reach().note_bundle(profile, &blob);
        let bytes = self.store().get_bytes(blob, BUNDLE_LEN as u64).await?;
        let bundle = Bundle::decode(&bytes).map_err(|source| self.bad_bundle(profile, source))?;
        self.bundles().insert(blob.digest, bundle.clone());
        Ok(bundle)
    }

    pub(super) async fn pinned_bundle(&self, pin: &BundlePin) -> Result<Bundle, FlowError> {
        let pinned = BlobAddress { digest: pin.digest, len: u64::from(pin.len) };
        self.bundle_at(pin.profile, pinned).await
    }

    /// The key by which a profile signed at some version of its keys.
    pub(super) async fn signing_key(
        &self,
        profile: Pubkey,
        key_version: u32,
    ) -> Result<VerifyingKey, FlowError> {
        let known = self.signers().get(&(profile, key_version)).copied();
        if let Some(known) = known {
            return Ok(known);
        }
        let key = self.find_signing_key(profile, key_version).await?;
        self.signers().insert((profile, key_version), key);
        Ok(key)
    }

    async fn find_signing_key(
        &self,
        profile: Pubkey,
        key_version: u32,
    ) -> Result<VerifyingKey, FlowError> {
        if let Some(keys) = self.home().keystore().keys(&profile, key_version) {
            return Ok(keys.signing.verifying_key());
        }
        let vouched = match self.home().bundle_pin(&profile)? {
            // Of a profile that was taken over, its new wallet's keystore has the newer keys only.
            _ if self.holds(&profile) => {
                self.own_bundle(&self.profile_account(profile).await?).await?
            }
            Some(pin) if pin.key_version >= key_version => self.pinned_bundle(&pin).await?,
            Some(pin) => {
                let account = self.profile_account(profile).await?;
                if account.key_version < pin.key_version {
                    self.home().bundle_check(&account).map_err(|error| self.changed(error))?;
                }
                // New keys of somebody known: the wallet that vouched for the pinned ones vouches for these, and no node
                // can forge that. To seal to them, they want verifying all the same.
                let before = self.pinned_bundle(&pin).await?;
                let now = self.bundle_of(&account).await?;
                if before.keys().wallet != now.keys().wallet {
                    let who = self.who(&profile);
                    let (pinned, found) = (pin.key_version, account.key_version);
                    return Err(FlowError::KeysChangedSincePin { who, profile, pinned, found });
                }
                now
            }
            None => {
                let account = self.profile_confirmed(profile).await?;
                let bundle = self.bundle_of(&account).await?;
                self.bundle_pin(&account, &bundle, false).await?;
                bundle
            }
        };
        self.signing_key_from(&vouched, profile, key_version).await
    }

    /// The bundle in force of a profile of one's own. A node that shows another one is found out.
    pub(super) async fn own_bundle(&self, account: &Fetched<Profile>) -> Result<Bundle, FlowError> {
        let profile = account.address;
        let own = self.own_keys(profile, account.key_version)?;
        let bundle = self.bundle_of(account).await?;
        let keys = bundle.keys();
        if keys.signing != own.signing.verifying_key() || keys.xwing != own.xwing.public() {
            return Err(self.bad_bundle(profile, aceso_format::Error::SeedMismatch));
        }
        Ok(bundle)
    }

    /// The key of some version, back from a bundle that is vouched for: each names and vouches for the one before it
    /// (SPEC §8.4).
    async fn signing_key_from(
        &self,
        vouched: &Bundle,
        profile: Pubkey,
        key_version: u32,
    ) -> Result<VerifyingKey, FlowError> {
        let keys = vouched.keys();
        if key_version == keys.key_version {
            return Ok(keys.signing);
        }
        if key_version == 0 {
            return Err(FlowError::WriterUnknown { profile, key_version });
        }
        let (mut previous, mut former) = (keys.previous, None::<FormerBundle>);
        for step in (key_version..keys.key_version).rev() {
            let Some(blob) = previous else { break };
            let bytes = self.former_bundle_bytes(profile, step, blob).await?;
            let opened = match &former {
                None => vouched.open_previous(&bytes),
                Some(newer) => newer.open_previous(&bytes),
            };
            let opened = opened.map_err(|source| self.key_chain_broken(profile, step, source))?;
            self.signers().insert((profile, step), opened.signing());
            if step == key_version {
                return Ok(opened.signing());
            }
            (previous, former) = (opened.previous(), Some(opened));
        }
        Err(FlowError::WriterUnknown { profile, key_version })
    }

    async fn former_bundle_bytes(
        &self,
        profile: Pubkey,
        key_version: u32,
        blob: BlobAddress,
    ) -> Result<bytes::Bytes, FlowError> {
        let max = BUNDLE_LEN as u64;
        if blob.len > max {
            let source = aceso_format::Error::TooLong { what: "bundle", len: blob.len, max };
            return Err(self.key_chain_broken(profile, key_version, source));
        }
        match self.store().get_bytes(blob, max).await {
            Err(source @ BlobError::NotFound { .. }) => {
                let who = self.who(&profile);
                let source = Box::new(source);
                Err(FlowError::FormerBundleMissing { who, profile, key_version, source })
            }
            other => Ok(other?),
        }
    }

    fn key_chain_broken(
        &self,
        profile: Pubkey,
        key_version: u32,
        source: aceso_format::Error,
    ) -> FlowError {
        FlowError::KeyChainBroken { who: self.who(&profile), profile, key_version, source }
    }

    /// Whether a profile may write heads or keyrings of a folder: its owner, one that is known here, a record's author, or
    /// a delegate. The last two are what the nodes say; where there is a second one, both have to. An author whose
    /// delegation has ended stays one: what it filed is read by people who have never met it.
    pub(super) async fn require_writer(
        &self,
        what: &'static str,
        at: Pubkey,
        owner: &Pubkey,
        folder: &Pubkey,
        writer: Pubkey,
        author: Option<Pubkey>,
    ) -> Result<(), FlowError> {
        if writer == *owner || self.knows(&writer)? {
            return Ok(());
        }
        if author == Some(writer) {
            let record = self.chain().account_confirmed::<Record>(&at).await?;
            if record.author == writer {
                return Ok(());
            }
        }
        let delegation = address::delegate(owner, &writer);
        let delegation = match self.chain().account_confirmed::<Delegate>(&delegation).await {
            Err(ChainError::AccountMissing { .. }) => None,
            other => Some(other?),
        };
        let covers = |delegation: &Fetched<Delegate>| {
            delegation.covers_all() || delegation.folder == *folder
        };
        match delegation.filter(covers) {
            Some(_) => Ok(()),
            None => Err(FlowError::WriterNotAllowed { what, address: at, writer }),
        }
    }

    /// Whether a profile is one's own or pinned.
    pub(super) fn knows(&self, profile: &Pubkey) -> Result<bool, FlowError> {
        Ok(self.holds(profile) || self.home().bundle_pin(profile)?.is_some())
    }

    /// Whether somebody compared the fingerprint of a profile's keys.
    pub(super) fn verified(&self, profile: &Pubkey) -> Result<bool, FlowError> {
        Ok(self.home().bundle_pin(profile)?.is_some_and(|pin| pin.verified))
    }

    pub(super) fn changed(&self, error: HomeError) -> FlowError {
        match error {
            HomeError::BundleChanged { profile, pinned, found } => {
                FlowError::KeysChangedSincePin { who: self.who(&profile), profile, pinned, found }
            }
            error => FlowError::Home(error),
        }
    }

    fn bad_bundle(&self, profile: Pubkey, source: aceso_format::Error) -> FlowError {
        FlowError::Bundle { who: self.who(&profile), profile, source }
    }

    fn who(&self, profile: &Pubkey) -> String {
        self.name_of(profile).unwrap_or_else(|| profile.to_string())
    }
}

fn pin_of(account: &Fetched<Profile>, bundle: &Bundle, verified: bool) -> BundlePin {
    BundlePin {
        profile: account.address,
        key_version: account.key_version,
        digest: account.bundle_digest,
        len: account.bundle_len,
        fingerprint: bundle.fingerprint().hex(),
        first_seen_secs: wall_secs(),
        verified,
    }
}
