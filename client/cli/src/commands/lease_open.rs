use std::time::Duration;

use aceso_sdk::{
    chain::Pubkey,
    flow::{LeaseOpen as Open, LeaseOpened, LeasePlan, LeaseWhat, Offered, RecordList, Session},
};
use serde_json::Value;

use crate::{
    app::App,
    args::{
        lease::{LeaseOpen, LeaseScope, Payment},
        value::Span,
    },
    exit::Failure,
    find,
    render::{Names, lease, receipt},
};

/// Content and head of more than this are no part of a pack.
const PACKED_LEN: u64 = 1 << 20;

pub async fn run(app: &App, args: &LeaseOpen) -> Result<(), Failure> {
    let session = app.session().await?;
    let what = things(&session, &args.scope).await?;
    let mut peers = Vec::new();
    for name in &args.peer {
        peers.push(session.peer_named(name).await?);
    }
    let request = request(app, &session, what, args.replicas, args.term, &args.payment).await?;
    let plan = session.lease_plan(Open { peers, ..request }).await?;
    if plan.offers.is_empty() {
        app.printer.say("There are as many copies as you asked for; nothing is paid.");
    } else {
        plan.require_funds()?;
        app.confirm(&lease::question(&plan, &Names(&session)))?;
    }
    let planned = lease::plan(&plan);
    let done = session.lease_open(plan, patience(app, &args.payment)).await?;
    let mut value = lease::opened(&done);
    value["plan"] = planned;
    tell(app, &session, &value, &done)?;
    complete(&done)
}

/// What was named, as leases know it.
pub async fn things(session: &Session, scope: &LeaseScope) -> Result<Vec<LeaseWhat>, Failure> {
    if scope.bundle {
        return Ok(vec![LeaseWhat::Bundle(session.profile()?)]);
    }
    if let Some(name) = &scope.record {
        let record = find::record(session, name).await?;
        if scope.only {
            return Ok(vec![LeaseWhat::Record(record)]);
        }
        let view = session.record_show(record).await?;
        return Ok(with_keys(view.owner, view.folder, vec![LeaseWhat::Record(record)]));
    }
    let name = scope.folder.as_deref().unwrap_or_default();
    let folder = find::folder(session, name).await?;
    if scope.only {
        return Ok(vec![LeaseWhat::Keyring(folder)]);
    }
    let mut things = Vec::new();
    let records = session.record_list(RecordList::Own { folder: Some(folder) }).await?;
    let packs = |len: u64| scope.pack && len <= PACKED_LEN;
    if records.iter().any(|view| packs(view.content.len + view.head.len)) {
        things.push(LeaseWhat::Pack { folder, number: 0 });
    }
    for view in &records {
        if !packs(view.content.len + view.head.len) {
            things.push(LeaseWhat::Record(view.record));
        }
    }
    Ok(with_keys(session.profile()?, folder, things))
}

/// Whoever is left with nothing but copies needs these to open them.
pub fn with_keys(owner: Pubkey, folder: Pubkey, mut things: Vec<LeaseWhat>) -> Vec<LeaseWhat> {
    things.extend([LeaseWhat::Keyring(folder), LeaseWhat::Bundle(owner)]);
    things
}

pub async fn request(
    app: &App,
    session: &Session,
    what: Vec<LeaseWhat>,
    copies: u32,
    term: Span,
    payment: &Payment,
) -> Result<Open, Failure> {
    let mint = payment.mint.map(|mint| mint.key());
    Ok(Open {
        what,
        copies,
        term_secs: term.secs(&app.now()),
        mint,
        price_max: price_max(session, payment).await?,
        peers: Vec::new(),
        without: Vec::new(),
        instead_of: Vec::new(),
    })
}

/// The limit in base units: how many those are, only the mint knows.
pub async fn price_max(session: &Session, payment: &Payment) -> Result<Option<u64>, Failure> {
    let Some(text) = &payment.price_max else { return Ok(None) };
    let mint = session.lease_mint(payment.mint.map(|mint| mint.key())).await?;
    let wrong = || {
        Failure::usage(format!("{text:?} is no amount of these tokens"))
            .with_hint(format!("write a number with at most {} decimals", mint.decimals))
    };
    mint.parse(text).map(Some).ok_or_else(wrong)
}

pub fn patience(app: &App, payment: &Payment) -> Duration {
    Duration::from_secs(payment.wait.secs(&app.now()).unsigned_abs())
}

pub fn tell(
    app: &App,
    session: &Session,
    value: &Value,
    done: &LeaseOpened,
) -> Result<(), Failure> {
    receipt::tell(&app.printer, &done.receipt);
    app.printer.data(value, || lease::opened_text(done, &Names(session)))?;
    lease::warn_opened(&app.printer, done);
    if done.leases.iter().any(|lease| matches!(lease.offered, Offered::Waiting)) {
        app.printer.say(
            "Some peers have not answered yet. The same command goes on with it and pays nothing twice; an offer that \
             nobody accepts comes back with `aceso lease claim`.",
        );
    }
    Ok(())
}

/// Fewer copies than were asked for are a failure, whatever else was done.
pub fn complete(done: &LeaseOpened) -> Result<(), Failure> {
    let failed = done.leases.iter().filter(|lease| matches!(lease.offered, Offered::Failed(_)));
    let missing = failed.count() + done.asked.saturating_sub(done.leases.len());
    match missing {
        0 => Ok(()),
        missing => Err(Failure::ours(format!("{missing} of the copies could not be placed"))
            .with_hint("run the same command again; nothing is paid twice")
            .with_kind("leases-incomplete")),
    }
}

/// A question only where something is to be paid.
pub fn confirm(app: &App, session: &Session, plan: &LeasePlan) -> Result<(), Failure> {
    if plan.offers.is_empty() {
        return Ok(());
    }
    plan.require_funds()?;
    app.confirm(&lease::question(plan, &Names(session)))
}
