use std::path::Path;

use aceso::state::{Peer, PeerArgs};
use aceso_sdk::{
    chain::{Pubkey, Signer, instruction::peer},
    home::FileWallet,
};

use super::office::{Office, amount};
use crate::{
    args::{Register, Update},
    failure::Failure,
    run::endpoint,
};

/// Operator and endpoint are those of the configuration: what is on the chain is what runs here.
pub async fn run(path: &Path, args: &Register) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let wallet = office.authority(&args.authority).await?;
    if office.chain.find::<Peer>(&office.peer_at).await?.is_some() {
        return Err(Failure::input(format!(
            "profile {} is a peer already; change it with `aceso-peer update`",
            office.profile
        )));
    }
    let mint = office.chain.mint(&args.mint).await?;
    let peer_args = PeerArgs {
        operator: operator(&office)?,
        price_flat: amount(&args.price_flat, &mint)?,
        price_per_gib: amount(&args.price_per_gib, &mint)?,
        endpoint: office.config.endpoint.clone(),
        share_key: [0; 32],
    };
    let key = wallet.pubkey();
    let register = peer::register(key, key, office.profile, mint.address, mint.program, peer_args);
    office.send(register, &wallet).await?;
    let found = office.peer().await?;
    println!("Registered: peer {} of profile {}", office.peer_at, office.profile);
    println!("Operator {}, endpoint {}", found.operator, office.config.endpoint);
    println!(
        "Next: put up bond, {} or more (`aceso-peer bond add`), say where to be paid (`aceso-peer payout set`),",
        mint.show(found.bond_min)
    );
    println!("then `aceso-peer check` and `aceso-peer serve`.");
    Ok(())
}

pub async fn update(path: &Path, args: &Update) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let wallet = office.authority(&args.authority).await?;
    let found = office.peer().await?;
    let mint = office.mint(&found).await?;
    let price = |text: &Option<String>, now: u64| match text {
        Some(text) => amount(text, &mint),
        None => Ok(now),
    };
    let peer_args = PeerArgs {
        operator: operator(&office)?,
        price_flat: price(&args.price_flat, found.price_flat)?,
        price_per_gib: price(&args.price_per_gib, found.price_per_gib)?,
        endpoint: office.config.endpoint.clone(),
        share_key: found.share_key,
    };
    let same = peer_args.operator == found.operator
        && peer_args.price_flat == found.price_flat
        && peer_args.price_per_gib == found.price_per_gib
        && Some(&peer_args.endpoint) == endpoint(&found).as_ref();
    if same {
        println!("Nothing to change: the chain says what the configuration says.");
        return Ok(());
    }
    let changed = peer_args.clone();
    office.send(peer::update(wallet.pubkey(), &found, peer_args), &wallet).await?;
    println!(
        "Updated: operator {}, endpoint {}, {} an epoch and {} for each GiB",
        changed.operator,
        changed.endpoint,
        mint.show(changed.price_flat),
        mint.show(changed.price_per_gib)
    );
    println!("Leases that stand keep their price.");
    Ok(())
}

fn operator(office: &Office) -> Result<Pubkey, Failure> {
    Ok(FileWallet::open(&office.config.operator)?.pubkey())
}
