use std::time::Duration;

use aceso_format::{
    BlobAddress,
    address::{Branch, TreeBuilder},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use reqwest::{
    Body, Client, RequestBuilder, Url,
    multipart::{Form, Part},
    redirect::Policy,
};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{BlobError, BlobStore, Block, LeafSource, http::Server, leaf::push_leaf};

/// Everything that decides a CID, said in every request: a node of default settings would answer
/// another one.
const ADD: &[(&str, &str)] = &[
    ("cid-version", "1"),
    ("raw-leaves", "true"),
    ("chunker", "size-1048576"),
    ("max-file-links", "1024"),
    ("pin", "true"),
    ("quieter", "true"),
];
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer of an RPC call other than `block/get`.
const ANSWER_LEN: u64 = 64 << 10;

/// A Kubo node, through its RPC API.
#[derive(Clone, Debug)]
pub struct KuboStore {
    server: Server,
    api: Url,
}

#[derive(Deserialize)]
struct Added {
    #[serde(rename = "Hash")]
    cid: String,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "Message")]
    message: String,
}

impl KuboStore {
    /// `api` as a URL (`http://127.0.0.1:5001`) or as Kubo writes it into its `api` file
    /// (`/ip4/127.0.0.1/tcp/5001`).
    pub fn new(api: &str) -> Result<Self, BlobError> {
        Self::with_patience(api, PATIENCE)
    }

    /// `patience`: how long the node may take over one block or one call, and between two parts of
    /// an upload.
    pub fn with_patience(api: &str, patience: Duration) -> Result<Self, BlobError> {
        let api = api_url(api)?;
        let name = format!("the Kubo node at {}", api.as_str().trim_end_matches('/'));
        // The node is asked directly: a proxy of the environment would be one more place that
        // learns what is read.
        let builder = Client::builder().redirect(Policy::none()).no_proxy();
        Ok(Self { server: Server::new(name, patience, builder)?, api })
    }

    fn call(&self, verb: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.api.clone();
        url.set_path(&format!("/api/v0/{verb}"));
        self.server.client.post(url).query(query)
    }

    fn timeout(&self) -> String {
        format!("{}ms", self.server.patience.as_millis())
    }

    async fn answer(
        &self,
        blob: &BlobAddress,
        request: RequestBuilder,
        cap: u64,
    ) -> Result<Bytes, BlobError> {
        let (status, body) = self.server.ask(request, cap).await?;
        if status.is_success() {
            return Ok(body);
        }
        let message = failure(&body);
        if message.contains("deadline exceeded") || message.contains("timed out") {
            return Err(self.server.slow());
        }
        if message.contains("could not find") || message.contains("not found") {
            return Err(BlobError::NotFound { store: self.describe(), blob: blob.cid_string() });
        }
        Err(self.server.refused(status, message.as_bytes()))
    }

    async fn unpin_cid(&self, cid: &str) -> Result<(), BlobError> {
        let (status, body) =
            self.server.ask(self.call("pin/rm", &[("arg", cid)]), ANSWER_LEN).await?;
        if status.is_success() || failure(&body).contains("not pinned") {
            return Ok(());
        }
        Err(self.server.refused(status, failure(&body).as_bytes()))
    }

    /// Passes leaves on as fast as the node takes them. An error is passed on too, which breaks the
    /// upload off: a node pins only what arrived to its end.
    async fn feed(
        &self,
        source: &mut dyn LeafSource,
        upload: mpsc::Sender<Result<Bytes, std::io::Error>>,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        let mut tree = TreeBuilder::new();
        loop {
            let next = source.next().await.map_err(BlobError::Source);
            let part = match next {
                Ok(Some(leaf)) => {
                    if let Err(error) = push_leaf(&mut tree, &leaf, |_| ()) {
                        return Err(break_off(&upload, error).await);
                    }
                    leaf.into_bytes()
                }
                Ok(None) => break,
                Err(error) => return Err(break_off(&upload, error).await),
            };
            match tokio::time::timeout(self.server.patience, upload.send(Ok(part))).await {
                Ok(Ok(())) => {}
                // The node hung up: what it says in its answer is the better error.
                Ok(Err(_)) => {
                    return Err(BlobError::Down {
                        store: self.describe(),
                        reason: "upload refused".into(),
                    });
                }
                Err(_) => return Err(self.server.slow()),
            }
        }
        let found = tree.finish(|_| ());
        if let Some(expected) = expected.filter(|e| *e != found) {
            let error = BlobError::Unexpected {
                expected: expected.cid_string(),
                found: found.cid_string(),
            };
            return Err(break_off(&upload, error).await);
        }
        Ok(found)
    }
}

