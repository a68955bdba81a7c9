use std::path::Path;

use aceso::state::PeerStatus;
use aceso_sdk::chain::{Signer, instruction::peer};

use super::{office::Office, show};
use crate::{args::Drain, failure::Failure};

/// Gives notice. The daemon has to run until the last lease is over.
pub async fn run(path: &Path, args: &Drain) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let wallet = office.authority(&args.authority).await?;
    let (found, beacon) = (office.peer().await?, office.beacon().await?);
    if found.status == PeerStatus::Active as u8 {
        if !args.yes {
            return Err(Failure::input(
                "notice cannot be taken back: this peer gets no lease any more, and those that stand are released after it; say --yes if you mean it",
            ));
        }
        office.send(peer::drain(wallet.pubkey(), &found), &wallet).await?;
    }
    let found = office.peer().await?;
    if found.is_defaulted() {
        return Err(Failure::input(
            "this peer has defaulted, so there is no notice to give; end its leases, then `aceso-peer retire`",
        ));
    }
    println!(
        "Notice is given: leases are released from {} on, {} of them live",
        show::epoch(found.drain_epoch, beacon.epoch_secs),
        found.live
    );
    println!(
        "Keep the daemon running until then: what is proven is paid, and it closes what is over."
    );
    println!("After that: `aceso-peer retire`.");
    Ok(())
}
