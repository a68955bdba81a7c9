//! Serves one file as an object on loopback, for comparison with other servers: see README.md, "Measured".
//!
//!     cargo run --release -p aceso-peer --example bench_serve -- 1024 127.0.0.1:7070
//!
//! prints the path to ask for, and on Ctrl-C its peak memory.

use std::{sync::Arc, time::Duration};

use aceso::state::{Delegate, Folder, Grant, Lease, LeaseKind, Peer, Profile, Record};
use aceso_format::{address::AddressBuilder, proof_tree::ProofBuilder};
use aceso_peer::{
    holdings::{Holdings, Leased},
    http::{Health, Limits, Service, listen, router},
    index::{Index, LeaseEntry},
    metrics::Metrics,
    permission::{Accounts, Unavailable},
    signature::{Replays, Verifier},
    storage::DirectoryStorage,
    tree_store::TreeStore,
};
use aceso_sdk::chain::Pubkey;
use async_trait::async_trait;
use bytemuck::Zeroable;
use bytes::Bytes;
use futures_util::stream;

const MIB: usize = 1 << 20;

/// A chain without accounts: what is served is for anyone.
struct Nobody;

macro_rules! nobody {
    ($($name:ident $type:ty;)+) => {
        #[async_trait]
        impl Accounts for Nobody {
            fn now_secs(&self) -> i64 {
                0
            }
            $(async fn $name(&self, _: &Pubkey) -> Result<Option<$type>, Unavailable> {
                Ok(None)
            })+
        }
    };
}

nobody! {
    profile Profile;
    folder Folder;
    record Record;
    grant Grant;
    delegate Delegate;
    peer Peer;
    lease Lease;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let blocks: usize = arguments.next().unwrap_or_else(|| "1024".to_owned()).parse()?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7070".to_owned());
    let folder = std::env::temp_dir().join("aceso-bench-serve");
    std::fs::create_dir_all(&folder)?;
    let peer = Pubkey::new_from_array([1; 32]);
    let holdings = Holdings::open(
        Arc::new(DirectoryStorage::open(folder.join("bytes"))?),
        TreeStore::open(folder.join("trees"))?,
        Arc::new(Index::open(&folder.join("index.redb"), &peer)?),
        u64::MAX,
    )?;
    let block = Bytes::from((0..MIB).map(|at| (at * 31 % 251) as u8).collect::<Vec<_>>());
    let (mut builder, mut proof) = (AddressBuilder::new(), ProofBuilder::new());
    for _ in 0..blocks {
        builder.push(&block, |_| ());
        proof.push(&block, |_| ());
    }
    let leased = Leased { address: builder.finish(|_| ()), root: proof.finish(|_| ())? };
    let mut account = Lease::zeroed();
    (account.kind, account.status, account.digest) =
        (LeaseKind::Bundle as u8, 1, leased.address.digest);
    holdings
        .index
        .saw(&[(Pubkey::new_from_array([2; 32]), Some(LeaseEntry { account, slot: 1 }))], None)?;
    if !holdings.holds(&leased)? {
        let begin = std::time::Instant::now();
        let body = stream::iter((0..blocks).map(|_| Ok::<_, String>(block.clone())));
        holdings.receive(&leased, body, 0).await?;
        println!("stored {blocks} MiB in {:.2} s", begin.elapsed().as_secs_f64());
    }
    let service = Service {
        peer,
        holdings: Arc::new(holdings),
        accounts: Arc::new(Nobody),
        verifier: Verifier::new(&peer, address.clone()),
        replays: Replays::since(0),
        health: Arc::new(Health::default()),
        metrics: Arc::new(Metrics::default()),
        uploads: tokio::sync::Semaphore::new(1),
        idle: Duration::from_secs(30),
        arrived: tokio::sync::Notify::new(),
    };
    let limits = Limits { connections: 64, idle: Duration::from_secs(30) };
    let listener = tokio::net::TcpListener::bind(&address).await?;
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    println!("http://{address}/ipfs/{}", leased.address.cid_string());
    listen(listener, router(Arc::new(service)), None, limits, stop)?.done.await?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default());
    Ok(())
}
