use std::path::Path;

use aceso::state::Lease;
use aceso_sdk::{
    chain::{Event, Fetched, Pubkey, instruction::proof},
    home::FileWallet,
};

use super::office::Office;
use crate::{chain, failure::Failure};

/// Leases in one transaction.
const BATCH: usize = 20;

/// Settles what the daemon would settle some time, now. Beside a running daemon, too: the program pays nothing twice.
pub async fn run(path: &Path) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let wallet = FileWallet::open(&office.config.fee_payer)?;
    let (peer, beacon) = (office.peer().await?, office.beacon().await?);
    let mint = office.mint(&peer).await?;
    let ledger = office.chain.ledger(&office.peer_at).await?.head;
    let closed = ledger.closed_epoch(&beacon);
    let owes = |lease: &Fetched<Lease>| {
        let to = lease.until_epoch.min(closed);
        lease.is_live() && ledger.credited_between(lease.settled_epoch, to) > 0
    };
    let leases = office.leases().await?.found;
    let owing: Vec<Pubkey> = leases.iter().filter(|l| owes(l)).map(|l| l.address).collect();
    let payout = chain::payout(&office.chain, &peer).await?;
    let (mut paid, mut transferred) = (0, 0);
    // Nothing new to book, but something that was only booked: one call pays that out.
    let only_earned = owing.is_empty() && peer.earned > 0 && payout.is_some();
    let batches = owing.chunks(BATCH).chain(only_earned.then_some(&[] as &[Pubkey]));
    for batch in batches {
        let sent = office.send(proof::settle(&peer, batch, payout), &wallet).await?;
        for event in office.chain.rpc.events(&sent.signature).await? {
            if let Event::Settled(settled) = event {
                paid += settled.paid;
                transferred += settled.transferred;
            }
        }
    }
    println!("Settled {} leases: {} earned", owing.len(), mint.show(paid));
    match payout {
        Some(payout) => println!("Paid out: {} to {payout}", mint.show(transferred)),
        None => {
            println!(
                "Nothing was paid out: there is no payout account that takes tokens (`aceso-peer payout set`)"
            )
        }
    }
    Ok(())
}
