//! What fits together. A slip is found before the daemon listens, not when its first lease is due.

use std::net::IpAddr;

use aceso_sdk::chain::Pubkey;
use reqwest::Url;

use super::{Config, ConfigError, StorageKind};

/// Of a peer's URL on the chain.
const MAX_ENDPOINT_LEN: usize = aceso::constants::MAX_ENDPOINT_LEN;
/// One lease of the least weight takes this much.
const LEAST_QUOTA: u64 = 1 << 20;

pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    config.profile_address()?;
    url("rpc_url", &config.rpc_url)?;
    if let Some(verify) = &config.verify_rpc_url {
        url("verify_rpc_url", verify)?;
        if *verify == config.rpc_url {
            let reason = "it is rpc_url again, and would confirm whatever that says; name a node of somebody else or none";
            return Err(ConfigError::value("verify_rpc_url", reason));
        }
    }
    if let Some(gateway) = &config.repair_gateway {
        url("repair_gateway", gateway)?;
    }
    if !(1..=120).contains(&config.look_every_secs) {
        let reason = format!(
            "{} is not between 1 and 120; the chain remembers a draw's slot for three minutes",
            config.look_every_secs
        );
        return Err(ConfigError::value("look_every_secs", reason));
    }
    tls(config)?;
    storage(config)?;
    let percent = config.margins.prove_within_percent;
    if !(1..=90).contains(&percent) {
        let reason =
            format!("{percent} is not between 1 and 90; proofs that are late earn nothing");
        return Err(ConfigError::value("margins.prove_within_percent", reason));
    }
    if config.margins.settle_every_epochs == 0 {
        let reason = "0 would settle in every pass; write 1 or more epochs";
        return Err(ConfigError::value("margins.settle_every_epochs", reason));
    }
    if config.quota.0 < LEAST_QUOTA {
        return Err(ConfigError::value("quota", "it holds no lease at all; write 1 MiB or more"));
    }
    for (key, zero) in [
        ("limits.connections", config.limits.connections == 0),
        ("limits.uploads", config.limits.uploads == 0),
        ("limits.idle_secs", config.limits.idle_secs == 0),
        ("scrub.rate", config.scrub.rate.0 == 0),
    ] {
        if zero {
            return Err(ConfigError::value(key, "0 would let nothing through; write 1 or more"));
        }
    }
    Ok(())
}

impl Config {
    pub fn profile_address(&self) -> Result<Pubkey, ConfigError> {
        let wrong = || {
            let reason =
                format!("{:?} is no address; `aceso profile show` prints it", cut(&self.profile));
            ConfigError::value("profile", reason)
        };
        self.profile.parse().map_err(|_| wrong())
    }

    /// Host and port under which clients reach this peer, as a signature has them: lower case, no port that the scheme
    /// implies.
    pub fn authority(&self) -> Result<String, ConfigError> {
        let url = endpoint(&self.endpoint)?;
        let host = url.host_str().unwrap_or_default();
        Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }
}

fn tls(config: &Config) -> Result<(), ConfigError> {
    let url = endpoint(&config.endpoint)?;
    let plain = url.scheme() == "http";
    if plain && !is_loopback(&url) {
        let reason = "it is http, and not on this machine: what is asked for could be read by anybody; write https";
        return Err(ConfigError::value("endpoint", reason));
    }
    match (&config.tls, config.behind_proxy) {
        (Some(_), true) => Err(ConfigError::value(
            "behind_proxy",
            "it is true and [tls] is there too; either the proxy ends TLS or the daemon does, so remove one",
        )),
        (Some(_), false) if plain => Err(ConfigError::value(
            "endpoint",
            "it is http but [tls] is there; write https, or remove [tls]",
        )),
        (None, false) if !plain => Err(ConfigError::value(
            "tls",
            "the endpoint is https and nobody would end TLS; add [tls] with certificate and key, or set behind_proxy = true",
        )),
        _ => Ok(()),
    }
}

fn storage(config: &Config) -> Result<(), ConfigError> {
    let (table, there) = match config.storage {
        StorageKind::Directory => return Ok(()),
        StorageKind::Kubo => ("kubo", config.kubo.is_some()),
        StorageKind::S3 => ("s3", config.s3.is_some()),
    };
    if !there {
        let reason = format!("it is {table:?} but there is no [{table}]; add that table");
        return Err(ConfigError::value("storage", reason));
    }
    if let Some(endpoint) = config.s3.as_ref().and_then(|s3| s3.endpoint.as_ref()) {
        let url = url("s3.endpoint", endpoint)?;
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(ConfigError::value(
                "s3.endpoint",
                "it is http, and not on this machine; write https",
            ));
        }
    }
    Ok(())
}

fn endpoint(text: &str) -> Result<Url, ConfigError> {
    let bad = |reason: &str| Err(ConfigError::value("endpoint", reason));
    let url = url("endpoint", text)?;
    if text.len() > MAX_ENDPOINT_LEN {
        return bad(&format!(
            "it is longer than {MAX_ENDPOINT_LEN} characters, which the chain has room for; use a shorter host name"
        ));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return bad(
            "it has a path, and requests are signed with theirs; give the daemon a host or a port of its own",
        );
    }
    Ok(url)
}

/// The URL itself is not shown: those of nodes hold access tokens.
fn url(key: &str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text.trim())
        .map_err(|e| ConfigError::value(key, format!("it is no URL ({e}); write https://host")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(ConfigError::value(key, "it is not http; write https://host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason =
            "it holds a user name or a password, which end up in logs of others; remove them";
        return Err(ConfigError::value(key, reason));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn cut(text: &str) -> String {
    text.chars().take(44).collect()
}
