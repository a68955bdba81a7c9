use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use aceso_format::{
    BlobAddress,
    bundle::Bundle,
    key::VerifyingKey,
    keyring::OpenedKeyring,
    rand_core::{CryptoRng, UnwrapErr},
};
use anchor_lang::prelude::Pubkey;
use getrandom::SysRng;

use super::{FlowError, Watch, reach::Reach};
use crate::{
    blob::BlobStore,
    chain::{Chain, Signer},
    file::Progress,
    home::{Home, HomeError, NameKind},
};

/// What signs transactions, and the text in a profile's bundle.
pub type Wallet = Arc<dyn Signer + Send + Sync>;

/// What a session is made of.
pub struct SessionParts {
    pub chain: Chain,
    /// Its own: what it writes goes there.
    pub store: Arc<dyn BlobStore>,
    /// Gateways and the like, asked for what the own store does not have, beside the peers of leases.
    pub elsewhere: Vec<Arc<dyn BlobStore>>,
    /// Unlocked: keystore, contacts and pins, journal.
    pub home: Home,
    pub wallet: Wallet,
    /// Pays fees and rent; `None` is the wallet.
    pub fee_payer: Option<Wallet>,
    /// Who acts; `None` is the only profile that is known here, if there is just one.
    pub profile: Option<Pubkey>,
    pub watch: Arc<dyn Watch>,
    pub options: SessionOptions,
}

#[derive(Clone, Copy, Debug)]
pub struct SessionOptions {
    /// How often an action is tried when others are faster.
    pub tries: u32,
    /// Whether an owner's command first rotates due folders and empties the inbox.
    pub maintain: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { tries: 6, maintain: true }
    }
}

/// One profile that acts, with all it needs.
pub struct Session {
    chain: Chain,
    store: Arc<dyn BlobStore>,
    /// The same store, for what flows tell it.
    reach: Arc<Reach>,
    home: Home,
    wallet: Wallet,
    fee_payer: Option<Wallet>,
    profile: Option<Pubkey>,
    watch: Arc<dyn Watch>,
    options: SessionOptions,
    keyrings: Mutex<Keyrings>,
    bundles: Mutex<HashMap<[u8; 32], Bundle>>,
    signers: Mutex<Signers>,
    unreadable: Vec<HomeError>,
}

/// Keyrings that were opened, by folder.
pub(super) type Keyrings = HashMap<Pubkey, (BlobAddress, Arc<OpenedKeyring>)>;

/// Signing keys that were checked, by profile and version of its keys.
pub(super) type Signers = HashMap<(Pubkey, u32), VerifyingKey>;

impl Session {
    /// Opens a session. First settles what an interrupted command has left in the journal: asks for the fate of its
    /// transactions, and lets go of blobs that nothing needs.
    pub async fn open(parts: SessionParts) -> Result<Self, FlowError> {
        let SessionParts {
            chain,
            store,
            elsewhere,
            home,
            wallet,
            fee_payer,
            profile,
            watch,
            options,
        } = parts;
        let profile = match profile {
            Some(profile) => Some(profile),
            None => only_profile(&home)?,
        };
        let (keyrings, bundles, signers) = Default::default();
        let reach = Arc::new(Reach::new(store, elsewhere, chain.clone(), wallet.clone()));
        reach.act_as(profile);
        let mut session = Self {
            chain,
            store: reach.clone(),
            reach,
            home,
            wallet,
            fee_payer,
            profile,
            watch,
            options,
            keyrings,
            bundles,
            signers,
            unreadable: Vec::new(),
        };
        session.unreadable = session.settle_unfinished().await?;
        Ok(session)
    }

    /// Who acts.
    pub fn profile(&self) -> Result<Pubkey, FlowError> {
        self.profile.ok_or(FlowError::NoProfile)
    }

    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    pub fn store(&self) -> &Arc<dyn BlobStore> {
        &self.store
    }

    pub(super) fn reach(&self) -> &Reach {
        &self.reach
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Unfinished actions in the journal that could not be read, and so not be settled: to be shown to the user.
    pub fn journal_unreadable(&self) -> &[HomeError] {
        &self.unreadable
    }

    pub fn wallet_address(&self) -> Pubkey {
        self.wallet.pubkey()
    }

    /// Pays fees and rent.
    pub fn payer_address(&self) -> Pubkey {
        self.payer().pubkey()
    }

    /// Acts as another profile of the same keystore from now on.
    pub fn act_as(&mut self, profile: Pubkey) -> Result<(), FlowError> {
        if !self.holds(&profile) {
            return Err(FlowError::NotOurs { profile });
        }
        self.set_profile(profile);
        Ok(())
    }

    pub(super) fn set_profile(&mut self, profile: Pubkey) {
        self.profile = Some(profile);
        self.reach.act_as(Some(profile));
        // What one profile has opened is not the other's.
        self.keyrings().clear();
    }

    pub(super) fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    pub(super) fn payer(&self) -> &Wallet {
        self.fee_payer.as_ref().unwrap_or(&self.wallet)
    }

    pub(super) fn options(&self) -> &SessionOptions {
        &self.options
    }

    pub(super) fn watch(&self) -> &dyn Watch {
        &*self.watch
    }

    pub(super) fn progress(&self) -> Arc<dyn Progress> {
        self.watch.clone()
    }

    /// Held briefly, never across an await. A panic elsewhere leaves a cache that is as good as before.
    pub(super) fn keyrings(&self) -> MutexGuard<'_, Keyrings> {
        self.keyrings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn signers(&self) -> MutexGuard<'_, Signers> {
        self.signers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bundles(&self) -> MutexGuard<'_, HashMap<[u8; 32], Bundle>> {
        self.bundles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A keystore serves several chains; names belong to one.
fn only_profile(home: &Home) -> Result<Option<Pubkey>, FlowError> {
    let named = home.names(NameKind::Profile)?;
    Ok(match named.as_slice() {
        [only] => Some(only.address),
        _ => None,
    })
}

/// The system's random numbers. Asked for once by hand, because what seals can only panic.
pub(super) fn entropy() -> Result<impl CryptoRng, FlowError> {
    getrandom::fill(&mut [0; 1]).map_err(|error| FlowError::Random(error.to_string()))?;
    Ok(UnwrapErr(SysRng))
}

/// A random pause below `most`.
pub(super) fn jitter_ms(most: u64) -> Result<u64, FlowError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| FlowError::Random(error.to_string()))?;
    Ok(u64::from_le_bytes(bytes) % most)
}

/// This machine's clock, for what only this machine looks at.
pub(super) fn wall_secs() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
