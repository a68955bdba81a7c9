//! `aceso-peer`: keeps the bytes of leases, proves each epoch that it still does, and is paid for that.
//!
//! `config` says what may be set. `storage` keeps objects, `tree_store` what proofs need beside them, `index` what is known of
//! leases; `holdings` is the three together. `http` serves and takes bytes, to and from whom `permission` allows, by
//! `signature`. `chain` is heard of and followed; `duty` says what is due on it, `run` does that; `scrub` reads stored bytes
//! again.

pub mod args;
pub mod chain;
pub mod commands;
pub mod config;
pub mod data_dir;
pub mod duty;
pub mod failure;
pub mod holdings;
pub mod http;
pub mod index;
pub mod log;
pub mod measure;
pub mod metrics;
pub mod permission;
pub mod run;
pub mod scrub;
pub mod signature;
pub mod storage;
pub mod tree_store;
