//! The configuration file: TOML, every key declared once in this file. From the declarations come the commented sample
//! ([`sample`]), the defaults and the list of known names ([`parse`]); what fits together is checked in `check`.

mod check;
mod error;
mod key;
mod parse;
mod sample;
mod size;

use std::{net::SocketAddr, path::PathBuf};

use key::{Key, keys};

pub use error::ConfigError;
pub use parse::parse;
pub use sample::sample;
pub use size::Size;

/// Where the sample goes, and where every command looks for the file.
pub const DEFAULT_PATH: &str = "/etc/aceso-peer/config.toml";

keys! {
    /// Configuration of aceso-peer. Lines that begin with # are off, or show the default.
    pub struct Config {
        /// Where this peer keeps its index, its proof trees and, with storage = "directory", the bytes. One disk, backed up
        /// or not as you like: all but the bytes themselves is rebuilt from the chain and from them.
        Required data_dir: PathBuf = r#""/var/lib/aceso-peer""#;
        /// Address of the profile that this peer belongs to. The peer's account follows from it.
        Required profile: String = r#""Your1Profile1Address1Here1111111111111111111""#;
        /// Solana node that is asked and through which transactions go. It may hold an access token: it is never logged.
        Required rpc_url: String = r#""http://127.0.0.1:8899""#;
        /// A second node, of somebody else, that is asked too before bytes are deleted or given out.
        Optional verify_rpc_url: Option<String> = r#""https://another-node.example""#;
        /// Keypair file of the operator: the hot key that accepts and declines leases. It can move no token. Only its
        /// owner may read the file (chmod 600).
        Required operator: PathBuf = r#""/etc/aceso-peer/operator.json""#;
        /// Keypair file of the wallet that pays fees and rent. Keep a little SOL on it, not your savings.
        Required fee_payer: PathBuf = r#""/etc/aceso-peer/fee-payer.json""#;
        /// Where the daemon listens.
        Default listen: SocketAddr = r#""0.0.0.0:8443""#;
        /// The URL under which others reach it, as it stands on the chain. https, without a path.
        Required endpoint: String = r#""https://peer.example:8443""#;
        /// true when a proxy in front ends TLS and passes paths and queries on as they are; [tls] is off then.
        Default behind_proxy: bool = "false";
        /// Most bytes that leases may take, index and trees (1/500 of them) not counted. GiB, TiB and so on.
        Required quota: Size = r#""500 GiB""#;
        /// Where the bytes are: "directory" (below data_dir), "kubo" or "s3".
        Default storage: StorageKind = r#""directory""#;
        /// Seconds between two looks at the chain; one look is one request, mostly.
        Default look_every_secs: u64 = "5";
        /// A gateway, or a Kubo node's, from which bytes that this peer's disk has lost are fetched again, where it has
        /// them. Bundles and keyrings are also asked of other peers that keep the same.
        Optional repair_gateway: Option<String> = r#""http://127.0.0.1:8080""#;
        /// "text" for people, "json" for machines. How much is told is set by RUST_LOG (info where it is not set).
        Default log: LogFormat = r#""text""#;
        /// Where Prometheus metrics are served (/metrics). Keep it on loopback or a private network.
        Optional metrics_listen: Option<SocketAddr> = r#""127.0.0.1:9464""#;
        +
        /// TLS of the daemon's own.
        tls: Option<Tls>;
        +
        /// The Kubo node, with storage = "kubo".
        kubo: Option<Kubo>;
        +
        /// The bucket, with storage = "s3".
        s3: Option<S3>;
        +
        /// When duties are done.
        margins: Margins;
        +
        /// How often stored bytes are read again.
        scrub: Scrub;
        +
        /// What one client, or all together, may take.
        limits: Limits;
    }
}

keys! {
    /// TLS. The files are read again when they change, so a renewed certificate needs no restart.
    pub struct Tls {
        /// Certificate chain, PEM.
        Required certificate: PathBuf = r#""/etc/letsencrypt/live/peer.example/fullchain.pem""#;
        /// Its private key, PEM.
        Required key: PathBuf = r#""/etc/letsencrypt/live/peer.example/privkey.pem""#;
    }
}

keys! {
    /// With storage = "kubo": the node's RPC API. It must not be reachable from outside.
    pub struct Kubo {
        /// URL or multiaddr.
        Required api: String = r#""http://127.0.0.1:5001""#;
    }
}

keys! {
    /// With storage = "s3". The keys come from the environment only: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    /// (and AWS_SESSION_TOKEN). Give the bucket a rule that aborts incomplete multipart uploads after a day.
    pub struct S3 {
        /// Bucket.
        Required bucket: String = r#""aceso-peer""#;
        /// What the names of our objects begin with.
        Default prefix: String = r#""objects""#;
        /// Region.
        Default region: String = r#""us-east-1""#;
        /// Endpoint, for services other than Amazon's (MinIO, Garage, Ceph).
        Optional endpoint: Option<String> = r#""https://s3.example""#;
    }
}

keys! {
    /// When duties are done. All by the chain's clock; this machine's clock plays no part.
    pub struct Margins {
        /// Arm and draw this long after it became possible, plus a random time up to as much: others do it too.
        Default arm_after_secs: u64 = "30";
        /// Prove this long after the draw at the latest, as a part of the window in hundredths.
        Default prove_within_percent: u8 = "25";
        /// Settle a lease when this many epochs of it are unpaid.
        Default settle_every_epochs: u64 = "7";
        /// Accept an offer only if it stays open for this long.
        Default accept_before_secs: u64 = "60";
        /// Keep the bytes of an ended lease this long before they are deleted.
        Default delete_after_secs: u64 = "86400";
    }
}

keys! {
    /// How often stored bytes are read again and compared with their root: what a disk has lost shows here first.
    pub struct Scrub {
        /// Days between two readings of an object. 0 switches it off.
        Default every_days: u16 = "14";
        /// Most bytes read in a second.
        Default rate: Size = r#""32 MiB""#;
    }
}

keys! {
    /// What one client, or all together, may take.
    pub struct Limits {
        /// Connections at a time; more are refused until one ends.
        Default connections: usize = "512";
        /// Uploads at a time; more are told to come again.
        Default uploads: usize = "4";
        /// A client that sends no request head, or takes or sends no byte, is let go after this long.
        Default idle_secs: u64 = "30";
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    Directory,
    Kubo,
    S3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// A table of the file below the top one.
struct Table {
    name: &'static str,
    about: &'static [&'static str],
    keys: &'static [Key],
    /// Off where it is missing; the others are filled with defaults.
    optional: bool,
}

macro_rules! table {
    ($name:literal, $type:ty, $optional:literal) => {
        Table { name: $name, about: <$type>::ABOUT, keys: <$type>::KEYS, optional: $optional }
    };
}

const TABLES: &[Table] = &[
    table!("tls", Tls, true),
    table!("kubo", Kubo, true),
    table!("s3", S3, true),
    table!("margins", Margins, false),
    table!("scrub", Scrub, false),
    table!("limits", Limits, false),
];

#[cfg(test)]
mod tests;
