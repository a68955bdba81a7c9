use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode};

use super::{BlobError, buffer};

/// How long the other side may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How much of an error's text is worth showing.
const REASON_LEN: usize = 300;

/// One server, as the errors call it, and the patience that it is given.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub client: Client,
    pub name: String,
    pub patience: Duration,
}

impl Server {
    pub fn new(
        name: String,
        patience: Duration,
        builder: ClientBuilder,
    ) -> Result<Self, BlobError> {
        let client = builder
            .connect_timeout(CONNECT)
            .user_agent(concat!("aceso/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| BlobError::Down { store: name.clone(), reason: reason(&e) })?;
        Ok(Self { client, name, patience })
    }

    /// Sends one request and takes at most `cap` bytes of its answer, all within the server's
    /// patience. A server that is away for a moment (a closed connection, 429, 503) is asked twice
    /// more.
    pub async fn ask(
        &self,
        request: RequestBuilder,
        cap: u64,
    ) -> Result<(StatusCode, Bytes), BlobError> {
        let mut pause = Duration::from_millis(100);
        for _ in 0..2 {
            let Some(again) = request.try_clone() else { break };
            match self.ask_once(again, cap).await {
                Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
                Ok((status, _)) if is_busy(status) => tokio::time::sleep(pause).await,
                answer => return answer,
            }
            pause *= 4;
        }
        self.ask_once(request, cap).await
    }

    pub async fn ask_once(
        &self,
        request: RequestBuilder,
        cap: u64,
    ) -> Result<(StatusCode, Bytes), BlobError> {
        let exchange = async {
            let response = request.send().await.map_err(|e| self.failed(&e))?;
            let status = response.status();
            // The text of an error is of no set length; the rest of it is cut off.
            let cap = if status.is_success() { cap } else { 64 << 10 };
            Ok((status, self.body(response, cap).await?))
        };
        tokio::time::timeout(self.patience, exchange).await.unwrap_or_else(|_| Err(self.slow()))
    }

    /// Reads a body whatever its Content-Length says; more than `cap` bytes are other bytes than
    /// those asked for.
    pub async fn body(&self, mut response: Response, cap: u64) -> Result<Bytes, BlobError> {
        let success = response.status().is_success();
        let mut body = buffer::take(cap as usize);
        while let Some(part) = response.chunk().await.map_err(|e| self.failed(&e))? {
            if body.len() + part.len() > cap as usize {
                if success {
                    return Err(BlobError::Mismatch {
                        store: self.name.clone(),
                        expected: format!("{cap} bytes"),
                    });
                }
                break;
            }
            body.extend_from_slice(&part);
        }
        Ok(buffer::lend(body))
    }

    pub fn failed(&self, error: &reqwest::Error) -> BlobError {
        if error.is_timeout() {
            self.slow()
        } else {
            BlobError::Down { store: self.name.clone(), reason: reason(error) }
        }
    }

    pub fn slow(&self) -> BlobError {
        BlobError::Slow { store: self.name.clone(), seconds: self.patience.as_secs() }
    }

    pub fn refused(&self, status: StatusCode, body: &[u8]) -> BlobError {
        BlobError::Refused {
            store: self.name.clone(),
            status: status.as_u16(),
            reason: printable(body),
        }
    }
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// The innermost cause: reqwest's own sentence only repeats the URL, which may hold a token.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A stranger's text on somebody's terminal: no control characters, not much of it.
pub(super) fn printable(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(REASON_LEN)]);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}
