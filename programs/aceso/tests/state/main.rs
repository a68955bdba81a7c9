//! The rules of the accounts without a chain: random histories, and what must hold after every step.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod audit;
mod beacon;
mod bounds;
mod detection;
mod fenwick;
mod folder;
mod layout;
mod lease;
mod ledger;
mod market;
mod peer;
mod proof;
mod readme;
mod request;
mod token;
mod world;
