use std::path::Path;

use aceso::state::{Beacon, LeaseStatus, Peer, PeerStatus};
use aceso_sdk::{
    chain::{ChainTime, Fetched, LedgerAccount, Pubkey, Signer, token::Mint},
    home::FileWallet,
};
use serde_json::{Value, json};

use super::{
    office::{Leases, Office},
    show,
};
use crate::{
    args::Shown,
    config::Size,
    failure::Failure,
    run::{endpoint, needed_lamports},
};

/// A running daemon's word is not older than this.
const FRESH_SECS: i64 = 180;

struct Status {
    peer: Fetched<Peer>,
    beacon: Fetched<Beacon>,
    ledger: LedgerAccount,
    mint: Mint,
    time: ChainTime,
    leases: Leases,
    fee_payer: Pubkey,
    lamports: u64,
}

pub async fn run(path: &Path, args: &Shown) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let peer = office.peer().await?;
    let fee_payer = FileWallet::open(&office.config.fee_payer)?.pubkey();
    let status = Status {
        beacon: office.beacon().await?,
        ledger: office.chain.ledger(&office.peer_at).await?,
        mint: office.mint(&peer).await?,
        time: office.chain.rpc.time().await?,
        leases: office.leases().await?,
        lamports: office.chain.balance(&fee_payer).await?,
        fee_payer,
        peer,
    };
    if args.json {
        println!("{:#}", status.json(&office));
    } else {
        status.print(&office);
    }
    Ok(())
}

impl Status {
    fn needed(&self) -> u64 {
        needed_lamports(&self.ledger.head.terms, self.beacon.epoch_secs)
    }

    fn owed_epochs(&self) -> u64 {
        match self.ledger.head.is_settled(&self.beacon) {
            true => 0,
            false => self.beacon.draws.saturating_sub(self.ledger.head.next_seq),
        }
    }

    fn is_running(&self) -> bool {
        let at_secs = self.leases.state.as_ref().map_or(0, |state| state.at_secs);
        self.leases.running && self.time.unix_secs.saturating_sub(at_secs) <= FRESH_SECS
    }

    fn count(&self, status: LeaseStatus) -> usize {
        self.leases.found.iter().filter(|lease| lease.status == status as u8).count()
    }

    fn json(&self, office: &Office) -> Value {
        let (peer, head) = (&self.peer, &self.ledger.head);
        json!({
            "peer": self.peer.address.to_string(),
            "profile": peer.profile.to_string(),
            "operator": peer.operator.to_string(),
            "endpoint": endpoint(peer),
            "status": show::peer_status(peer.status),
            "mint": peer.mint.to_string(),
            "decimals": self.mint.decimals,
            "price_flat": peer.price_flat,
            "price_per_gib": peer.price_per_gib,
            "books": {
                "bond": peer.bond, "locked": peer.locked, "escrow": peer.escrow,
                "owed": peer.owed, "earned": peer.earned,
            },
            "payout": (peer.payout != Pubkey::default()).then(|| peer.payout.to_string()),
            "drain_epoch": (peer.drain_epoch != 0).then_some(peer.drain_epoch),
            "epoch_secs": self.beacon.epoch_secs,
            "chain_time_secs": self.time.unix_secs,
            "credited_epoch": head.credited_until.checked_sub(1),
            "owed_epochs": self.owed_epochs(),
            "leases": {
                "offered": self.count(LeaseStatus::Offered),
                "live": self.count(LeaseStatus::Live),
                "ended": self.count(LeaseStatus::Ended),
                "counted": peer.leases,
            },
            "fee_payer": self.fee_payer.to_string(),
            "fee_payer_lamports": self.lamports,
            "fee_payer_needed_lamports": self.needed(),
            "quota_bytes": office.config.quota.0,
            "running": self.is_running(),
            "daemon": self.leases.state,
        })
    }

    fn print(&self, office: &Office) {
        let (peer, mint) = (&self.peer, &self.mint);
        let date = |epoch: u64| show::epoch(epoch, self.beacon.epoch_secs);
        let status = match peer.status {
            s if s == PeerStatus::Draining as u8 => {
                format!("draining; leases are released from {} on", date(peer.drain_epoch))
            }
            s => show::peer_status(s).to_owned(),
        };
        let credited = self.ledger.head.credited_until.checked_sub(1);
        let owed = match self.owed_epochs() {
            0 => "nothing owed".to_owned(),
            1 => "one epoch to prove".to_owned(),
            many => format!("{many} epochs to prove"),
        };
        let payout = match peer.payout == Pubkey::default() {
            true => "none; settlements are only booked (`aceso-peer payout set`)".to_owned(),
            false => peer.payout.to_string(),
        };
        let stored = self.leases.state.as_ref().map_or(0, |state| state.stored_bytes);
        let rows = [
            ("peer", peer.address.to_string()),
            ("status", status),
            ("endpoint", endpoint(peer).unwrap_or_default()),
            (
                "price",
                format!(
                    "{} an epoch, and {} for each GiB",
                    mint.show(peer.price_flat),
                    mint.show(peer.price_per_gib)
                ),
            ),
            (
                "bond",
                format!(
                    "{} free, {} locked by leases",
                    mint.show(peer.bond),
                    mint.show(peer.locked)
                ),
            ),
            ("to be earned", mint.show(peer.escrow)),
            ("earned", format!("{} not paid out yet", mint.show(peer.earned))),
            ("owed to owners", mint.show(peer.owed)),
            ("payout", payout),
            (
                "leases",
                format!(
                    "{} live, {} offered, {} ended",
                    self.count(LeaseStatus::Live),
                    self.count(LeaseStatus::Offered),
                    self.count(LeaseStatus::Ended)
                ),
            ),
            (
                "proofs",
                format!("{owed}; last credited {}", credited.map_or("never".to_owned(), date)),
            ),
            ("chain", format!("{}, slot {}", show::moment(self.time.unix_secs), self.time.slot)),
            ("fee payer", self.fees()),
            ("stored", format!("{} of {}", Size(stored), office.config.quota)),
            (
                "daemon",
                if self.is_running() {
                    "runs".to_owned()
                } else {
                    "does not run, or hears nothing of the chain; look at its log".to_owned()
                },
            ),
        ];
        for (name, value) in rows {
            println!("{name:<15} {value}");
        }
        self.print_troubles();
    }

    fn fees(&self) -> String {
        let (needed, has) = (self.needed(), show::sol(self.lamports));
        match needed.checked_sub(self.lamports) {
            None | Some(0) => format!("{} has {has}", self.fee_payer),
            Some(short) => format!(
                "{} has {has}, which is too little for a week; send it {}",
                self.fee_payer,
                show::sol(short)
            ),
        }
    }

    fn print_troubles(&self) {
        let Some(state) = &self.leases.state else { return };
        for damaged in &state.damaged {
            println!(
                "DAMAGED  object {} is {}; leases {}: let their owners send it again",
                damaged.object,
                damaged.condition,
                damaged.leases.join(" ")
            );
        }
        for failing in &state.failing {
            println!("FAILING  {} ({} times): {}", failing.duty, failing.times, failing.why);
        }
        if !state.complete {
            println!(
                "INCOMPLETE  the chain counts more leases than are known; name a node with the whole history"
            );
        }
    }
}
