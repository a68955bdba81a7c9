use std::{sync::Arc, time::Duration};

use aceso_sdk::{
    chain::{Cluster, Signer},
    flow::Wallet,
    home::{FileWallet, HomeError, Keystore},
};
use serde_json::json;

use crate::{
    app::App,
    args::{keystore::Init, value::Sol},
    exit::Failure,
    password,
    settings::{Settings, absolute},
    table::Facts,
};

/// How long another command may write before this one gives up.
pub const BUSY: Duration = Duration::from_secs(30);

pub async fn run(app: &App, args: &Init) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    if dir.keystore().exists() {
        return Err(Failure::from(HomeError::Exists { path: dir.keystore() }).with_hint(
            "this computer is set up already; for another identity name another --home",
        ));
    }
    let mut settings = app.settings(&dir)?;
    let cluster = settings.cluster()?;
    settings.cluster.get_or_insert_with(|| cluster.to_string());
    if matches!(cluster, Cluster::Mainnet { .. }) {
        app.confirm("This is mainnet: fees and rent are paid in real SOL, and what is shared is shared for good.")?;
        if args.airdrop.is_some() {
            return Err(
                Failure::usage("nobody gives away SOL on mainnet").with_hint("leave out --airdrop")
            );
        }
    }
    let wallet = match &args.keypair {
        Some(path) => {
            settings.wallet = Some(absolute(path)?);
            FileWallet::open(path)?
        }
        // A wallet that an interrupted `init` has left is as good as a new one.
        None if dir.wallet().exists() => FileWallet::open(&dir.wallet())?,
        None => FileWallet::create(&dir.wallet())?,
    };
    let password =
        password::new(app.global.password_file.as_deref(), &app.printer, "your keystore")?;
    let work = app.work_factor();
    let lock = dir.lock(BUSY)?;
    tokio::task::block_in_place(|| Keystore::create(&dir.keystore(), password, work, &lock))?;
    if let Some(path) = settings.fee_payer.take() {
        settings.fee_payer = Some(absolute(&path)?);
    }
    settings.save(&dir)?;

    let (path, address) = (wallet.path().to_owned(), wallet.pubkey());
    let wallet: Wallet = Arc::new(wallet);
    let given = match args.airdrop {
        Some(Sol(lamports)) => {
            let chain = app.chain(&settings).await?;
            chain.rpc.airdrop(&wallet.pubkey(), lamports).await?;
            Some(Sol(lamports))
        }
        None => None,
    };
    let value = json!({
        "home": dir.root(), "wallet": address.to_string(), "wallet_file": path, "keystore": dir.keystore(),
        "cluster": cluster.to_string(), "node": cluster.url(), "settings": Settings::path(&dir),
    });
    let network = match &cluster {
        Cluster::Url(url) => url.clone(),
        named => format!("{named} ({})", named.url()),
    };
    app.printer.data(&value, || {
        Facts::new()
            .fact("home", dir.root().display().to_string())
            .fact("wallet", address.to_string())
            .fact("wallet file", path.display().to_string())
            .fact("keystore", dir.keystore().display().to_string())
            .fact("network", network)
            .fact_if("received", given.map(|sol| sol.to_string()))
            .render()
    })?;
    app.printer.say(
        "Next: aceso profile create, and aceso keystore export FILE for a copy in a safe place.",
    );
    Ok(())
}
