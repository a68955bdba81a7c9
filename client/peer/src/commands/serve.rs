use std::{path::Path, sync::Arc, time::Duration};

use aceso_sdk::{
    chain::{Chain, Pubkey, RpcSettings, Signer, address},
    home::FileWallet,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{Notify, Semaphore, mpsc, watch},
};

use crate::{
    chain::{self, ChainAccounts, ChainClock, FollowError, Follower, Sight, reason},
    config::Config,
    data_dir::{self, DirLock},
    failure::Failure,
    holdings::Holdings,
    http::{Health, Limits, Listening, Service, TlsFiles, listen, metrics_router, router},
    index::Index,
    log,
    metrics::Metrics,
    run::{Engine, Repairs, Sender, Tender, endpoint, recover, sweep},
    scrub::Pace,
    signature::{Replays, Verifier},
    storage,
    tree_store::TreeStore,
};

/// A client waits for this long while the node is asked about it.
const CLIENT_PATIENCE: RpcSettings =
    RpcSettings { deadline: Duration::from_secs(5), attempt: Duration::from_secs(3) };
/// A look that fails is repeated anyway, and said.
const LOOK_PATIENCE: RpcSettings =
    RpcSettings { deadline: Duration::from_secs(8), attempt: Duration::from_secs(4) };
/// Between two tries to reach the chain at the start.
const RETRY: Duration = Duration::from_secs(5);
/// What is under way gets this long when the daemon is told to stop; below systemd's 30 s.
const FAREWELL: Duration = Duration::from_secs(25);
/// Damaged objects that wait to be read again.
const DAMAGED: usize = 64;
/// Connections to the metrics at a time.
const SCRAPES: usize = 16;

/// The daemon, until SIGTERM or SIGINT.
pub async fn run(path: &Path) -> Result<(), Failure> {
    let config = Config::load(path)?;
    log::begin(config.log);
    let (tell, mut stop) = stop_signal()?;
    let keys = Keys::open(&config)?;
    let (_lock, holdings) = open(&config)?;
    // An index that is made anew knows of no lease yet that belongs to bytes which are here.
    let known = holdings.index.genesis()?.is_some();
    let Some((met, follower, sight)) = first_look(&config, &holdings, &mut stop).await? else {
        return Ok(());
    };
    warn_of_others(&config, &keys, &sight);
    if known {
        sweep(&holdings, &sight).await?;
    }
    let service = service(&config, holdings, &met).await?;
    let served = serve(&config, &service, stop.clone()).await?;
    tracing::info!(peer = %service.peer, listen = %served[0].address, leases = sight.leases.len(), "serving");

    let (damaged, told) = mpsc::channel(DAMAGED);
    let sender = Sender::new(met.chain.clone(), keys.operator, keys.fee_payer);
    let repairs = Repairs::new(met.chain.clone(), service.peer, config.repair_gateway.clone());
    let repairs = repairs
        .map_err(|e| Failure::outside(format!("no HTTP client ({e}); please report this")))?;
    let pace = Pace { every_days: config.scrub.every_days, bytes_per_sec: config.scrub.rate.0 };
    let tender = Tender { service: service.clone(), repairs, pace, damaged: told };
    let engine = Engine::new(config, met.chain, follower, service.clone(), sender, damaged);
    let recovering = tokio::spawn(recovering(service.clone(), sight, stop.clone()));
    let tending = tokio::spawn(tender.run(stop.clone()));
    let mut engine = tokio::spawn(engine.run(stop.clone()));
    let ended = tokio::select! {
        ended = &mut engine => Some(ended),
        _ = stop.changed() => None,
    };
    match ended {
        None => tracing::info!("told to stop; finishing what is under way"),
        // Without duties, nothing is to be served either.
        Some(_) => drop(tell.send_replace(true)),
    }
    let engine = async {
        match ended {
            None => engine.await,
            Some(ended) => ended,
        }
    };
    let http = futures_util::future::join_all(served.into_iter().map(|listening| listening.done));
    let rest = async { tokio::join!(engine, http, recovering, tending).0 };
    match tokio::time::timeout(FAREWELL, rest).await {
        Ok(Ok(ended)) => ended.map_err(Failure::from),
        Ok(Err(panic)) => Err(Failure::outside(format!(
            "a part of the daemon died ({panic}); please report this"
        ))),
        Err(_) => {
            tracing::warn!(
                "stopped with a transaction under way; the next start looks what became of it"
            );
            Ok(())
        }
    }
}

async fn recovering(service: Arc<Service>, sight: Sight, mut stop: watch::Receiver<bool>) {
    let recovered = tokio::select! {
        biased;
        _ = stop.changed() => return,
        recovered = recover(&service, &sight) => recovered,
    };
    if let Err(error) = recovered {
        tracing::error!(%error, "stored bytes could not be looked through");
    }
}

/// True once the daemon is told to stop.
fn stop_signal() -> Result<(Arc<watch::Sender<bool>>, watch::Receiver<bool>), Failure> {
    let failed =
        |e| Failure::outside(format!("cannot listen for signals ({e}); please report this"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let (tell, stop) = watch::channel(false);
    let tell = Arc::new(tell);
    let told = tell.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
        told.send_replace(true);
    });
    Ok((tell, stop))
}

struct Keys {
    operator: Arc<FileWallet>,
    fee_payer: Arc<FileWallet>,
}

