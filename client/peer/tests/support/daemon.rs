//! A daemon of parts: storage in a folder, index, chain of a map, and its HTTP on a socket.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use aceso::state::{Lease, LeaseKind};
use aceso_peer::{
    holdings::{Holdings, Leased},
    http::{Health, Limits, Listening, Service, listen, router},
    index::{Index, LeaseEntry},
    metrics::Metrics,
    signature::{Replays, Verifier},
    storage::{DirectoryStorage, Storage},
    tree_store::TreeStore,
};
use aceso_sdk::{
    chain::Pubkey,
    peer::{PeerRequest, sign},
};
use reqwest::{Method, RequestBuilder, Url};
use tempfile::TempDir;

use super::chain::{Chain, NOW, Person, SLOT};

pub const QUOTA: u64 = 64 << 20;

pub struct Daemon {
    pub chain: Arc<Chain>,
    pub service: Arc<Service>,
    pub address: SocketAddr,
    pub peer: Pubkey,
    pub folder: TempDir,
    pub listening: Listening,
    pub stop: Option<tokio::sync::oneshot::Sender<()>>,
}

pub fn leased(bytes: &[u8]) -> Leased {
    Leased { address: super::address(bytes), root: super::root(bytes) }
}

pub fn holdings(folder: &std::path::Path, peer: &Pubkey, quota: u64) -> Holdings {
    let storage: Arc<dyn Storage> = Arc::new(DirectoryStorage::open(folder.join("bytes")).unwrap());
    let trees = TreeStore::open(folder.join("trees")).unwrap();
    let index = Arc::new(Index::open(&folder.join("index.redb"), peer).unwrap());
    Holdings::open(storage, trees, index, quota).unwrap()
}

impl Daemon {
    pub async fn start() -> Self {
        Self::start_with(Limits { connections: 64, idle: Duration::from_secs(2) }, QUOTA).await
    }

    pub async fn start_with(limits: Limits, quota: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let peer = aceso_peer::permission::peer_address(&Pubkey::new_from_array([42; 32]));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let chain = Arc::new(Chain::default());
        let service = Arc::new(Service {
            peer,
            holdings: Arc::new(holdings(folder.path(), &peer, quota)),
            accounts: chain.clone(),
            verifier: Verifier::new(&peer, address.to_string()),
            replays: Replays::since(NOW - 1000),
            health: Arc::new(Health::default()),
            metrics: Arc::new(Metrics::default()),
            idle: limits.idle,
            uploads: tokio::sync::Semaphore::new(2),
            arrived: tokio::sync::Notify::new(),
        });
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let stopped = async move { drop(stopped.await) };
        let listening = listen(listener, router(service.clone()), None, limits, stopped).unwrap();
        Self { chain, service, address, peer, folder, listening, stop: Some(stop) }
    }

    pub fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        client().get(self.url(path))
    }

    /// A request that `who` signs.
    pub fn signed(
        &self,
        method: Method,
        path: &str,
        who: &Person,
        len: Option<u64>,
    ) -> RequestBuilder {
        let url = self.url(path);
        let request = PeerRequest {
            method: method.as_str(),
            url: &url,
            peer: self.peer,
            profile: who.profile,
            content_length: len,
        };
        let headers = sign(&request, &who.wallet, NOW).unwrap();
        let mut builder = client().request(method, url.clone());
        for (name, value) in headers.pairs() {
            builder = builder.header(name, value);
        }
        builder
    }

    pub fn upload(
        &self,
        lease: &Pubkey,
        who: &Person,
        bytes: impl Into<bytes::Bytes>,
    ) -> RequestBuilder {
        let bytes = bytes.into();
        self.signed(Method::PUT, &format!("/leases/{lease}"), who, Some(bytes.len() as u64))
            .body(bytes)
    }

    /// Bytes that are here already, under a live lease.
    pub async fn hold(
        &self,
        owner: &Person,
        scope: &Pubkey,
        kind: LeaseKind,
        bytes: &[u8],
    ) -> (Pubkey, Lease) {
        let leased = leased(bytes);
        let (at, lease) =
            self.chain.offer(owner, scope, kind, &self.peer, &leased, |lease| lease.status = 1);
        self.see(&at, lease);
        let body =
            futures_util::stream::iter([Ok::<_, String>(bytes::Bytes::copy_from_slice(bytes))]);
        self.service.holdings.receive(&leased, body, NOW).await.unwrap();
        (at, lease)
    }

    /// The index has heard of a lease.
    pub fn see(&self, at: &Pubkey, lease: Lease) {
        let entry = LeaseEntry { account: lease, slot: SLOT };
        self.service.holdings.index.saw(&[(*at, Some(entry))], None).unwrap();
    }
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Where a client asks for an object.
pub fn path(bytes: &[u8], query: &str) -> String {
    format!("/ipfs/{}{query}", super::address(bytes).cid_string())
}

/// What a refusal says: always both halves.
pub async fn refusal(answer: reqwest::Response) -> (reqwest::StatusCode, String) {
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body: serde_json::Value = answer.json().await.unwrap();
    assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    assert!(body["what_to_do"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    (status, body["error"].as_str().unwrap().to_owned())
}
