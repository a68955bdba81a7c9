//! What a command needs, made when it asks for it: home folder, settings, chain, store, session.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aceso_sdk::{
    blob::{BlobStore, DirectoryStore, GatewayStore, KuboStore},
    chain::{Chain, Pubkey, Rpc, RpcSettings},
    flow::{Session, SessionOptions, SessionParts, Wallet},
    home::{FileWallet, Home, HomeDir, HomeError, NameKind, WorkFactor},
};
use jiff::ZonedDateTime;

use crate::{
    args::Global, ask, exit::Failure, password, printer::Printer, progress, settings::Settings,
};

const FIRST_CONTACT: RpcSettings =
    RpcSettings { deadline: Duration::from_secs(5), attempt: Duration::from_secs(5) };

pub struct App {
    pub global: Global,
    pub printer: Printer,
}

impl App {
    pub fn new(global: Global, printer: Printer) -> Self {
        Self { global, printer }
    }

    /// The home folder; made where there is none.
    pub fn home_dir(&self) -> Result<HomeDir, Failure> {
        Ok(HomeDir::open(self.home_path()?)?)
    }

    pub fn home_path(&self) -> Result<PathBuf, Failure> {
        Ok(self.global.home.clone().map_or_else(HomeDir::default_path, Ok)?)
    }

    /// The settings in force: those of the file, and what was typed.
    pub fn settings(&self, dir: &HomeDir) -> Result<Settings, Failure> {
        Ok(Settings::load(dir)?.overridden_by(&self.global))
    }

    pub fn work_factor(&self) -> WorkFactor {
        self.global.keystore_work.map_or_else(WorkFactor::default, WorkFactor)
    }

    pub async fn chain(&self, settings: &Settings) -> Result<Chain, Failure> {
        let (cluster, verify) = (settings.cluster()?, settings.verify_cluster()?);
        // A node that is down is told at once; one that answers is given more time later.
        Rpc::new(&cluster, FIRST_CONTACT)?.genesis().await?;
        let mut chain = Chain::connect(&cluster, verify.as_ref(), RpcSettings::default()).await?;
        chain.options.priority_fee = settings.priority_fee();
        Ok(chain)
    }

    pub fn wallet(&self, dir: &HomeDir, settings: &Settings) -> Result<Wallet, Failure> {
        Ok(Arc::new(FileWallet::open(&settings.wallet(dir))?))
    }

    pub fn fee_payer(&self, settings: &Settings) -> Result<Option<Wallet>, Failure> {
        let Some(path) = &settings.fee_payer else { return Ok(None) };
        Ok(Some(Arc::new(payer(path)?)))
    }

    pub fn store(&self, dir: &HomeDir, settings: &Settings) -> Result<Arc<dyn BlobStore>, Failure> {
        Ok(match settings.store.as_deref() {
            None => Arc::new(DirectoryStore::open(dir.blobs())?),
            Some(text) => store(text)?,
        })
    }

    /// Where a session looks for what its store does not have, beside storage peers.
    fn gateways(&self, settings: &Settings) -> Result<Vec<Arc<dyn BlobStore>>, Failure> {
        settings.gateways.iter().map(|url| store(&format!("{GATEWAY}{url}"))).collect()
    }

    /// Everything at once, for whoever acts on the chain. The node is met before the password is asked for.
    pub async fn session(&self) -> Result<Session, Failure> {
        self.session_with(SessionOptions::default()).await
    }

    pub async fn session_with(&self, options: SessionOptions) -> Result<Session, Failure> {
        let dir = self.home_dir()?;
        if !dir.keystore().exists() {
            return Err(HomeError::Missing { what: "keystore", path: dir.keystore() }.into());
        }
        let settings = self.settings(&dir)?;
        let wallet = self.wallet(&dir, &settings)?;
        let fee_payer = self.fee_payer(&settings)?;
        let store = self.store(&dir, &settings)?;
        let elsewhere = self.gateways(&settings)?;
        let chain = self.chain(&settings).await?;
        let password = password::existing(&self.global)?;
        let work = self.work_factor();
        let home =
            tokio::task::block_in_place(|| Home::unlock(dir, chain.genesis(), password, work))?;
        let profile =
            settings.profile.as_deref().map(|name| own_profile(&home, name)).transpose()?;
        let watch = progress::watch(&self.printer);
        let parts = SessionParts {
            chain,
            store,
            elsewhere,
            home,
            wallet,
            fee_payer,
            profile,
            watch,
            options,
        };
        let session = Session::open(parts).await?;
        for unreadable in session.journal_unreadable() {
            self.printer.warn(unreadable);
        }
        Ok(session)
    }

    /// Asks before money is spent or something cannot be undone.
    pub fn confirm(&self, what: &str) -> Result<(), Failure> {
        ask::confirm(&self.printer, self.global.yes, what)
    }

    pub fn now(&self) -> ZonedDateTime {
        ZonedDateTime::now()
    }
}

const GATEWAY: &str = "gateway+";

/// A store as it is written in the settings.
pub fn store(text: &str) -> Result<Arc<dyn BlobStore>, Failure> {
    if let Some(url) = text.strip_prefix(GATEWAY) {
        return Ok(Arc::new(GatewayStore::new(url)?));
    }
    let kubo = ["http://", "https://", "/ip4/", "/ip6/", "/dns"]
        .iter()
        .any(|start| text.starts_with(start));
    if kubo {
        return Ok(Arc::new(KuboStore::new(text)?));
    }
    // A slip in a URL must not become a directory of that name.
    if text.contains("://") {
        return Err(Failure::input(format!("{text:?} is no store"))
            .with_hint("name a directory, a Kubo node (http://127.0.0.1:5001) or a gateway (gateway+https://…)"));
    }
    Ok(Arc::new(DirectoryStore::open(text)?))
}

/// `--profile` by name or address, among the profiles of this keystore.
fn own_profile(home: &Home, name: &str) -> Result<Pubkey, Failure> {
    if let Ok(address) = name.parse() {
        return Ok(address);
    }
    let known = home.named(NameKind::Profile, name)?;
    known.ok_or_else(|| {
        Failure::input(format!("no profile of yours is called {name:?} on this network"))
            .with_hint("`aceso profile list` shows them")
            .with_kind("name-unknown")
    })
}

/// The wallet that pays, which `aceso init` does not make.
pub fn payer(path: &Path) -> Result<FileWallet, Failure> {
    FileWallet::open(path).map_err(|error| {
        let missing = matches!(error, HomeError::Missing { .. });
        let failure = Failure::from(error);
        if missing {
            failure.with_hint("name the keypair file of the wallet that pays")
        } else {
            failure
        }
    })
}
