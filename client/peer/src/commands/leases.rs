use std::path::Path;

use aceso::state::LeaseStatus;
use serde_json::{Value, json};

use super::{office::Office, show};
use crate::{args::Shown, config::Size, failure::Failure, storage::hex};

pub async fn run(path: &Path, args: &Shown) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let (peer, beacon) = (office.peer().await?, office.beacon().await?);
    let mint = office.mint(&peer).await?;
    let leases = office.leases().await?;
    let date = |epoch: u64| show::epoch(epoch, beacon.epoch_secs);
    if args.json {
        let all: Vec<Value> = leases
            .found
            .iter()
            .map(|lease| {
                json!({
                    "lease": lease.address.to_string(),
                    "owner": lease.owner.to_string(),
                    "scope": lease.scope.to_string(),
                    "kind": show::kind(lease.kind),
                    "number": lease.number,
                    "status": show::lease_status(lease.status),
                    "end": show::end(lease.end),
                    "digest": hex(&lease.digest),
                    "stored_len": lease.stored_len,
                    "price": lease.price,
                    "lock": lease.lock,
                    "escrow": lease.escrow,
                    "owed": lease.owed,
                    "from_epoch": lease.from_epoch,
                    "until_epoch": lease.until_epoch,
                    "settled_epoch": lease.settled_epoch,
                    "held": leases.is_held(&lease.address),
                })
            })
            .collect();
        println!("{:#}", Value::Array(all));
        return Ok(());
    }
    let row = |lease: &aceso_sdk::chain::Fetched<aceso::state::Lease>| {
        let offered = lease.status == LeaseStatus::Offered as u8;
        let (from, until) = match offered {
            true => (String::new(), format!("offer to {}", show::moment(lease.offer_until_secs))),
            false => (date(lease.from_epoch), date(lease.until_epoch)),
        };
        let here = match leases.is_held(&lease.address) {
            Some(true) => "here",
            Some(false) if offered => "awaited",
            Some(false) if lease.is_ended() && lease.has_slot == 0 => "",
            Some(false) => "MISSING",
            None => "?",
        };
        let end = show::end(lease.end);
        vec![
            lease.address.to_string(),
            show::kind(lease.kind).to_owned(),
            match end {
                "" => show::lease_status(lease.status).to_owned(),
                end => format!("ended ({end})"),
            },
            Size(lease.stored_len).to_string(),
            mint.show(lease.price),
            from,
            until,
            here.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = leases.found.iter().map(row).collect();
    let head = ["lease", "kind", "status", "size", "an epoch", "from", "until", "bytes"];
    print!("{}", show::table(&head, &rows));
    if leases.found.len() != peer.leases as usize {
        println!(
            "The chain counts {} leases and {} are known here; start the daemon, which finds them.",
            peer.leases,
            leases.found.len()
        );
    }
    Ok(())
}
