//! Answers that are not bytes: `{"error": …, "what_to_do": …}`, and what a refusal is as a status.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{
    holdings::HoldError, permission::Denied, signature::SignatureRefusal, storage::StorageError,
    tree_store::TreeError,
};

/// A refusal as the client gets it. Sentences are "what is wrong; what to do".
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    sentence: String,
    /// Seconds after which it is worth trying again.
    retry_after: Option<i64>,
}

impl Refusal {
    pub fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into(), retry_after: None }
    }

    pub fn retry_after(mut self, secs: i64) -> Self {
        self.retry_after = Some(secs);
        self
    }

    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "this peer does not serve that CID; ask another peer or gateway",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, what_to_do) = match self.sentence.rsplit_once("; ") {
            Some((error, advice)) => (error, Some(advice)),
            None => (&*self.sentence, None),
        };
        let body = json!({ "error": error, "what_to_do": what_to_do }).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(secs) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
        }
        response
    }
}

impl From<SignatureRefusal> for Refusal {
    fn from(refusal: SignatureRefusal) -> Self {
        let answer = |status| Self::new(status, refusal.to_string());
        match refusal {
            SignatureRefusal::Busy => answer(StatusCode::SERVICE_UNAVAILABLE).retry_after(60),
            SignatureRefusal::BeforeStart { wait_secs } => {
                answer(StatusCode::SERVICE_UNAVAILABLE).retry_after(wait_secs)
            }
            _ => answer(StatusCode::UNAUTHORIZED),
        }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match &denied {
            Denied::Unavailable(unavailable) => {
                tracing::warn!(reason = unavailable.0, "the chain cannot be asked");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "this peer cannot ask the chain at the moment; try again in a minute",
                )
                .retry_after(60)
            }
            _ => Self::new(StatusCode::FORBIDDEN, denied.to_string()),
        }
    }
}

/// Faults of ours: the log has the whole of it, the client learns only that it is not its own fault.
impl From<HoldError> for Refusal {
    fn from(error: HoldError) -> Self {
        match &error {
            HoldError::Storage(StorageError::NotFound { .. }) => return Self::not_found(),
            HoldError::Storage(e) | HoldError::Tree(TreeError::Storage(e)) if e.is_full() => {
                tracing::error!(%error, "no room for an upload");
                return Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "this peer has no room left; nothing was kept, so lease from another peer",
                );
            }
            HoldError::OverQuota { .. } => {
                return Self::new(StatusCode::INSUFFICIENT_STORAGE, error.to_string());
            }
            HoldError::TooLong { .. } => {
                return Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string());
            }
            HoldError::OtherBytes { .. } | HoldError::CutShort { .. } => {
                return Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
            }
            HoldError::BrokenOff(_) => {
                return Self::new(StatusCode::BAD_REQUEST, error.to_string());
            }
            _ => {}
        }
        tracing::error!(%error, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "this peer has a fault of its own, which its operator sees; ask another peer, and this one later",
        )
    }
}

pub async fn not_here() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "nothing is at this path; there are /ipfs/{cid}, /leases/{lease} and /healthz",
    )
}

pub async fn not_this_way() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this method does nothing here; GET and HEAD /ipfs/{cid}, PUT /leases/{lease}, GET /healthz",
    )
}
