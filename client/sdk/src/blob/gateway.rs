use std::time::Duration;

use aceso_format::{BlobAddress, address::Branch};
use async_trait::async_trait;
use reqwest::{
    Client, RequestBuilder, StatusCode, Url,
    header::ACCEPT,
    redirect::{Attempt, Policy},
};

use super::{BlobError, BlobStore, Block, LeafSource, http::Server};

const PATIENCE: Duration = Duration::from_secs(30);
const RAW: &str = "application/vnd.ipld.raw";

/// Any trustless gateway (specs.ipfs.tech/http-gateways/trustless-gateway): one block per request,
/// checked here.
#[derive(Clone, Debug)]
pub struct GatewayStore {
    server: Server,
    base: Url,
}

impl GatewayStore {
    /// `base` is what stands before `/ipfs/`: `https://gateway.example`.
    pub fn new(base: &str) -> Result<Self, BlobError> {
        Self::with_patience(base, PATIENCE)
    }

    /// `patience`: how long the gateway may take over one block.
    pub fn with_patience(base: &str, patience: Duration) -> Result<Self, BlobError> {
        let bad = |reason: String| BlobError::BadLocation {
            what: "an IPFS gateway",
            address: base.to_owned(),
            reason,
        };
        let base = Url::parse(base.trim())
            .map_err(|e| bad(format!("{e}; write https://gateway.example")))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(bad("it is not http".to_owned()));
        }
        let name = format!("the gateway at {}", crate::place::shown(base.as_str()));
        // A redirect to another host would let one gateway choose who learns what is read.
        let builder = Client::builder().redirect(Policy::custom(follow_on_host));
        Ok(Self { server: Server::new(name, patience, builder)?, base })
    }

    fn request(&self, cid: &str, head: bool) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/ipfs/{cid}", self.base.path().trim_end_matches('/')));
        url.set_query(Some("format=raw"));
        let client = &self.server.client;
        if head { client.head(url) } else { client.get(url) }.header(ACCEPT, RAW)
    }

    fn refused(&self, blob: &BlobAddress, status: StatusCode, body: &[u8]) -> BlobError {
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                BlobError::NotFound { store: self.describe(), blob: blob.cid_string() }
            }
            StatusCode::GATEWAY_TIMEOUT => self.server.slow(),
            status if status.is_redirection() => self.server.refused(
                status,
                b"it redirects to another host; name that host as the gateway if you trust it",
            ),
            status => self.server.refused(status, body),
        }
    }

    fn read_only<T>(&self) -> Result<T, BlobError> {
        Err(BlobError::ReadOnly { store: self.describe() })
    }
}

#[async_trait]
impl BlobStore for GatewayStore {
    fn describe(&self) -> String {
        self.server.name.clone()
    }

    async fn put(
        &self,
        _: &mut dyn LeafSource,
        _: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        self.read_only()
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        let request = self.request(&branch.cid.text(), false);
        let (status, body) = self.server.ask(request, Block::cap(branch)).await?;
        if !status.is_success() {
            return Err(self.refused(blob, status, &body));
        }
        Block::verify(&self.server.name, blob, branch, body).await
    }

    /// A gateway that serves the root may still lack a leaf: only reading shows it.
    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        let (status, body) = self.server.ask(self.request(&blob.cid_string(), true), 0).await?;
        match self.refused(blob, status, &body) {
            _ if status.is_success() => Ok(true),
            BlobError::NotFound { .. } => Ok(false),
            error => Err(error),
        }
    }

    async fn pin(&self, _: &BlobAddress) -> Result<(), BlobError> {
        self.read_only()
    }

    async fn unpin(&self, _: &BlobAddress) -> Result<(), BlobError> {
        self.read_only()
    }
}

fn follow_on_host(attempt: Attempt) -> reqwest::redirect::Action {
    let same =
        attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    if same && attempt.previous().len() <= 3 { attempt.follow() } else { attempt.stop() }
}
