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
    multipart::{self, Form},
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
        let name = format!("the Kubo node at {}", crate::place::shown(api.as_str()));
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

    /// Passes leaves on as fast as the node takes them. An error breaks the upload off: a node pins only what arrived to
    /// its end.
    async fn feed(
        &self,
        source: &mut dyn LeafSource,
        upload: mpsc::Sender<Part>,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        let mut tree = TreeBuilder::new();
        loop {
            let next = source.next().await.map_err(BlobError::Source);
            let part = match next {
                Ok(Some(leaf)) => {
                    push_leaf(&mut tree, &leaf, |_| ())?;
                    leaf.into_bytes()
                }
                Ok(None) => break,
                Err(error) => return Err(error),
            };
            self.pass_on(&upload, Part::Bytes(part)).await?;
        }
        let found = tree.finish(|_| ());
        if let Some(expected) = expected.filter(|e| *e != found) {
            let error = BlobError::Unexpected {
                expected: expected.cid_string(),
                found: found.cid_string(),
            };
            return Err(error);
        }
        self.pass_on(&upload, Part::End).await?;
        Ok(found)
    }

    async fn pass_on(&self, upload: &mpsc::Sender<Part>, part: Part) -> Result<(), BlobError> {
        match tokio::time::timeout(self.server.patience, upload.send(part)).await {
            Ok(Ok(())) => Ok(()),
            // The node hung up: what it says in its answer is the better error.
            Ok(Err(_)) => {
                Err(BlobError::Down { store: self.describe(), reason: "upload refused".into() })
            }
            Err(_) => Err(self.server.slow()),
        }
    }
}

/// What goes to the node. An upload that stops without its end is broken off: a node that wakes up later must not take a
/// part for the whole.
enum Part {
    Bytes(Bytes),
    End,
}

fn body_of(parts: mpsc::Receiver<Part>) -> Body {
    Body::wrap_stream(stream::unfold(Some(parts), |parts| async {
        let mut parts = parts?;
        match parts.recv().await {
            Some(Part::Bytes(bytes)) => Some((Ok(bytes), Some(parts))),
            Some(Part::End) => None,
            None => Some((Err(std::io::Error::other("put broken off")), None)),
        }
    }))
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
        let file = multipart::Part::stream(body_of(parts)).file_name("blob");
        let form = Form::new().part("file", file);
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
