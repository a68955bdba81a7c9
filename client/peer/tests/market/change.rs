use aceso::state::{Amendment, Lease};
use aceso_market_fixture::{Goods, Market, MarketOptions, PeerHome, SOL, until};
use aceso_sdk::chain::{
    Fetched, Pubkey, Signer,
    instruction::{self, lease::LeaseScope},
};
use solana_keypair::Keypair;

use crate::{binary, earn, is_live};

#[tokio::test(flavor = "multi_thread")]
async fn amendments_are_taken_on_and_spot_checks_answered() {
    let market = Market::start(MarketOptions::default()).await;
    let home = PeerHome::register(&market, binary(), 1_000_000).await;
    let daemon = home.start().await;
    let patient = market.person(1_000_000).await;
    let old = patient.open(&market, &home.at, Goods::sample(40_000), 0, 50).await;
    patient.bring(&market, &home.url, &old).await;
    until("accepted", 20, || is_live(&market, &old)).await;
    let before = home.object(&old.address.digest);

    // Other bytes under the same lease: taken over once they are here, and what was there goes.
    let new = old.with(Goods::sample(33_333));
    let amendment =
        Amendment { root: new.root, digest: new.address.digest, stored_len: new.address.len };
    let lease: Fetched<Lease> = old.read(&market).await;
    let folder = market.net.chain.fetch(&patient.folder).await.unwrap();
    let scope = LeaseScope::Folder(&folder);
    let amend = instruction::lease::amend(&patient.actor, &scope, &lease, amendment);
    market.net.send(vec![amend], &[&patient.wallet]).await;
    patient.bring(&market, &home.url, &new).await;
    until("amended", 20, async || new.read(&market).await.root == new.root).await;
    earn(&market, &home).await;

    // Anybody may ask for a leaf, and pays for the answer with a deposit.
    let checker = Keypair::new();
    market.net.fund(&checker.pubkey(), SOL).await;
    let lease = new.read(&market).await;
    let check = instruction::spot::open(checker.pubkey(), &lease, 47);
    market.net.send(vec![check], &[&checker]).await;
    let asked = async || new.read(&market).await.spot_checker == Pubkey::default();
    until("answered", 20, asked).await;
    let kept = market.net.chain.balance(&checker.pubkey()).await.unwrap();
    let deposit = market.options.terms.spot_deposit_lamports;
    assert_eq!(kept, SOL - deposit - 5_000, "the deposit is the answerer's");

    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    market.net.travel(130).await;
    until("the old bytes deleted", 20, async || !before.exists()).await;
    assert!(home.object(&new.address.digest).exists());
    assert!(daemon.stop().await.success());
}
