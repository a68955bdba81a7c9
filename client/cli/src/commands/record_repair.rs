use aceso_sdk::flow::RecordRepair as Repair;
use serde_json::json;

use super::lease_open;
use crate::{
    app::App,
    args::record::RecordRepair,
    exit::Failure,
    find,
    render::{self, Names, lease, receipt},
    show,
};

pub async fn run(app: &App, args: &RecordRepair) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    let plan = session
        .record_repair_plan(Repair {
            record,
            copies: args.replicas,
            term_secs: args.term.map(|term| term.secs(&app.now())),
            mint: args.payment.mint.map(|mint| mint.key()),
            price_max: lease_open::price_max(&session, &args.payment).await?,
        })
        .await?;
    for checked in plan.health.copies.iter().chain(&plan.health.keyring) {
        if plan.lost.contains(&checked.view.lease.address) {
            let id = show::short(&checked.view.lease.address);
            app.printer.warn(format_args!("{id} is lost: {}", checked.words));
        }
    }
    for plan in &plan.plans {
        lease_open::confirm(app, &session, plan)?;
    }
    let (lost, nothing) = (plan.lost.clone(), plan.lost.is_empty() && plan.plans.is_empty());
    let done = session.record_repair(plan, lease_open::patience(app, &args.payment)).await?;
    receipt::tell(&app.printer, &done.opened.receipt);
    receipt::tell(&app.printer, &done.claimed.receipt);
    let value = json!({
        "record": record.to_string(), "lost": render::addresses(&lost),
        "opened": lease::opened(&done.opened), "claimed": lease::claimed(&done.claimed),
    });
    app.printer.data(&value, || match nothing {
        true => "All copies are there; nothing was done.".to_owned(),
        false => format!(
            "{}{}",
            lease::opened_text(&done.opened, &Names(&session)),
            lease::claimed_text(&done.claimed)
        ),
    })?;
    lease::warn_opened(&app.printer, &done.opened);
    lease::tell_left(&app.printer, &done.claimed);
    lease_open::complete(&done.opened)
}
