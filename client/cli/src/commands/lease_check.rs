use aceso_sdk::flow::{Depth, Health};

use crate::{
    app::App,
    args::lease::LeaseCheck,
    exit::Failure,
    render::{Names, lease},
    show,
    table::Facts,
};

pub async fn run(app: &App, args: &LeaseCheck) -> Result<(), Failure> {
    let session = app.session().await?;
    let address = session.lease_named(&args.lease).await?;
    let depth = if args.whole { Depth::Whole } else { Depth::default() };
    let checked = session.lease_check(address, depth).await?;
    let view = &checked.view;
    app.printer.data(&lease::checked(&checked), || {
        let rest = view.lease.escrow.saturating_add(view.lease.owed);
        Facts::new()
            .fact("lease", address.to_string())
            .fact("what", lease::what_text(&view.what, &Names(&session)))
            .fact("where", view.endpoint.clone())
            .fact("health", format!("{}: {}", lease::health(checked.health), checked.words))
            .fact("stored", show::size(view.lease.stored_len))
            .fact_if("paid in, not earned", view.mint.as_ref().map(|mint| mint.show(rest)))
            .fact_if("until", view.until_secs().map(show::time))
            .fact_if("due", view.due.map(|_| "something can be taken back: aceso lease claim"))
            .render()
    })?;
    match checked.health {
        Health::Lost => {
            Err(Failure::input(format!("this lease is no copy any more: {}", checked.words))
                .with_hint("`aceso record repair` replaces lost copies")
                .with_kind("copy-lost"))
        }
        _ => Ok(()),
    }
}
