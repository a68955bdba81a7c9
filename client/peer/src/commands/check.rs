use std::{path::Path, time::Duration};

use aceso_format::BlobAddress;
use aceso_sdk::{blob::Leaf, chain::Signer, home::FileWallet};
use bytes::Bytes;

use crate::{
    args::Check,
    config::Config,
    data_dir,
    failure::Failure,
    http::TlsFiles,
    storage::{self, Storage},
};

/// How long the endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Goes through all that can be found out before a lease depends on it; every finding in a line, the first failure decides
/// the exit code.
pub async fn run(path: &Path, args: &Check) -> Result<(), Failure> {
    let mut first = None;
    let mut found = |what: &str, result: Result<String, Failure>| match result {
        Ok(detail) => println!("ok    {what}: {detail}"),
        Err(failure) => {
            println!("FAIL  {what}: {}", failure.sentence());
            first.get_or_insert(failure);
        }
    };
    let config = Config::load(path)?;
    found("configuration", Ok(path.display().to_string()));
    found("keys", keys(&config));
    found("storage", stored(&config).await);
    if let Some(tls) = &config.tls {
        let files = TlsFiles { certificate: tls.certificate.clone(), key: tls.key.clone() };
        let usable = files.server_config().map(|_| tls.certificate.display().to_string());
        found("certificate", usable.map_err(Failure::from));
    }
    if !args.offline {
        for (what, result) in super::check_chain::run(&config).await {
            found(what, result);
        }
        found("endpoint", reachable(&config).await);
    }
    first.map_or(Ok(()), Err)
}

/// Both key files open, are their owner's alone, and are not one and the same: the operator's key is used without being
/// asked, and should be worth nothing to a thief.
fn keys(config: &Config) -> Result<String, Failure> {
    let operator = FileWallet::open(&config.operator)?.pubkey();
    let fee_payer = FileWallet::open(&config.fee_payer)?.pubkey();
    if operator == fee_payer {
        return Err(Failure::input(
            "operator and fee payer are the same wallet; make a second one, so that the key that pays is not the one that others know you by",
        ));
    }
    Ok(format!("operator {operator}, fee payer {fee_payer}"))
}

/// Writes a small object, reads it back and deletes it.
async fn stored(config: &Config) -> Result<String, Failure> {
    // Opening it clears away what uploads have left behind, which are under way there.
    let Some(_lock) = data_dir::lock(&config.data_dir)? else {
        return Ok("in use by the daemon that runs; stop it to have it tried".to_owned());
    };
    let storage = storage::open(config)?;
    let mut bytes = vec![0; 4096];
    getrandom::fill(&mut bytes).map_err(|e| {
        Failure::outside(format!("no randomness from the operating system ({e}); try again"))
    })?;
    let bytes = Bytes::from(bytes);
    let object = BlobAddress::of(&bytes);
    let mut draft = storage.begin(&object).await?;
    draft.write(Leaf::new(bytes.clone())).await?;
    draft.name().await?;
    let read = storage.read_all(&object, 0..object.len).await;
    storage.delete(&object).await?;
    if read? != bytes {
        return Err(Failure::outside(
            "other bytes came back than were written; check the disk, and trust it with nothing",
        ));
    }
    room(config, &*storage).await
}

async fn room(config: &Config, storage: &dyn Storage) -> Result<String, Failure> {
    let quota = config.quota;
    match storage.free().await? {
        Some(free) if free < quota.0 => {
            let free = crate::config::Size(free);
            Ok(format!(
                "{}; {free} are free, the quota is {quota}: fine only while leases take the rest already",
                storage.describe()
            ))
        }
        _ => Ok(format!("{}, quota {quota}", storage.describe())),
    }
}

/// From here to the public URL and back. Only the daemon itself answers there.
async fn reachable(config: &Config) -> Result<String, Failure> {
    let url = format!("{}/healthz", config.endpoint.trim_end_matches('/'));
    let client =
        reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    let client = client
        .build()
        .map_err(|e| Failure::outside(format!("no HTTP client ({e}); please report this")))?;
    let mut reason = match client.get(&url).send().await {
        Ok(answer) => match answer.status().as_u16() {
            200 => return Ok(config.endpoint.clone()),
            503 => {
                return Err(Failure::outside(format!(
                    "{url} answers that it is not well; look at it, and at the daemon's log"
                )));
            }
            status => {
                return Err(Failure::outside(format!(
                    "{url} answers {status}, as no aceso-peer does; check proxy and port"
                )));
            }
        },
        Err(error) => error.to_string(),
    };
    reason.truncate(200);
    Err(Failure::outside(format!(
        "{url} cannot be reached ({reason}); start the daemon, and check DNS, firewall and certificate"
    )))
}
