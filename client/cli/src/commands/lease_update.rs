use std::time::Duration;

use aceso_sdk::{
    chain::Pubkey,
    flow::{FlowError, LeaseList, LeaseOpen as Open, LeaseWhat, LeasesUpdated, Session},
};
use serde_json::{Value, json};

use super::lease_open;
use crate::{
    app::App,
    args::lease::{LeaseUpdate, Payment},
    exit::Failure,
    render::{self, lease, receipt},
    show,
};

/// How long a command waits for peers that it was not about.
const FOLLOW_PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(app: &App, args: &LeaseUpdate) -> Result<(), Failure> {
    let session = app.session().await?;
    let what = lease_open::things(&session, &args.scope).await?;
    let done = session.lease_update(&what, lease_open::patience(app, &args.payment)).await?;
    receipt::tell(&app.printer, &done.receipt);
    let replaced = replace_heavier(app, &session, &done, &args.payment).await?;
    let mut value = updated(&done);
    value["replaced"] = replaced;
    app.printer.data(&value, || text(&done))?;
    tell(app, &done);
    Ok(())
}

/// After a change: leases on these records and folders get the new state, which costs no tokens. The change itself is
/// done, so whatever goes wrong here is a warning.
pub async fn follow(app: &App, session: &Session, scopes: &[Pubkey]) -> Value {
    match try_follow(session, scopes).await {
        Ok(None) => Value::Null,
        Ok(Some(done)) => {
            tell(app, &done);
            if !done.heavier.is_empty() {
                app.printer.warn(
                    "it has grown beyond what peers were paid for, and they keep the older state: run `aceso lease update`",
                );
            }
            updated(&done)
        }
        Err(error) => {
            app.printer.warn(format_args!(
                "the copies at storage peers are of the state before ({error}); `aceso lease update` brings them up to date"
            ));
            Value::Null
        }
    }
}

async fn try_follow(
    session: &Session,
    scopes: &[Pubkey],
) -> Result<Option<LeasesUpdated>, FlowError> {
    let mut what: Vec<LeaseWhat> = Vec::new();
    for scope in scopes {
        let views = session.lease_list(LeaseList::Scope(*scope)).await?;
        what.extend(views.iter().filter(|view| view.lease.is_live()).map(|view| view.what));
    }
    what.sort_by_key(|what| (what.scope(), what.word(), what.number()));
    what.dedup();
    if what.is_empty() {
        return Ok(None);
    }
    session.lease_update(&what, FOLLOW_PATIENCE).await.map(Some)
}

pub fn updated(done: &LeasesUpdated) -> Value {
    let waiting = done.waiting.iter().map(|(lease, error)| {
        json!({ "lease": lease.to_string(), "error": error.as_ref().map(ToString::to_string) })
    });
    let unmade =
        done.unmade.iter().map(|(lease, why)| json!({ "lease": lease.to_string(), "error": why }));
    json!({
        "unmade": unmade.collect::<Vec<_>>(), "current": render::addresses(&done.current), "updated": render::addresses(&done.updated),
        "waiting": waiting.collect::<Vec<_>>(), "heavier": render::addresses(&done.heavier),
        "transactions": receipt::json(&done.receipt),
    })
}

fn text(done: &LeasesUpdated) -> String {
    format!(
        "{} brought up to date, {} as it should be, {} waiting",
        show::count(done.updated.len(), "lease"),
        done.current.len(),
        done.waiting.len()
    )
}

pub fn tell(app: &App, done: &LeasesUpdated) {
    for (lease, error) in &done.waiting {
        let why = error.as_ref().map_or_else(
            || "its peer has not accepted the new bytes yet".to_owned(),
            ToString::to_string,
        );
        app.printer.warn(format_args!("lease {} keeps the older state: {why}", show::short(lease)));
    }
    for (lease, why) in &done.unmade {
        app.printer.warn(format_args!("lease {} keeps the older state: {why}", show::short(lease)));
    }
    if !done.waiting.is_empty() {
        app.printer.say("`aceso lease update` goes on with it; that costs no tokens.");
    }
}

/// What weighs more than it was leased for gets new leases, at other peers, and the old ones end.
async fn replace_heavier(
    app: &App,
    session: &Session,
    done: &LeasesUpdated,
    payment: &Payment,
) -> Result<Value, Failure> {
    let mut values = Vec::new();
    let mut things: Vec<(LeaseWhat, Vec<_>, i64)> = Vec::new();
    for lease in &done.heavier {
        let view = session.lease_show(*lease).await?;
        let begun = view.epoch.max(view.lease.from_epoch);
        let rest = view.lease.until_epoch.saturating_sub(begun).max(1);
        let rest = i64::try_from(rest).unwrap_or(i64::MAX).saturating_mul(view.epoch_secs);
        match things.iter_mut().find(|(what, ..)| *what == view.what) {
            Some((_, leases, secs)) => {
                leases.push(*lease);
                *secs = rest.max(*secs);
            }
            None => things.push((view.what, vec![*lease], rest)),
        }
    }
    for (what, old, term_secs) in things {
        let request = Open {
            what: vec![what],
            copies: old.len() as u32,
            term_secs,
            mint: payment.mint.map(|mint| mint.key()),
            price_max: lease_open::price_max(session, payment).await?,
            peers: Vec::new(),
            without: Vec::new(),
            instead_of: old,
        };
        let plan = session.lease_plan(request).await?;
        app.printer.say(
            "It has grown beyond what was leased, so it needs new leases in place of the old ones.",
        );
        lease_open::confirm(app, session, &plan)?;
        let replaced = session.lease_replace(plan, lease_open::patience(app, payment)).await?;
        lease::warn_opened(&app.printer, &replaced.opened);
        lease::tell_left(&app.printer, &replaced.claimed);
        values.push(json!({
            "opened": lease::opened(&replaced.opened), "claimed": lease::claimed(&replaced.claimed),
        }));
    }
    Ok(Value::Array(values))
}
