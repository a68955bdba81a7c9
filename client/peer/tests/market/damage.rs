use std::fs;

use aceso::state::MarketTerms;
use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, TERMS, until};

use crate::{binary, earn, is_live, text};

#[tokio::test(flavor = "multi_thread")]
async fn lost_bytes_are_fetched_from_another_peer_or_told_and_taken_again_from_their_owner() {
    // So many challenges that each of two leases is named.
    let terms = MarketTerms { challenges: 24, ..TERMS };
    let market = Market::start(MarketOptions { terms, ..MarketOptions::default() }).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let other = PeerHome::register(&market, binary(), 1_000_000).await;
    let (daemon, _other) = (home.start().await, other.start().await);
    let patient = market.person(1_000_000).await;
    let keyring = Goods::sample(200_000);
    let public = patient.open_keyring(&market, &home.at, keyring.clone(), 50).await;
    let copy = patient.open_keyring(&market, &other.at, keyring, 50).await;
    let own = patient.open(&market, &home.at, Goods::sample(150_000), 0, 50).await;
    for (peer, goods) in [(&home, &public), (&other, &copy), (&home, &own)] {
        patient.bring(&market, &peer.url, goods).await;
    }
    for goods in [&public, &copy, &own] {
        until("accepted", 20, || is_live(&market, goods)).await;
    }
    earn(&market, &home).await;

    // What is for anybody comes back from the other peer, in time for this very epoch.
    let path = home.object(&public.address.digest);
    fs::remove_file(&path).unwrap();
    earn(&market, &home).await;
    assert!(home.log().contains("lost bytes are back"));
    assert_eq!(fs::read(&path).unwrap(), public.bytes);

    // What only its owner has: not proven, not served, and said.
    let path = home.object(&own.address.digest);
    let mut rotten = own.bytes.to_vec();
    rotten.iter_mut().step_by(300).for_each(|byte| *byte ^= 1);
    fs::write(&path, rotten).unwrap();
    market.next_epoch().await;
    let epoch = market.epoch().await;
    until("told", 30, async || home.log().contains("only their owners can send them again")).await;
    assert!(!home.is_credited(&market, epoch).await);
    let health = reqwest::get(format!("{}/healthz", home.url)).await.unwrap();
    assert_eq!(health.status(), 503);
    assert!(health.text().await.unwrap().contains("damaged"));
    until("in status", 20, async || {
        let status = text(&home.run(&["status"]).await);
        status.contains("DAMAGED")
            && status.contains("is rotten")
            && status.contains("FAILING  prove")
    })
    .await;
    let leases = text(&home.run(&["leases"]).await);
    assert!(leases.contains("MISSING") && leases.contains("here"), "{leases}");

    // The owner sends it again, and the epoch is proven after all, or the next one is.
    patient.bring(&market, &home.url, &own).await;
    let settled = async || {
        let ledger = home.ledger(&market).await;
        ledger.head.is_settled(&market.beacon().await)
    };
    until("answered", 70, settled).await;
    earn(&market, &home).await;
    assert!(is_live(&market, &own).await, "nothing was lost");
    assert!(daemon.stop().await.success());
}
