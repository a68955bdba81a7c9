//! `GET /healthz`: 200 while the daemon does its duties, else 503, and why.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::Service;

/// The chain was not heard of for so long: duties are at risk.
const STALE_SECS: i64 = 120;

/// What the other parts of the daemon say of themselves. Nothing in it is about clients.
#[derive(Debug, Default)]
pub struct Health {
    /// Seconds, on this machine's steady clock, since the daemon began, when the chain was last heard of; 0 for never.
    heard_at: AtomicI64,
    /// Objects that are rotten or missing.
    pub damaged: AtomicU64,
    /// The fee payer has too little for a week of duties.
    pub short_of_sol: AtomicBool,
}

impl Health {
    pub fn heard(&self, uptime_secs: i64) {
        self.heard_at.store(uptime_secs.max(1), Ordering::Relaxed);
    }

    /// Why the daemon is not well, if it is not.
    pub fn complaints(&self, uptime_secs: i64) -> Vec<&'static str> {
        let mut complaints = Vec::new();
        let heard_at = self.heard_at.load(Ordering::Relaxed);
        if heard_at == 0 || uptime_secs - heard_at > STALE_SECS {
            complaints.push("the chain has not been heard of for two minutes; check rpc_url");
        }
        if self.damaged.load(Ordering::Relaxed) > 0 {
            complaints.push("stored bytes are damaged or gone; `aceso-peer status` lists them");
        }
        if self.short_of_sol.load(Ordering::Relaxed) {
            complaints.push(
                "the fee payer has too little SOL; `aceso-peer status` says how much to send",
            );
        }
        complaints
    }
}

pub async fn get(State(service): State<Arc<Service>>) -> Response {
    let complaints = service.health.complaints(service.metrics.uptime_secs());
    let status = match complaints.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body: Value = json!({
        "healthy": complaints.is_empty(),
        "version": env!("CARGO_PKG_VERSION"),
        "peer": service.peer.to_string(),
        "complaints": complaints,
    });
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, head, body.to_string()).into_response()
}
