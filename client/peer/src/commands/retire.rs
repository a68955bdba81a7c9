use std::path::Path;

use aceso::state::{Lease, LeaseStatus, Peer, Profile};
use aceso_sdk::{
    chain::{
        Fetched, Signer,
        instruction::{lease_end, peer},
        token,
    },
    home::FileWallet,
};

use super::office::Office;
use crate::{args::Retire, failure::Failure};

pub async fn run(path: &Path, args: &Retire) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let wallet = office.authority(&args.authority).await?;
    let found = office.peer().await?;
    let mint = office.mint(&found).await?;
    clear(&office, &wallet, &found, &mint).await?;
    let found = office.peer().await?;
    if found.leases > 0 {
        return Err(in_use(&office, &found, &mint).await?);
    }
    let destination = match args.account {
        // Where nothing is left, nothing has to go anywhere.
        None if found.bond + found.earned == 0 => token::associated(&wallet.pubkey(), &mint),
        account => office.tokens(account, &wallet, &mint).await?.address,
    };
    office.send(peer::retire(wallet.pubkey(), &found, destination), &wallet).await?;
    println!(
        "Retired: {} of bond and earnings went to {destination}, the rent to {}",
        mint.show(found.bond.saturating_add(found.earned)),
        found.meta.payer
    );
    println!("The bytes that are left in data_dir are nobody's; delete them as you like.");
    Ok(())
}

/// What owners have not claimed goes where their wallets look for it; what is over then is closed. Nobody who lost interest
/// keeps a peer from leaving.
async fn clear(
    office: &Office,
    wallet: &FileWallet,
    peer: &Fetched<Peer>,
    mint: &token::Mint,
) -> Result<(), Failure> {
    for lease in office.leases().await?.found.iter().filter(|lease| lease.is_ended()) {
        if lease.owed > 0 {
            let Some(owner) = office.chain.find::<Profile>(&lease.owner).await? else { continue };
            let at = token::associated(&owner.authority, mint);
            let tokens = office.chain.tokens(&at).await?.filter(|tokens| !tokens.frozen);
            if tokens.is_none_or(|tokens| tokens.owner != owner.authority) {
                continue;
            }
            office.send(lease_end::claim(peer, lease, at), wallet).await?;
            println!("Paid back: {} to {at}, which a lease owed its owner", mint.show(lease.owed));
        }
        let Some(lease) = office.chain.find::<Lease>(&lease.address).await? else { continue };
        if lease.require_closable(peer).is_ok() {
            office.send(lease_end::close(&lease), wallet).await?;
        }
    }
    Ok(())
}

/// Says which leases are in the way, and who can do something about them.
async fn in_use(office: &Office, peer: &Peer, mint: &token::Mint) -> Result<Failure, Failure> {
    let leases = office.leases().await?;
    let ended = leases.found.iter().filter(|lease| lease.status == LeaseStatus::Ended as u8);
    let owing = ended.clone().filter(|lease| lease.owed > 0).count();
    let owed = ended.map(|lease| lease.owed).sum();
    Ok(Failure::input(format!(
        "this peer has {} leases, {} of them live, and {owing} that have ended owe {} to owners without a token account of their own; give notice with `aceso-peer drain`, let the daemon run until they are over, and owners claim what is theirs",
        peer.leases,
        peer.live,
        mint.show(owed)
    )))
}
