//! The daemon against a real chain: what is leased is proven and paid, whatever happens in between.

use std::path::Path;

use aceso::state::LeaseStatus;
use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, until};

const BINARY: &str = env!("CARGO_BIN_EXE_aceso-peer");

async fn is_live(market: &Market, goods: &Goods) -> bool {
    goods.read(market).await.status == LeaseStatus::Live as u8
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_leased_is_accepted_proven_settled_and_paid_to_the_unit() {
    let market = Market::start(MarketOptions::default()).await;
    let mut home = PeerHome::register(&market, Path::new(BINARY), 1_000_000).await;
    home.dir.disable_cleanup(true);
    eprintln!("{}", home.dir.path().display());
    let daemon = home.start().await;
    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(3_000), 0, 3).await;
    patient.bring(&market, &home.url, &goods).await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    for _ in 0..2 {
        market.next_epoch().await;
        let epoch = market.epoch().await;
        until("credited", 30, || home.is_credited(&market, epoch)).await;
    }
    let price = goods.read(&market).await.price;
    until("paid", 20, async || market.token.amount(&market.net, &home.payout).await >= price).await;
    assert!(daemon.stop().await.success());
}
