use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, until};
use serde_json::Value;

use crate::{binary, earn, is_live, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_begins_looks_and_is_paid_by_the_verbs_alone() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::prepare(&market, binary(), 1_000_000).await;
    let authority = home.authority();
    let authority = ["--authority", authority.to_str().unwrap()];
    let run = async |verb: &[&str]| {
        let output = home.run(&[verb, &authority[..]].concat()).await;
        assert!(output.status.success(), "{verb:?}: {}", text(&output));
        text(&output)
    };

    let early = home.run(&["check"]).await;
    assert!(text(&early).contains("FAIL  peer: there is no peer"), "{}", text(&early));
    let unregistered = home.run(&["serve"]).await;
    assert_eq!(unregistered.status.code(), Some(1), "{}", text(&unregistered));
    assert!(text(&unregistered).contains("aceso-peer register"), "{}", text(&unregistered));

    let mint = market.token.mint.address.to_string();
    let prices = ["--mint", &mint, "--price-flat", "0.001", "--price-per-gib", "0.002048"];
    let said = run(&[&["register"], &prices[..]].concat()).await;
    assert!(said.contains("0.01 or more"), "{said}");
    let peer = home.peer(&market).await;
    assert_eq!((peer.price_flat, peer.price_per_gib, peer.operator), (1_000, 2_048, home.operator));
    let again = home.run(&[&["register"], &prices[..], &authority[..]].concat()).await;
    assert!(text(&again).contains("a peer already"), "{}", text(&again));

    let poor = text(&home.run(&["check"]).await);
    assert!(poor.contains("FAIL  bond: 0 are put up and new leases need 0.01"), "{poor}");
    let said = run(&["bond", "add", "0.5"]).await;
    assert!(said.contains("Bond: 0.5 free"), "{said}");
    let payout = home.payout.to_string();
    let said = run(&["bond", "withdraw", "0.1", "--account", &payout]).await;
    assert!(said.contains("Bond: 0.4 free"), "{said}");
    let much = home.run(&[&["bond", "add", "77"], &authority[..]].concat()).await;
    assert!(text(&much).contains("holds 0.5 and 77"), "{}", text(&much));
    let fine = home.run(&[&["bond", "add", "0.0000001"], &authority[..]].concat()).await;
    assert!(text(&fine).contains("6 decimals"), "{}", text(&fine));
    run(&["payout", "set", &payout]).await;
    assert_eq!(home.peer(&market).await.payout, home.payout);
    let said = run(&["update", "--price-flat", "0.002"]).await;
    assert!(said.contains("0.002 an epoch"), "{said}");
    assert!(run(&["update"]).await.contains("Nothing to change"));
    let stranger = home.dir.path().join("operator.json");
    let stranger = home.run(&["update", "--authority", stranger.to_str().unwrap()]).await;
    assert!(text(&stranger).contains("does not belong to the profile"), "{}", text(&stranger));

    let daemon = home.start().await;
    let second = home.run(&["serve"]).await;
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second).contains("another aceso-peer runs on data_dir"), "{}", text(&second));
    let checked = home.run(&["check"]).await;
    assert!(checked.status.success(), "{}", text(&checked));
    for what in ["chain", "peer", "bond", "payout", "fee payer", "endpoint"] {
        assert!(text(&checked).contains(&format!("ok    {what}: ")), "{}", text(&checked));
    }

    let patient = market.person(1_000_000).await;
    let goods = patient.open(&market, &home.at, Goods::sample(2_000), 0, 20).await;
    patient.bring(&market, &home.url, &goods).await;
    until("accepted", 20, || is_live(&market, &goods)).await;
    earn(&market, &home).await;
    let listed = async || text(&home.run(&["leases"]).await).contains("here");
    until("listed", 20, listed).await;
    let leases: Value =
        serde_json::from_slice(&home.run(&["leases", "--json"]).await.stdout).unwrap();
    assert_eq!(leases[0]["lease"], goods.lease.to_string());
    assert_eq!((&leases[0]["status"], &leases[0]["price"]), (&"live".into(), &2_002.into()));
    let status: Value =
        serde_json::from_slice(&home.run(&["status", "--json"]).await.stdout).unwrap();
    assert_eq!((&status["running"], &status["leases"]["live"]), (&true.into(), &1.into()));
    assert_eq!(status["daemon"]["failing"], Value::Array(Vec::new()));
    let shown = text(&home.run(&["status"]).await);
    assert!(shown.contains("0.002 an epoch") && shown.contains("daemon          runs"), "{shown}");

    // Settled by hand, beside the daemon: paid once.
    assert!(text(&home.run(&["settle"]).await).contains("Settled"));
    let amount = async || market.token.amount(&market.net, &home.payout).await - 100_000;
    until("paid", 20, async || amount().await > 0).await;
    let paid = amount().await;
    let lease = goods.read(&market).await;
    assert_eq!(paid, 20 * lease.price - lease.escrow);

    // A payout account that is frozen: booked, not lost, and said.
    market.token.freeze(&market.net, &home.payout).await;
    let frozen = text(&home.run(&["check"]).await);
    assert!(frozen.contains("is frozen"), "{frozen}");
    earn(&market, &home).await;
    until("booked", 20, async || home.peer(&market).await.earned > 0).await;
    assert!(daemon.stop().await.success());
    let stopped = text(&home.run(&["status"]).await);
    assert!(stopped.contains("does not run"), "{stopped}");
}
