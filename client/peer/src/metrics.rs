//! Prometheus metrics. Names are written here once; the board in `deploy/` is tested against them.

use std::{
    sync::atomic::{AtomicI64, AtomicU64},
    time::Instant,
};

use http::StatusCode;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// `ipfs` or `leases`.
    pub path: &'static str,
    pub status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DutyLabels {
    /// `arm`, `draw`, `prove` and so on.
    pub duty: &'static str,
    /// `done`, `refused` or `failed`.
    pub outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct BookLabels {
    /// `bond`, `locked`, `escrow`, `owed` or `earned`.
    pub book: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StatusLabels {
    /// `offered`, `live` or `ended`.
    pub status: &'static str,
}

type Gauged = Gauge<u64, AtomicU64>;

/// All that is counted.
pub struct Metrics {
    registry: Registry,
    began: Instant,
    pub requests: Family<RequestLabels, Counter>,
    pub served: Counter,
    pub received: Counter,
    pub stored: Gauged,
    pub quota: Gauged,
    pub leases: Family<StatusLabels, Gauge>,
    pub duties: Family<DutyLabels, Counter>,
    /// The newest epoch that is credited.
    pub credited_epoch: Gauged,
    /// Epochs that still owe answers.
    pub owed_epochs: Gauged,
    /// Seconds until the window of the oldest owed epoch ends; negative when it is over.
    pub window_left: Gauge<i64, AtomicI64>,
    pub books: Family<BookLabels, Gauged>,
    pub fee_payer_lamports: Gauged,
    pub chain_time: Gauge<i64, AtomicI64>,
    pub scrubbed: Counter,
    pub damaged: Gauged,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("aceso_peer");
        macro_rules! register {
            ($name:literal, $help:literal) => {{
                let metric = Default::default();
                registry.register($name, $help, Clone::clone(&metric));
                metric
            }};
            ($name:literal, $help:literal, $unit:expr) => {{
                let metric = Default::default();
                registry.register_with_unit($name, $help, $unit, Clone::clone(&metric));
                metric
            }};
        }
        Self {
            requests: register!("http_requests", "Requests answered"),
            served: register!("served", "Bytes given out", Unit::Bytes),
            received: register!("received", "Bytes taken in for leases", Unit::Bytes),
            stored: register!("stored", "Bytes that leases take", Unit::Bytes),
            quota: register!("quota", "Bytes that leases may take", Unit::Bytes),
            leases: register!("leases", "Leases by status"),
            duties: register!("duties", "Duties on the chain, by outcome"),
            credited_epoch: register!("credited_epoch", "The newest credited epoch"),
            owed_epochs: register!("owed_epochs", "Epochs that still owe answers"),
            window_left: register!(
                "window_left",
                "Time until the oldest owed epoch earns nothing more",
                Unit::Seconds
            ),
            books: register!("book_tokens", "Tokens in the books of this peer, base units"),
            fee_payer_lamports: register!("fee_payer_lamports", "What the fee payer has left"),
            chain_time: register!("chain_time", "The chain's time as last heard", Unit::Seconds),
            scrubbed: register!("scrubbed", "Stored bytes read again and found sound", Unit::Bytes),
            damaged: register!("damaged_objects", "Objects whose bytes are damaged or gone"),
            began: Instant::now(),
            registry,
        }
    }
}

impl Metrics {
    pub fn request(&self, path: &'static str, status: StatusCode) {
        self.requests.get_or_create(&RequestLabels { path, status: status.as_u16() }).inc();
    }

    pub fn served(&self, bytes: u64) {
        self.served.inc_by(bytes);
    }

    pub fn received(&self, bytes: u64) {
        self.received.inc_by(bytes);
    }

    pub fn duty(&self, duty: &'static str, outcome: &'static str) {
        self.duties.get_or_create(&DutyLabels { duty, outcome }).inc();
    }

    pub fn book(&self, book: &'static str, tokens: u64) {
        self.books.get_or_create(&BookLabels { book }).set(tokens);
    }

    /// Seconds since the daemon began, on this machine's steady clock.
    pub fn uptime_secs(&self) -> i64 {
        self.began.elapsed().as_secs() as i64
    }

    /// All metrics as Prometheus reads them.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
