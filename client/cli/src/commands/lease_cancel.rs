use crate::{
    app::App,
    args::lease::LeaseName,
    exit::Failure,
    render::{Names, lease, receipt},
    show,
};

pub async fn run(app: &App, args: &LeaseName) -> Result<(), Failure> {
    let session = app.session().await?;
    let address = session.lease_named(&args.lease).await?;
    let view = session.lease_show(address).await?;
    let rest = view.mint.as_ref().map(|mint| mint.show(view.lease.escrow)).unwrap_or_default();
    app.confirm(&format!(
        "End lease {} ({} at {}). What the peer has proven stays paid; the rest of {rest} comes back. Its copy is gone then.",
        show::short(&address),
        lease::what_text(&view.what, &Names(&session)),
        view.endpoint,
    ))?;
    let claimed = session.lease_cancel(address).await?;
    receipt::tell(&app.printer, &claimed.receipt);
    app.printer.data(&lease::claimed(&claimed), || lease::claimed_text(&claimed))?;
    lease::tell_left(&app.printer, &claimed);
    if claimed.closed.is_empty() {
        app.printer.say(
            "Its account is closed, and the rent comes back, once the peer owes no proof: run `aceso lease claim` in a day or two.",
        );
    }
    Ok(())
}
