use crate::{
    app::App,
    args::lease::LeaseClaim,
    exit::Failure,
    render::{lease, receipt},
};

pub async fn run(app: &App, args: &LeaseClaim) -> Result<(), Failure> {
    let session = app.session().await?;
    let leases = match &args.lease {
        Some(name) => Some(vec![session.lease_named(name).await?]),
        None => None,
    };
    let claimed = session.lease_claim(leases).await?;
    receipt::tell(&app.printer, &claimed.receipt);
    app.printer.data(&lease::claimed(&claimed), || lease::claimed_text(&claimed))?;
    lease::tell_left(&app.printer, &claimed);
    Ok(())
}
