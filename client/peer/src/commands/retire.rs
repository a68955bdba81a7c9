use std::path::Path;

use aceso::state::{LeaseStatus, Peer};
use aceso_sdk::chain::{Signer, instruction::peer, token};

use super::office::Office;
use crate::{args::Retire, failure::Failure};

pub async fn run(path: &Path, args: &Retire) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let wallet = office.authority(&args.authority).await?;
    let found = office.peer().await?;
    let mint = office.mint(&found).await?;
    if found.leases > 0 {
        return Err(in_use(&office, &found, &mint).await?);
    }
    let before = match args.account {
        // Where nothing is left, nothing has to go anywhere.
        None if found.bond + found.earned == 0 => token::associated(&wallet.pubkey(), &mint),
        account => office.tokens(account, &wallet, &mint).await?.address,
    };
    office.send(peer::retire(wallet.pubkey(), &found, before), &wallet).await?;
    println!(
        "Retired: {} of bond and earnings went to {before}, the rent to {}",
        mint.show(found.bond.saturating_add(found.earned)),
        found.meta.payer
    );
    println!("The bytes that are left in data_dir are nobody's; delete them as you like.");
    Ok(())
}

/// Says which leases are in the way, and who can do something about them.
async fn in_use(office: &Office, peer: &Peer, mint: &token::Mint) -> Result<Failure, Failure> {
    let leases = office.leases().await?;
    let ended = leases.found.iter().filter(|lease| lease.status == LeaseStatus::Ended as u8);
    let owing = ended.clone().filter(|lease| lease.owed > 0).count();
    let owed = ended.map(|lease| lease.owed).sum();
    Ok(Failure::input(format!(
        "this peer has {} leases, {} of them live, and {owing} that have ended owe their owners {}; give notice with `aceso-peer drain`, let the daemon run until they are over, and owners claim what is theirs",
        peer.leases,
        peer.live,
        mint.show(owed)
    )))
}
