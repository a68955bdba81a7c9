//! Structured logs on standard error: text for people, JSON for machines. What is logged anywhere in this crate are addresses,
//! digests, lengths and errors; never a key, a signature, a nonce, or a URL of a node (which may hold a token).

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Begins logging. `RUST_LOG` sets how much (`info` where it is not set; `aceso_peer=debug` tells who got what).
pub fn begin(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    // A second call, in a test, changes nothing.
    let _ = match format {
        LogFormat::Text => registry.with(fmt::layer().with_writer(std::io::stderr)).try_init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr))
            .try_init(),
    };
}
