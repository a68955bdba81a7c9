use aceso::state::{EndReason, LeaseStatus, Peer};
use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, until};
use aceso_sdk::peer::{PeerRequest, sign};

use crate::{binary, earn, is_live, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_accepted_proven_paid_to_the_unit_and_forgotten_when_it_is_over() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let daemon = home.start().await;
    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(300_000), 0, 3).await;
    patient.bring(&market, &home.url, &goods).await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    let lease = goods.read(&market).await;
    let price = lease.price;

    // The owner gets the bytes back by any of their blocks' addresses; somebody else does not.
    let stranger = market.person(0).await;
    for (who, profile, status) in
        [(&patient.wallet, patient.profile, 200), (&stranger.wallet, stranger.profile, 403)]
    {
        let url = format!("{}/ipfs/{}", home.url, goods.address.cid_string());
        let url: reqwest::Url = url.parse().unwrap();
        let request =
            PeerRequest { method: "GET", url: &url, peer: home.at, profile, content_length: None };
        let now_secs = market.net.now_secs().await;
        let headers = sign(&request, who, now_secs).unwrap();
        let mut builder = reqwest::Client::new().get(url.clone());
        for (name, value) in headers.pairs() {
            builder = builder.header(name, value);
        }
        let answer = builder.send().await.unwrap();
        assert_eq!(answer.status(), status);
        if status == 200 {
            assert_eq!(answer.bytes().await.unwrap(), goods.bytes);
        }
    }

    // Every epoch of the term is proven; the first one may have been armed before the lease was there.
    let mut credited = u64::from(home.is_credited(&market, lease.from_epoch).await);
    while market.epoch().await + 1 < lease.until_epoch {
        earn(&market, &home).await;
        credited += 1;
    }
    credited = credited
        .max(home.ledger(&market).await.head.credited_between(lease.from_epoch, lease.until_epoch));
    market.next_epoch().await;
    let ended = async || goods.read(&market).await.status == LeaseStatus::Ended as u8;
    until("ended", 40, ended).await;
    let over = goods.read(&market).await;
    assert_eq!(over.end, EndReason::Term as u8);
    let paid = async || market.token.amount(&market.net, &home.payout).await;
    assert_eq!(paid().await, credited * price, "with the end, the last epochs are paid out");
    assert_eq!(over.owed, 3 * price - credited * price, "the rest goes back");
    until("out of the set", 40, async || goods.read(&market).await.has_slot == 0).await;
    let (books, vault) = home.books(&market).await;
    assert_eq!(books, vault);

    // After a while, the bytes go too.
    let object = home.object(&goods.address.digest);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    market.net.travel(130).await;
    until("deleted", 20, async || !object.exists()).await;
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_drains_is_paid_until_the_end_and_leaves_with_everything() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let daemon = home.start().await;
    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(5_000), 0, 100).await;
    patient.bring(&market, &home.url, &goods).await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    let authority = home.authority();
    let authority = ["--authority", authority.to_str().unwrap()];
    let late = patient.open(&market, &home.at, Goods::sample(100), 1, 5).await;

    let refused = home.run(&[&["drain"], &authority[..]].concat()).await;
    assert!(text(&refused).contains("cannot be taken back"), "{}", text(&refused));
    let drained = home.run(&[&["drain", "--yes"], &authority[..]].concat()).await;
    assert!(drained.status.success(), "{}", text(&drained));
    let early = home.run(&[&["retire"], &authority[..]].concat()).await;
    assert!(text(&early).contains("has 2 leases, 1 of them live"), "{}", text(&early));
    // An offer that still waits for its bytes goes back at once.
    let declined = async || late.read(&market).await.end == EndReason::Declined as u8;
    until("declined", 20, declined).await;

    let released = async || goods.read(&market).await.end == EndReason::Released as u8;
    let drain_epoch = home.peer(&market).await.drain_epoch;
    while market.epoch().await + 1 < drain_epoch {
        earn(&market, &home).await;
    }
    assert!(is_live(&market, &goods).await, "notice is not over yet");
    market.next_epoch().await;
    until("released", 40, released).await;
    until("out of the set", 40, async || goods.read(&market).await.has_slot == 0).await;
    // One owner claims, of another lease it is paid back by who leaves.
    patient.claim(&market, &goods).await;
    until("closed", 20, async || home.peer(&market).await.leases == 1).await;
    assert!(daemon.stop().await.success());

    let retired = home.run(&[&["retire"], &authority[..]].concat()).await;
    assert!(retired.status.success(), "{}", text(&retired));
    assert!(text(&retired).contains("Paid back"), "{}", text(&retired));
    assert!(market.net.chain.find::<Peer>(&home.at).await.unwrap().is_none());
    // All that was put in is at one of three places.
    let amount = async |at| market.token.amount(&market.net, at).await;
    let account = home.person.tokens;
    let all = amount(&account).await + amount(&home.payout).await + amount(&patient.tokens).await;
    assert_eq!(all, 2_000_000);
    assert!(amount(&account).await >= 1_000_000, "the whole bond is back");
    let sum = market.token.mint.show(amount(&account).await);
    assert!(text(&retired).contains(&format!("Retired: {sum} of bond")), "{}", text(&retired));
}
