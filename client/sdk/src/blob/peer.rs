use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aceso_format::{BlobAddress, address::Branch};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use reqwest::{
    Body, Client, Method, RequestBuilder, StatusCode, Url,
    header::{ACCEPT, CONTENT_LENGTH},
    redirect::Policy,
};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{
    BlobError, BlobStore, Block, CopyRecipe, LeafSource,
    http::{Server, printable},
};
use crate::{
    chain::{Pubkey, Rpc, Signer},
    file::Progress,
    peer::{PeerRequest, endpoint, sign},
};

const PATIENCE: Duration = Duration::from_secs(20);
/// A peer has to check all of an upload before it answers.
const CHECKING: Duration = Duration::from_secs(120);
const RAW: &str = "application/vnd.ipld.raw";
/// The longest answer to an upload.
const ANSWER_LEN: u64 = 64 << 10;
/// How long the chain's time is used before it is asked for again. Signatures live for a minute.
const TIME_LIFE: Duration = Duration::from_secs(15);
/// How often a request is sent to a peer that is away for a moment.
const TRIES: u32 = 3;
/// And an upload to one that says that it cannot take it at the moment.
const BUSY_TRIES: u32 = 6;
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// Who asks peers: a wallet, and the profile that it acts for.
#[derive(Clone)]
pub struct PeerCaller {
    wallet: Arc<dyn Signer + Send + Sync>,
    profile: Pubkey,
    rpc: Rpc,
    time: Arc<Mutex<Option<(i64, Instant)>>>,
}

impl PeerCaller {
    pub fn new(wallet: Arc<dyn Signer + Send + Sync>, profile: Pubkey, rpc: Rpc) -> Self {
        Self { wallet, profile, rpc, time: Arc::default() }
    }

    /// The chain's, which peers go by: neither side's own clock matters.
    async fn now_secs(&self, fresh: bool) -> Result<i64, String> {
        let known = *self.time.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((secs, at)) = known.filter(|(_, at)| !fresh && at.elapsed() < TIME_LIFE) {
            let _ = at;
            return Ok(secs);
        }
        let secs = self.rpc.time().await.map_err(|error| error.to_string())?.unix_secs;
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = Some((secs, Instant::now()));
        Ok(secs)
    }
}

/// A storage peer. What it sends is checked block by block, as from anybody; who asks is signed, because peers give
/// records only to those whom the chain lets read them.
#[derive(Clone)]
pub struct PeerStore {
    server: Server,
    base: Url,
    peer: Pubkey,
    caller: PeerCaller,
}

/// How a peer refuses.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    what_to_do: Option<String>,
}

impl PeerStore {
    /// `url`: as the peer's account has it; a stranger wrote it.
    pub fn new(peer: Pubkey, url: &str, caller: PeerCaller) -> Result<Self, BlobError> {
        let base = endpoint(url, caller.rpc.url()).map_err(|reason| BlobError::BadLocation {
            what: "a storage peer",
            address: crate::place::shown(url),
            reason,
        })?;
        let name = format!("the peer at {}", crate::place::shown(base.as_str()));
        // A signature is for this host; a redirect would carry it to another.
        let builder = Client::builder().redirect(Policy::none());
        let builder = if base.scheme() == "http" { builder.no_proxy() } else { builder };
        Ok(Self { server: Server::new(name, PATIENCE, builder)?, base, peer, caller })
    }

    pub fn peer(&self) -> Pubkey {
        self.peer
    }

