//! The real program in an in-process SVM.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

#[path = "../support/mod.rs"]
mod support;

mod calls;
mod conservation;
mod costs;
mod lifecycle;
mod market_conservation;
mod market_lifecycle;
mod proofs;
mod refusals;
