use std::time::Duration;

use aceso_market_fixture::{Gate, Goods, Market, MarketOptions, PeerHome, SOL, until};
use aceso_peer::index::Index;
use aceso_sdk::chain::{Signer, Transaction};

use crate::{binary, earn, is_live, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_gone_and_a_fee_payer_without_sol_are_waited_for() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let gate = Gate::open(&market.net.url).await;
    home.configure(&gate.url, "");
    let daemon = home.start().await;
    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(4_000), 0, 50).await;
    patient.bring(&market, &home.url, &goods).await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    let epoch = earn(&market, &home).await;
    until("settled", 20, async || goods.read(&market).await.settled_epoch > epoch).await;

    // Its own confirmation may take a moment longer.
    tokio::time::sleep(Duration::from_secs(2)).await;

    // Down while an epoch ends and another begins; in the new one it is back.
    gate.close();
    market.next_epoch().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    gate.reopen();
    let epoch = market.epoch().await;
    until("credited", 40, || home.is_credited(&market, epoch)).await;
    assert!(home.log().contains("the chain could not be looked at"));
    assert!(!home.log().contains(&gate.url), "a node's URL is worth money to others");
    assert!(daemon.stop().await.success());

    // The fee payer is robbed; nothing can be done but to say how much it needs.
    let thief = aceso_market_fixture::fee_payer(&home);
    let left = market.net.chain.balance(&home.fee_payer).await.unwrap();
    let sink = patient.wallet.pubkey();
    let take = aceso_market_fixture::transfer(&home.fee_payer, &sink, left - 900_000);
    market.net.chain.send(&Transaction::new(vec![take], &thief, &[])).await.unwrap();
    let daemon = home.start().await;
    let complaint = async || {
        let health = reqwest::get(format!("{}/healthz", home.url)).await.unwrap();
        health.text().await.unwrap().contains("too little SOL")
    };
    until("complained", 20, complaint).await;
    market.next_epoch().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let status = text(&home.run(&["status"]).await);
    assert!(status.contains("too little for a week; send it 0."), "{status}");
    let check = home.run(&["check"]).await;
    assert_eq!(check.status.code(), Some(3));
    assert!(text(&check).contains("FAIL  fee payer"), "{}", text(&check));
    market.net.fund(&home.fee_payer, SOL).await;
    let epoch = market.epoch().await;
    until("credited", 70, || home.is_credited(&market, epoch)).await;
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_chain_stops_the_daemon_before_it_deletes_anything() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let first = home.start().await;
    assert!(first.stop().await.success());
    let index = Index::open(&home.data().join("index.redb"), &home.at).unwrap();
    index.set_genesis("another").unwrap();
    drop(index);
    let stored = home.data().join("bytes").join("objects");
    let refused = home.run(&["serve"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("another chain"), "{}", text(&refused));
    assert!(text(&refused).contains("move index.redb away"), "{}", text(&refused));
    assert!(stored.exists());
}
