use std::time::Duration;

use aceso_market_fixture::{Daemon, Goods, Market, MarketOptions, PeerHome, until};

use crate::{binary, earn, is_live};

/// kill -9 at random moments, `ACESO_KILLS` times (8 where it is not set), while leases come and epochs pass.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_it_ends_with_every_lease_live_and_every_unit_accounted_for() {
    let kills: u64 = std::env::var("ACESO_KILLS").map_or(8, |text| text.parse().unwrap());
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 100_000_000).await;
    let patient = market.person(100_000_000).await;
    let mut all: Vec<Goods> = Vec::new();
    for kill in 0..kills {
        if kill % 4 == 0 && all.len() < 200 {
            let number = u8::try_from(all.len()).unwrap();
            let len = 600 + 40_000 * all.len() % 700_000;
            all.push(patient.open(&market, &home.at, Goods::sample(len), number, 3_000).await);
        }
        if kill % 5 == 4 {
            market.next_epoch().await;
        }
        let log = home.dir.path().join("log");
        let daemon = Daemon::spawn(home.binary.as_path(), &home.config(), &log);
        let wait = Duration::from_millis(u64::from(Goods::sample(1)[0]) * 12);
        let work = async {
            if kill % 2 == 0
                && let Some(last) = all.last()
            {
                daemon.serves(&home.url).await;
                market.net.travel(6).await;
                let _ = patient.upload(&market, &home.url, last).await;
            }
            tokio::time::sleep(wait).await;
        };
        // Killed while it works, whatever it has come to.
        let _ = tokio::time::timeout(Duration::from_secs(4), work).await;
        daemon.kill();
    }

    let daemon = home.start().await;
    for goods in &all {
        if !is_live(&market, goods).await {
            patient.bring(&market, &home.url, goods).await;
            until("accepted", 30, || is_live(&market, goods)).await;
        }
    }
    earn(&market, &home).await;
    assert!(daemon.stop().await.success());
    assert!(home.run(&["settle"]).await.status.success());
    let (mut paid, mut bought) = (0, 0);
    let head = home.ledger(&market).await.head;
    for goods in &all {
        let lease = goods.read(&market).await;
        let credited = head.credited_between(lease.from_epoch, lease.until_epoch);
        assert_eq!(3_000 * lease.price - lease.escrow, credited * lease.price, "paid once each");
        (paid, bought) = (paid + credited * lease.price, bought + 3_000 * lease.price);
    }
    assert!(paid > 0);
    assert_eq!(market.token.amount(&market.net, &home.payout).await, paid);
    assert_eq!(market.token.amount(&market.net, &patient.tokens).await, 100_000_000 - bought);
    let (books, vault) = home.books(&market).await;
    assert_eq!(books, vault);
}
