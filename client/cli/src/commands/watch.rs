//! Keeping the storage market going, for everybody: the wallet pays fees, and no profile acts.

use std::{collections::HashMap, time::Duration};

use aceso_sdk::{
    chain::{Chain, ChainError, Event, Pubkey, token::Mint},
    watcher::{Chore, Done, Outcome, SpotChecks, Watcher},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    app::App,
    args::{value::Span, watch::Watch},
    exit::Failure,
    show,
};

pub async fn run(app: &App, args: &Watch) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    let settings = app.settings(&dir)?;
    let chain = app.chain(&settings).await?;
    let payer = match app.fee_payer(&settings)? {
        Some(payer) => payer,
        None => app.wallet(&dir, &settings)?,
    };
    if let Some(every) = args.spot_check {
        app.confirm(&format!(
            "Open a spot check every {}, with a deposit from {} that goes to whoever answers.",
            show::span(secs(app, every)),
            payer.pubkey()
        ))?;
    }
    let span = |span: Span| Duration::from_secs(secs(app, span).unsigned_abs());
    let patience = args.patience.map(span).unwrap_or_default();
    let checks = args.spot_check.map(|every| SpotChecks { every: span(every) });
    let mut watcher = Watcher::new(chain.clone(), payer, patience).spot_checks(checks);
    let mut teller = Teller { app, chain, mints: HashMap::new(), told: 0 };
    loop {
        let round = round(&mut watcher, &mut teller).await;
        match round {
            Ok(()) if args.once && teller.told == 0 => app.printer.say("nothing is due"),
            Ok(()) => {}
            // Nodes come and go; what is due stays due.
            Err(error) if error.is_transient() && !args.once => app.printer.warn(&error),
            Err(error) => return Err(error.into()),
        }
        if args.once {
            return Ok(());
        }
        tokio::time::sleep(span(args.every)).await;
    }
}

/// Each step is told when it is done, not at the end of the round.
async fn round(watcher: &mut Watcher, teller: &mut Teller<'_>) -> Result<(), ChainError> {
    let (tell, mut told) = mpsc::unbounded_channel();
    // A receiver that is gone belongs to a round that has failed.
    let mut note = move |done: Done| drop(tell.send(done));
    let working = async move { watcher.round(&mut note).await };
    let telling = async {
        while let Some(done) = told.recv().await {
            teller.tell(&done).await;
        }
    };
    tokio::join!(working, telling).0
}

fn secs(app: &App, span: Span) -> i64 {
    span.secs(&app.now())
}

struct Teller<'a> {
    app: &'a App,
    chain: Chain,
    /// By peer.
    mints: HashMap<Pubkey, Option<Mint>>,
    told: usize,
}

impl Teller<'_> {
    async fn tell(&mut self, done: &Done) {
        self.told += 1;
        let mut value = subject(&done.chore);
        value["chore"] = done.chore.name().into();
        let sentence = match &done.outcome {
            Outcome::Refused(reason) => {
                value["refused"] = reason.as_str().into();
                format!("{} not done: {reason}", words(&done.chore))
            }
            Outcome::Did { sent, events } => {
                value["signature"] = sent.signature.to_string().into();
                value["fee_lamports"] = sent.fee_lamports.into();
                let mut parts = vec![words(&done.chore)];
                for event in events {
                    parts.extend(self.consequence(event, &mut value).await);
                }
                parts.join(": ")
            }
        };
        if self.app.printer.json {
            // One line each, so that a program can read them as they come.
            let _ = self.app.printer.raw(format!("{value}\n").as_bytes());
        } else {
            let _ = self.app.printer.raw(format!("{}\n", sentence).as_bytes());
        }
    }

    /// What was moved by it, as the program said.
    async fn consequence(&mut self, event: &Event, value: &mut Value) -> Option<String> {
        match event {
            Event::Settled(settled) => {
                value["paid"] = settled.paid.into();
                value["transferred"] = settled.transferred.into();
                let paid = self.amount(&settled.peer, settled.paid).await;
                let sent = self.amount(&settled.peer, settled.transferred).await;
                Some(format!("{paid} earned, {sent} paid out"))
            }
            Event::Lease(lease) => {
                value["peer"] = lease.peer.to_string().into();
                value["owner"] = lease.owner.to_string().into();
                value["owed"] = lease.owed.into();
                if lease.owed == 0 {
                    return None;
                }
                let owed = self.amount(&lease.peer, lease.owed).await;
                Some(format!("{owed} of peer {} are {}'s", show::short(&lease.peer), lease.owner))
            }
            _ => None,
        }
    }

    async fn amount(&mut self, peer: &Pubkey, amount: u64) -> String {
        if !self.mints.contains_key(peer) {
            let mint = self.mint(peer).await;
            self.mints.insert(*peer, mint);
        }
        match self.mints.get(peer).and_then(Option::as_ref) {
            Some(mint) => mint.show(amount),
            None => format!("{amount} base units"),
        }
    }

    async fn mint(&self, peer: &Pubkey) -> Option<Mint> {
        let peer = self.chain.find::<aceso_sdk::chain::Peer>(peer).await.ok()??;
        self.chain.mint(&peer.mint).await.ok()
    }
}

fn subject(chore: &Chore) -> Value {
    let all = |leases: &[Pubkey]| -> Value { leases.iter().map(ToString::to_string).collect() };
    match chore {
        Chore::Arm { epoch } | Chore::Rearm { epoch } | Chore::Draw { epoch } => {
            json!({ "epoch": epoch })
        }
        Chore::PeerDefault { peer } => json!({ "peer": peer.to_string() }),
        Chore::DebtDefault { lease, seq, k } => {
            json!({ "lease": lease.to_string(), "seq": seq, "challenge": k })
        }
        Chore::SpotDefault { lease } | Chore::Expire { lease } | Chore::End { lease } => {
            json!({ "lease": lease.to_string() })
        }
        Chore::SpotOpen { lease, offset } => {
            json!({ "lease": lease.to_string(), "offset": offset })
        }
        Chore::Settle { peer, leases, .. } | Chore::Apply { peer, leases } => {
            json!({ "peer": peer.to_string(), "leases": all(leases) })
        }
    }
}

fn words(chore: &Chore) -> String {
    match chore {
        Chore::Arm { epoch } => format!("epoch {epoch} armed"),
        Chore::Rearm { epoch } => format!("epoch {epoch} armed anew: nobody drew in time"),
        Chore::Draw { epoch } => format!("epoch {epoch} drawn"),
        Chore::PeerDefault { peer } => {
            format!("peer {} defaulted whole", show::short(peer))
        }
        Chore::DebtDefault { lease, k, .. } => {
            format!("challenge {k} given up, lease {}", show::short(lease))
        }
        Chore::SpotDefault { lease } => {
            format!("spot check of lease {} without an answer", show::short(lease))
        }
        Chore::Settle { peer, leases, .. } => {
            let leases = show::count(leases.len(), "lease");
            format!("{leases} of peer {} settled", show::short(peer))
        }
        Chore::Expire { lease } => {
            format!("offer {} taken back: nobody accepted it", show::short(lease))
        }
        Chore::End { lease } => format!("lease {} ended", show::short(lease)),
        Chore::Apply { peer, leases } => {
            let leases = show::count(leases.len(), "lease");
            format!("{leases} taken out of the set of peer {}", show::short(peer))
        }
        Chore::SpotOpen { lease, .. } => {
            format!("spot check of lease {} opened", show::short(lease))
        }
    }
}
