use std::time::Duration;

use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, until};

use crate::{binary, earn, is_live};

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_turn_it_loses_nothing_and_nothing_is_paid_twice() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(3 << 20), 0, 50).await;

    // Before the upload, in the middle of it, and right after it.
    let daemon = home.start().await;
    daemon.kill();
    let daemon = home.start().await;
    let half = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        daemon.kill();
    };
    let _ = tokio::join!(patient.upload(&market, &home.url, &goods), half);
    let daemon = home.start().await;
    patient.bring(&market, &home.url, &goods).await;
    daemon.kill();

    // Accepted by the next one, from what is on the disk; killed as soon as it is.
    let daemon = home.start().await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    daemon.kill();

    // Around each step of an epoch: armed, drawn, proven, settled.
    let settled = async || goods.read(&market).await.settled_epoch;
    for step in ["armed", "drawn", "proven", "settled"] {
        market.next_epoch().await;
        let (before, paid) = (market.beacon().await, settled().await);
        let daemon = home.start().await;
        until(step, 30, async || {
            let (beacon, epoch) = (market.beacon().await, market.epoch().await);
            match step {
                "armed" => beacon.arms > before.arms,
                "drawn" => beacon.arms > before.arms && !beacon.is_armed(),
                "proven" => home.is_credited(&market, epoch).await,
                _ => settled().await > paid,
            }
        })
        .await;
        daemon.kill();
        let daemon = home.start().await;
        let epoch = market.epoch().await;
        until("credited", 30, || home.is_credited(&market, epoch)).await;
        daemon.kill();
    }

    // The index is lost: leases come back from the chain, bytes from the disk.
    std::fs::remove_file(home.data().join("index.redb")).unwrap();
    let daemon = home.start().await;
    earn(&market, &home).await;
    until("adopted", 20, async || home.log().contains("bytes were here")).await;
    assert!(daemon.stop().await.success());

    let settled = home.run(&["settle"]).await;
    assert!(settled.status.success());
    let lease = goods.read(&market).await;
    let credited = home
        .ledger(&market)
        .await
        .head
        .credited_between(lease.from_epoch, market.epoch().await + 1);
    assert!(credited >= 5, "{credited} epochs were credited");
    let paid = market.token.amount(&market.net, &home.payout).await;
    assert_eq!(paid, credited * lease.price, "each credited epoch is paid once");
    assert_eq!(lease.escrow, 50 * lease.price - paid);
    let (books, vault) = home.books(&market).await;
    assert_eq!(books, vault);
}