#[async_trait]
impl BlobStore for KuboStore {
    fn describe(&self) -> String {
        self.server.name.clone()
    }

    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        let (upload, parts) = mpsc::channel(2);
        let body = Body::wrap_stream(stream::unfold(parts, |mut parts: mpsc::Receiver<_>| async {
            parts.recv().await.map(|part| (part, parts))
        }));
        let form = Form::new().part("file", Part::stream(body).file_name("blob"));
        let request = self.call("add", ADD).multipart(form);
        let answering = async {
            let response = request.send().await.map_err(|e| self.server.failed(&e))?;
            let status = response.status();
            Ok((status, self.server.body(response, ANSWER_LEN).await?))
        };
        tokio::pin!(answering);

        let feeding = self.feed(source, upload, expected);
        tokio::pin!(feeding);
        let (fed, early) = tokio::select! {
            fed = &mut feeding => (fed, None),
            answer = &mut answering => (feeding.await, Some(answer)),
        };
        let answer = match early {
            Some(answer) => Ok(answer),
            None => tokio::time::timeout(self.server.patience, answering).await,
        };
        let ours = match fed {
            Ok(ours) => ours,
            Err(error @ BlobError::Down { .. }) => {
                return Err(refusal(self, answer).unwrap_or(error));
            }
            Err(error) => return Err(error),
        };
        let (status, body) = answer.unwrap_or_else(|_| Err(self.server.slow()))?;
        if !status.is_success() {
            return Err(self.server.refused(status, failure(&body).as_bytes()));
        }
        let stored =
            serde_json::from_slice::<Added>(&body).map(|added| added.cid).unwrap_or_default();
        let expected = ours.cid_string();
        if stored != expected {
            if is_cid(&stored) {
                self.unpin_cid(&stored).await?;
            }
            return Err(BlobError::StoredElsewhere { store: self.describe(), expected, stored });
        }
        Ok(ours)
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        let request =
            self.call("block/get", &[("arg", &*branch.cid.text()), ("timeout", &self.timeout())]);
        let bytes = self.answer(blob, request, Block::cap(branch)).await?;
        Block::verify(&self.server.name, blob, branch, bytes).await
    }

    /// Pinned means whole; a root alone in the node's cache does not.
    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        let query =
            [("arg", &*blob.cid_string()), ("type", "recursive"), ("timeout", &self.timeout())];
        let (status, body) = self.server.ask(self.call("pin/ls", &query), ANSWER_LEN).await?;
        match status.is_success() {
            true => Ok(true),
            false if failure(&body).contains("not pinned") => Ok(false),
            false => Err(self.server.refused(status, failure(&body).as_bytes())),
        }
    }

    async fn pin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        let request =
            self.call("pin/add", &[("arg", &*blob.cid_string()), ("timeout", &self.timeout())]);
        self.answer(blob, request, ANSWER_LEN).await.map(drop)
    }

    async fn unpin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.unpin_cid(&blob.cid_string()).await
    }
}

async fn break_off(
    upload: &mpsc::Sender<Result<Bytes, std::io::Error>>,
    error: BlobError,
) -> BlobError {
    // A node that has hung up already needs no telling.
    let _ = upload.send(Err(std::io::Error::other("put broken off"))).await;
    error
}

type Answer = Result<(reqwest::StatusCode, Bytes), BlobError>;

/// Why the node hung up in the middle of an upload, when it said so.
fn refusal(
    store: &KuboStore,
    answer: Result<Answer, tokio::time::error::Elapsed>,
) -> Option<BlobError> {
    match answer {
        Ok(Ok((status, body))) if !status.is_success() => {
            Some(store.server.refused(status, failure(&body).as_bytes()))
        }
        Ok(Err(error)) => Some(error),
        _ => None,
    }
}

fn failure(body: &[u8]) -> String {
    match serde_json::from_slice::<Failure>(body) {
        Ok(failure) => failure.message,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

/// What a node calls a CID goes into a request of ours only when it looks like one.
fn is_cid(text: &str) -> bool {
    (8..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn api_url(api: &str) -> Result<Url, BlobError> {
    let bad = |reason: &str| BlobError::BadLocation {
        what: "a Kubo RPC API",
        address: api.to_owned(),
        reason: format!("{reason}; write http://127.0.0.1:5001 or /ip4/127.0.0.1/tcp/5001"),
    };
    let text = match api.trim().strip_prefix('/') {
        None => api.trim().to_owned(),
        Some(multiaddr) => match multiaddr.split('/').collect::<Vec<_>>()[..] {
            ["ip6", host, "tcp", port] => format!("http://[{host}]:{port}"),
            ["ip4" | "dns" | "dns4" | "dns6", host, "tcp", port] => format!("http://{host}:{port}"),
            ["ip4" | "dns" | "dns4" | "dns6", host, "tcp", port, "https"] => {
                format!("https://{host}:{port}")
            }
            _ => return Err(bad("this multiaddr has another form")),
        },
    };
    let url = Url::parse(&text).map_err(|e| bad(&e.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err(bad("it is not http")),
    }
}
