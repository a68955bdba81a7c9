//! What the chain says of this peer, compared with the configuration.

use std::time::{SystemTime, UNIX_EPOCH};

use aceso::state::Peer;
use aceso_sdk::{
    chain::{Fetched, Pubkey, Signer},
    home::FileWallet,
};

use super::{office::Office, show};
use crate::{
    config::Config,
    failure::Failure,
    run::{endpoint, needed_lamports},
};

type Found = (&'static str, Result<String, Failure>);

/// A machine whose clock differs by more is worth a word, no more: nothing here depends on it.
const CLOCK_SECS: i64 = 30;

pub(super) async fn run(config: &Config) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    let office = match Office::with(config.clone()).await {
        Ok(office) => office,
        Err(failure) => return vec![("chain", Err(failure))],
    };
    all.push(("chain", chain(&office).await));
    let peer = match office.peer().await {
        Ok(peer) => peer,
        Err(failure) => {
            all.push(("peer", Err(failure)));
            return all;
        }
    };
    all.push(("peer", registered(&office, &peer)));
    all.push(("bond", bond(&office, &peer).await));
    all.push(("payout", payout(&office, &peer).await));
    all.push(("fee payer", fees(&office).await));
    all
}

async fn chain(office: &Office) -> Result<String, Failure> {
    let time = office.chain.rpc.time().await?;
    let here = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let ahead = i64::try_from(here).unwrap_or(0).saturating_sub(time.unix_secs);
    let note = match ahead.abs() > CLOCK_SECS {
        true => format!("; this machine's clock differs by {ahead} s, which changes nothing here"),
        false => String::new(),
    };
    let second = match office.chain.verify_rpc {
        Some(_) => ", and so says the second node",
        None => "",
    };
    Ok(format!("it is {} there, slot {}{second}{note}", show::moment(time.unix_secs), time.slot))
}

fn registered(office: &Office, peer: &Fetched<Peer>) -> Result<String, Failure> {
    let operator = FileWallet::open(&office.config.operator)?.pubkey();
    if peer.operator != operator {
        return Err(Failure::input(format!(
            "the chain names {} as its operator and the key file is {operator}; run `aceso-peer update`, or name the right file",
            peer.operator
        )));
    }
    let found = endpoint(peer).unwrap_or_default();
    if found.trim_end_matches('/') != office.config.endpoint.trim_end_matches('/') {
        return Err(Failure::input(format!(
            "the chain names {found} as its endpoint and the configuration {}; run `aceso-peer update`, or correct the configuration",
            office.config.endpoint
        )));
    }
    Ok(format!("{}, {}", peer.address, show::peer_status(peer.status)))
}

async fn bond(office: &Office, peer: &Fetched<Peer>) -> Result<String, Failure> {
    let mint = office.mint(peer).await?;
    if peer.require_bond().is_err() {
        return Err(Failure::input(format!(
            "{} are put up and new leases need {}; add some with `aceso-peer bond add`",
            mint.show(peer.bond.saturating_add(peer.locked)),
            mint.show(peer.bond_min)
        )));
    }
    Ok(format!("{} free, {} locked", mint.show(peer.bond), mint.show(peer.locked)))
}

async fn payout(office: &Office, peer: &Fetched<Peer>) -> Result<String, Failure> {
    if peer.payout == Pubkey::default() {
        return Ok("none; settlements are only booked, until `aceso-peer payout set`".to_owned());
    }
    let bad = |what: &str| {
        Err(Failure::input(format!(
            "{} {what}; settlements stay on the books, so name another with `aceso-peer payout set`",
            peer.payout
        )))
    };
    match office.chain.tokens(&peer.payout).await? {
        None => bad("is no token account any more"),
        Some(tokens) if tokens.mint != peer.mint => bad("is of another mint"),
        Some(tokens) if tokens.frozen => bad("is frozen"),
        Some(tokens) => Ok(format!("{}, of {}", tokens.address, tokens.owner)),
    }
}

async fn fees(office: &Office) -> Result<String, Failure> {
    let wallet = FileWallet::open(&office.config.fee_payer)?.pubkey();
    let lamports = office.chain.balance(&wallet).await?;
    let head = office.chain.ledger(&office.peer_at).await?.head;
    let needed = needed_lamports(&head.terms, head.epoch_secs);
    match needed.checked_sub(lamports) {
        None | Some(0) => Ok(format!("{wallet} has {}", show::sol(lamports))),
        Some(short) => Err(Failure::outside(format!(
            "{wallet} has {} and a week of duties may take {}; send it {}",
            show::sol(lamports),
            show::sol(needed),
            show::sol(short)
        ))),
    }
}
