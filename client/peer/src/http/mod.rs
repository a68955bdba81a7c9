//! The daemon's HTTP: `GET /ipfs/{cid}` ([`gateway`]), `PUT /leases/{lease}` ([`upload`]), `GET /healthz` ([`health`]).

mod answer;
mod car;
mod content;
mod gateway;
mod health;
mod listen;
mod patience;
mod range;
mod tls;
mod upload;

use std::{sync::Arc, time::Duration};

use aceso_sdk::chain::Pubkey;
use axum::{Router, routing};
use http::header;
use tokio::sync::{Notify, Semaphore};

use crate::{
    holdings::Holdings,
    metrics::Metrics,
    permission::Accounts,
    signature::{Replays, Verifier},
};

pub use health::Health;
pub use listen::{Limits, Listening, listen};
pub use tls::{TlsError, TlsFiles};

/// What requests are answered from.
pub struct Service {
    /// The account of this peer.
    pub peer: Pubkey,
    pub holdings: Arc<Holdings>,
    pub accounts: Arc<dyn Accounts>,
    pub verifier: Verifier,
    pub replays: Replays,
    pub health: Arc<Health>,
    pub metrics: Arc<Metrics>,
    /// Uploads at a time.
    pub uploads: Semaphore,
    /// How long an upload may stop.
    pub idle: Duration,
    /// Told when bytes have arrived, so that their lease is accepted at once.
    pub arrived: Notify,
}

/// `GET /metrics`, for a listener of its own: what it tells is not for clients.
pub fn metrics_router(metrics: Arc<Metrics>) -> Router {
    let text = move || async move {
        let head =
            [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
        (head, metrics.text())
    };
    Router::new().route("/metrics", routing::get(text)).fallback(answer::not_here)
}

/// All paths. Anything else is a 404 that says which ones there are.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/ipfs/{cid}", routing::get(gateway::get))
        .route("/leases/{lease}", routing::put(upload::put))
        .route("/healthz", routing::get(health::get))
        .fallback(answer::not_here)
        .method_not_allowed_fallback(answer::not_this_way)
        .with_state(service)
}
