use aceso_sdk::flow::LeaseExtended;
use serde_json::json;

use crate::{
    app::App,
    args::lease::LeaseExtend,
    exit::Failure,
    render::{peer, receipt, time},
    show,
};

pub async fn run(app: &App, args: &LeaseExtend) -> Result<(), Failure> {
    let session = app.session().await?;
    let lease = session.lease_named(&args.lease).await?;
    let plan = session.lease_extension(lease, args.term.secs(&app.now())).await?;
    if plan.is_done {
        app.printer.say("A command that was interrupted has paid for this; nothing more is paid.");
        let extended = session.lease_extend(plan).await?;
        return tell(app, &extended);
    }
    app.confirm(&format!(
        "Extend lease {} by {} epochs, until {}: {}, of which you have {}.",
        show::short(&lease),
        plan.epochs,
        show::time(plan.until_secs),
        plan.mint.show(plan.total),
        plan.mint.show(plan.balance),
    ))?;
    let extended = session.lease_extend(plan).await?;
    tell(app, &extended)
}

fn tell(app: &App, extended: &LeaseExtended) -> Result<(), Failure> {
    receipt::tell(&app.printer, &extended.receipt);
    let value = json!({
        "lease": extended.lease.to_string(), "until_epoch": extended.until_epoch,
        "until": time(extended.until_secs), "paid": extended.paid, "mint": peer::mint(&extended.mint),
        "transactions": receipt::json(&extended.receipt),
    });
    app.printer.data(&value, || {
        format!(
            "{} is paid until {} ({})",
            show::short(&extended.lease),
            show::time(extended.until_secs),
            extended.mint.show(extended.paid)
        )
    })
}