    /// Brings the bytes of an offered lease, or of an amendment. Nothing is sent where the peer has them already, so an
    /// upload that broke off is begun again at no other cost.
    pub async fn upload(
        &self,
        lease: &Pubkey,
        blob: &BlobAddress,
        recipe: &CopyRecipe,
        progress: &dyn Progress,
    ) -> Result<(), BlobError> {
        match self.has(blob).await {
            Ok(true) => {
                progress.advance(blob.len, Some(blob.len));
                return Ok(());
            }
            // Asked three times already; an upload would only take longer to find that out.
            Err(error @ (BlobError::Down { .. } | BlobError::Slow { .. })) => return Err(error),
            // Whatever it says of bytes that it does not have yet, the upload is what counts.
            _ => {}
        }
        let mut tries = 1;
        loop {
            let error = match self.upload_once(lease, blob.len, recipe, progress, tries > 1).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let pause = match &error {
                // It has just started, and takes no signature from before, or has its hands full.
                BlobError::PeerRefused { status: 503, .. } if tries < BUSY_TRIES => BUSY_PAUSE,
                error if tries < TRIES && (error.is_transient() || is_unsigned(error)) => {
                    Duration::from_millis(300 << (2 * (tries - 1)))
                }
                _ => return Err(error),
            };
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn upload_once(
        &self,
        lease: &Pubkey,
        len: u64,
        recipe: &CopyRecipe,
        progress: &dyn Progress,
        fresh: bool,
    ) -> Result<(), BlobError> {
        let (give, take) = mpsc::channel::<std::io::Result<Bytes>>(2);
        let body =
            stream::unfold(
                take,
                |mut take| async move { take.recv().await.map(|part| (part, take)) },
            );
        let path = format!("leases/{lease}");
        let request = self.signed(Method::PUT, &path, None, Some(len), fresh).await?;
        let request = request.header(CONTENT_LENGTH, len).body(Body::wrap_stream(body));
        let server = self.server.clone();
        let mut sending = Sending(tokio::spawn(async move {
            let response = request.send().await.map_err(|e| server.failed(&e))?;
            let status = response.status();
            Ok((status, server.body(response, ANSWER_LEN).await?))
        }));
        let (mut reader, mut done) = (recipe.read(), 0);
        while let Some(bytes) = reader.next().await? {
            done += bytes.len() as u64;
            match tokio::time::timeout(PATIENCE, give.send(Ok(bytes))).await {
                // The peer has answered before it had all.
                Ok(Err(_)) => break,
                Ok(Ok(())) => progress.advance(done, Some(len)),
                Err(_) => return Err(self.server.slow()),
            }
        }
        drop(give);
        let answer = tokio::time::timeout(CHECKING, &mut sending.0).await;
        let answer = answer.map_err(|_| self.server.slow())?;
        let (status, body): (StatusCode, Bytes) =
            answer.map_err(|e| BlobError::Worker(e.to_string()))??;
        if status.is_success() { Ok(()) } else { Err(self.refused(status, &body)) }
    }

    async fn signed(
        &self,
        method: Method,
        path: &str,
        query: Option<&str>,
        content_length: Option<u64>,
        fresh: bool,
    ) -> Result<RequestBuilder, BlobError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url.set_query(query);
        let unsigned = |reason| BlobError::Unsigned { store: self.describe(), reason };
        let now_secs = self.caller.now_secs(fresh).await.map_err(unsigned)?;
        let (peer, profile) = (self.peer, self.caller.profile);
        let method_text = method.clone();
        let request =
            PeerRequest { method: method_text.as_str(), url: &url, peer, profile, content_length };
        let headers = sign(&request, &*self.caller.wallet, now_secs)
            .map_err(|error| unsigned(error.to_string()))?;
        let mut request = self.server.client.request(method, url.clone());
        for (name, value) in headers.pairs() {
            request = request.header(name, value);
        }
        Ok(request)
    }

    /// Each try is signed anew: a peer takes no signature twice.
    async fn ask(
        &self,
        method: Method,
        cid: &str,
        cap: u64,
    ) -> Result<(StatusCode, Bytes), BlobError> {
        let mut tries = 1;
        loop {
            let path = format!("ipfs/{cid}");
            let request =
                self.signed(method.clone(), &path, Some("format=raw"), None, tries > 1).await?;
            let answer = self.server.ask_once(request.header(ACCEPT, RAW), cap).await;
            let again = match &answer {
                Err(error) => error.is_transient(),
                // The chain's time may have moved on since it was asked for.
                Ok((status, _)) => {
                    matches!(status.as_u16(), 401 | 429 | 502 | 503 | 504)
                }
            };
            if !again || tries == TRIES {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100 << (2 * (tries - 1)))).await;
            tries += 1;
        }
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> BlobError {
        match serde_json::from_slice::<Refusal>(body) {
            Ok(Refusal { error, what_to_do }) => {
                let advice = what_to_do.map(|advice| format!("; {advice}")).unwrap_or_default();
                let said = printable(format!("{error}{advice}").as_bytes());
                BlobError::PeerRefused { store: self.describe(), status: status.as_u16(), said }
            }
            Err(_) => self.server.refused(status, body),
        }
    }

    fn read_only<T>(&self) -> Result<T, BlobError> {
        Err(BlobError::ReadOnly { store: self.describe() })
    }
}

/// An upload under way; dropping it breaks it off.
struct Sending(tokio::task::JoinHandle<Result<(StatusCode, Bytes), BlobError>>);

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn is_unsigned(error: &BlobError) -> bool {
    matches!(error, BlobError::PeerRefused { status: 401, .. })
}

#[async_trait]
impl BlobStore for PeerStore {
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
        let cid = branch.cid.text();
        let (status, body) = self.ask(Method::GET, &cid, Block::cap(branch)).await?;
        match status {
            status if status.is_success() => {
                Block::verify(&self.server.name, blob, branch, body).await
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Err(BlobError::NotFound { store: self.describe(), blob: blob.cid_string() })
            }
            status => Err(self.refused(status, &body)),
        }
    }

    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        let (status, body) = self.ask(Method::HEAD, &blob.cid_string(), 0).await?;
        match status {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
            status => Err(self.refused(status, &body)),
        }
    }

    async fn pin(&self, _: &BlobAddress) -> Result<(), BlobError> {
        self.read_only()
    }

    async fn unpin(&self, _: &BlobAddress) -> Result<(), BlobError> {
        self.read_only()
    }
}
