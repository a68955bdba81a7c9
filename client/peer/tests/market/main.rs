//! The daemon as a process against a real chain: what is leased is proven and paid, whatever happens in between.

mod change;
mod crash;
mod damage;
mod journey;
mod node;
mod office;
mod watch;

use std::path::Path;

use aceso::state::LeaseStatus;
use aceso_market_fixture::{Goods, Market, PeerHome, until};

pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_aceso-peer"))
}

pub async fn is_live(market: &Market, goods: &Goods) -> bool {
    goods.read(market).await.status == LeaseStatus::Live as u8
}

/// The next epoch begins, and this peer is credited for it.
pub async fn earn(market: &Market, home: &PeerHome) -> u64 {
    market.next_epoch().await;
    let epoch = market.epoch().await;
    until("credited", 40, || home.is_credited(market, epoch)).await;
    epoch
}

/// Everything that is written and printed.
pub fn text(output: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
