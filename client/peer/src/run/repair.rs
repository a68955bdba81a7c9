//! Bytes that a disk has lost, from another copy. What comes is measured as an upload is: only the leased bytes stay.

use std::time::Duration;

use aceso::state::{Lease, Peer};
use aceso_sdk::chain::{Chain, Pubkey};

use crate::{
    chain::reason,
    holdings::{Holdings, Leased},
    permission::is_public,
    storage::hex,
};

const CONNECT: Duration = Duration::from_secs(10);
/// Between two bytes.
const IDLE: Duration = Duration::from_secs(30);

/// Where other copies may be.
pub struct Repairs {
    chain: Chain,
    peer_at: Pubkey,
    gateway: Option<String>,
    client: reqwest::Client,
}

impl Repairs {
    /// Redirects are not followed: an endpoint is somebody else's word.
    pub fn new(chain: Chain, peer_at: Pubkey, gateway: Option<String>) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { chain, peer_at, gateway, client })
    }

    /// Whether the bytes are here again.
    pub async fn refetch(
        &self,
        holdings: &Holdings,
        leased: &Leased,
        leases: &[Lease],
        now_secs: i64,
    ) -> bool {
        let object = hex(&leased.address.digest);
        for (source, url) in self.sources(leased, leases).await {
            match self.fetch(&url, holdings, leased, now_secs).await {
                Ok(()) => {
                    tracing::info!(object, source, "lost bytes are back, from another copy");
                    return true;
                }
                Err(why) => tracing::info!(object, source, why, "no copy there"),
            }
        }
        false
    }

    /// What it is called in the log, and its URL: a gateway's may hold a token.
    async fn sources(&self, leased: &Leased, leases: &[Lease]) -> Vec<(String, String)> {
        let gateway = self.gateway.clone().map(|url| ("repair_gateway".to_owned(), url));
        let mut sources: Vec<(String, String)> = gateway.into_iter().collect();
        // Other peers give out copies of records to their readers only.
        if leases.iter().any(|lease| is_public(lease.kind)) {
            match self.others(leased).await {
                Ok(others) => sources.extend(others.into_iter().map(|url| (url.clone(), url))),
                Err(error) => {
                    tracing::info!(error = reason(&error), "other peers' copies are unknown");
                }
            }
        }
        sources
    }

    /// Endpoints of the peers with a live lease on the same bytes. The one question for which accounts are searched: it is
    /// rare, and the digest leaves few.
    async fn others(&self, leased: &Leased) -> Result<Vec<String>, aceso_sdk::chain::ChainError> {
        let same = self.chain.list::<Lease>(&[("digest", &leased.address.digest)]).await?;
        let mut endpoints = Vec::new();
        for lease in same.iter().filter(|l| l.is_live() && l.peer != self.peer_at) {
            let peer = self.chain.find::<Peer>(&lease.peer).await?;
            endpoints.extend(peer.and_then(|peer| endpoint(&peer)));
        }
        endpoints.dedup();
        Ok(endpoints)
    }

    async fn fetch(
        &self,
        url: &str,
        holdings: &Holdings,
        leased: &Leased,
        now_secs: i64,
    ) -> Result<(), String> {
        let (base, cid) = (url.trim_end_matches('/'), leased.address.cid_string());
        let answer = self.client.get(format!("{base}/ipfs/{cid}")).send().await;
        let answer = answer.map_err(|error| error.without_url().to_string())?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("it answers {}", answer.status()));
        }
        holdings
            .receive(leased, answer.bytes_stream(), now_secs)
            .await
            .map_err(|error| error.to_string())
    }
}

/// A peer's URL on the chain.
pub fn endpoint(peer: &Peer) -> Option<String> {
    let bytes = peer.endpoint.get(..usize::from(peer.endpoint_len))?;
    String::from_utf8(bytes.to_vec()).ok()
}