impl Keys {
    fn open(config: &Config) -> Result<Self, Failure> {
        let operator = Arc::new(FileWallet::open(&config.operator)?);
        let fee_payer = Arc::new(FileWallet::open(&config.fee_payer)?);
        Ok(Self { operator, fee_payer })
    }
}

/// Everything on this machine, for this process alone.
fn open(config: &Config) -> Result<(DirLock, Holdings), Failure> {
    let peer = address::peer(&config.profile_address()?);
    let lock = data_dir::lock(&config.data_dir)?.ok_or_else(|| {
        let shown = config.data_dir.display();
        Failure::input(format!(
            "another aceso-peer runs on data_dir {shown}; stop it first, or give this one a directory of its own"
        ))
    })?;
    let index = Arc::new(Index::open(&config.data_dir.join("index.redb"), &peer)?);
    let trees = TreeStore::open(config.data_dir.join("trees"))?;
    let storage = storage::open(config)?;
    Ok((lock, Holdings::open(storage, trees, index, config.quota.0)?))
}

/// The chain, and the time that is shared by all that listen to it.
struct Met {
    chain: Chain,
    clock: Arc<ChainClock>,
}

/// Waits for a node that answers, for as long as it takes. Nothing can be decided before: neither who may read, nor what
/// is due.
async fn first_look(
    config: &Config,
    holdings: &Holdings,
    stop: &mut watch::Receiver<bool>,
) -> Result<Option<(Met, Follower, Sight)>, Failure> {
    let profile = config.profile_address()?;
    let clock = Arc::new(ChainClock::default());
    let look = async || {
        let chain = chain::connect(config, LOOK_PATIENCE).await?;
        let mut follower =
            Follower::new(chain.clone(), profile, holdings.index.clone(), clock.clone())?;
        let sight = follower.look(true).await?;
        Ok((Met { chain, clock: clock.clone() }, follower, sight))
    };
    loop {
        let looked = tokio::select! {
            biased;
            _ = stop.changed() => return Ok(None),
            looked = look() => looked,
        };
        match looked {
            Ok(found) => return Ok(Some(found)),
            Err(FollowError::Chain(error)) => {
                tracing::warn!(error = reason(&error), "waiting for the chain");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            biased;
            _ = stop.changed() => return Ok(None),
            () = tokio::time::sleep(RETRY) => (),
        }
    }
}

/// What the chain says of this peer should be what is configured here; what still works, works.
fn warn_of_others(config: &Config, keys: &Keys, sight: &Sight) {
    let operator = keys.operator.pubkey();
    if sight.peer.operator != operator {
        tracing::error!(key = %operator, registered = %sight.peer.operator, "the operator's key is not the one on the chain; no lease can be accepted: `aceso-peer update`, or name the right key file");
    }
    let found = endpoint(&sight.peer).unwrap_or_default();
    if found.trim_end_matches('/') != config.endpoint.trim_end_matches('/') {
        tracing::error!(
            configured = config.endpoint,
            registered = found,
            "the endpoint is not the one on the chain; clients go there and sign for it: `aceso-peer update`, or correct the configuration"
        );
    }
}

async fn service(config: &Config, holdings: Holdings, met: &Met) -> Result<Arc<Service>, Failure> {
    let peer: Pubkey = address::peer(&config.profile_address()?);
    // A node of its own patience, but the same chain: what one has seen, the other does not go back behind.
    let asked = chain::connect(config, CLIENT_PATIENCE)
        .await
        .map_err(|error| Failure::outside(reason(&error)))?;
    asked.rpc.saw_slot(met.chain.rpc.seen_slot());
    let replays = Replays::since(holdings.index.clock_secs()?);
    Ok(Arc::new(Service {
        peer,
        holdings: Arc::new(holdings),
        accounts: Arc::new(ChainAccounts::new(asked, met.clock.clone())),
        verifier: Verifier::new(&peer, config.authority()?),
        replays,
        health: Arc::new(Health::default()),
        metrics: Arc::new(Metrics::default()),
        uploads: Semaphore::new(config.limits.uploads),
        idle: Duration::from_secs(config.limits.idle_secs),
        arrived: Notify::new(),
    }))
}

/// Listens; the first is for clients.
async fn serve(
    config: &Config,
    service: &Arc<Service>,
    stop: watch::Receiver<bool>,
) -> Result<Vec<Listening>, Failure> {
    let tls = match &config.tls {
        None => None,
        Some(tls) => {
            let files = TlsFiles { certificate: tls.certificate.clone(), key: tls.key.clone() };
            Some(Arc::new(files.server_config()?))
        }
    };
    let idle = Duration::from_secs(config.limits.idle_secs);
    let failed = |address, e: std::io::Error| {
        Failure::input(format!("cannot listen on {address} ({e}); free the port or name another"))
    };
    let mut all = Vec::new();
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|e| failed(address, e))?;
    let limits = Limits { connections: config.limits.connections, idle };
    let clients = listen(listener, router(service.clone()), tls, limits, told(stop.clone()));
    all.push(clients.map_err(|e| failed(address, e))?);
    if let Some(address) = config.metrics_listen {
        let listener = TcpListener::bind(address).await.map_err(|e| failed(address, e))?;
        let limits = Limits { connections: SCRAPES, idle };
        let router = metrics_router(service.metrics.clone());
        let scrapes = listen(listener, router, None, limits, told(stop));
        all.push(scrapes.map_err(|e| failed(address, e))?);
    }
    Ok(all)
}

async fn told(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|told| *told).await;
}
