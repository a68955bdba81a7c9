use std::{sync::Arc, time::Duration};

use aceso::state::EndReason;
use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, SOL, until};
use aceso_sdk::{
    chain::Signer,
    watcher::{Outcome, Watcher},
};
use solana_keypair::Keypair;

use crate::{binary, is_live};

/// Somebody with a wallet that pays fees, and nothing to gain.
async fn watcher(market: &Market) -> Watcher {
    let wallet = Keypair::new();
    market.net.fund(&wallet.pubkey(), SOL).await;
    Watcher::new(market.net.connect().await, Arc::new(wallet), Duration::ZERO)
}

/// What took effect in a round.
async fn round(watcher: &mut Watcher) -> Vec<&'static str> {
    let mut done = Vec::new();
    let mut note = |one: aceso_sdk::watcher::Done| {
        if let Outcome::Did { .. } = one.outcome {
            done.push(one.chore.name());
        }
    };
    watcher.round(&mut note).await.unwrap();
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn two_strangers_keep_the_market_going_and_do_nothing_twice() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(5_000), 0, 30).await;
    let daemon = home.start().await;
    patient.bring(&market, &home.url, &goods).await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    daemon.kill();
    let (before, lease) = (market.beacon().await, goods.read(&market).await);

    let (mut one, mut other) = (watcher(&market).await, watcher(&market).await);
    let mut done = Vec::new();
    // Two draws of grace, and one more; nobody proves.
    for _ in 0..5 {
        market.next_epoch().await;
        for _ in 0..3 {
            let (by_one, by_other) = tokio::join!(round(&mut one), round(&mut other));
            done.extend(by_one);
            done.extend(by_other);
            // The target of a draw lies 32 slots ahead.
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
    }
    let after = market.beacon().await;
    let count = |name: &str| done.iter().filter(|done| **done == name).count() as u64;
    assert_eq!(count("arm"), after.arms - before.arms, "{done:?}");
    assert_eq!(count("draw"), after.draws - before.draws, "{done:?}");
    assert_eq!((count("peer_default"), count("end")), (1, 1), "{done:?}");
    let ended = goods.read(&market).await;
    assert_eq!(ended.end, EndReason::PeerDefaulted as u8);
    // All that was not earned, and the peer's bond for this lease.
    let ledger = home.ledger(&market).await.head;
    let credited = ledger.credited_between(lease.from_epoch, lease.until_epoch);
    assert_eq!(ended.owed, (30 - credited) * lease.price + lease.lock);
    let (books, vault) = home.books(&market).await;
    assert_eq!(books, vault);
    // Nothing is left to do, and nothing is done.
    assert_eq!(round(&mut one).await, Vec::<&str>::new());
}
