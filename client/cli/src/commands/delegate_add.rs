use aceso_sdk::{chain::Delegate, flow::DelegateAdd as Add};
use serde_json::json;

use crate::{
    app::App,
    args::{delegate::DelegateAdd, value::CapabilityArg},
    cost,
    exit::Failure,
    find,
    render::{Names, maybe_time, receipt},
    show, terms,
};

pub async fn run(app: &App, args: &DelegateAdd) -> Result<(), Failure> {
    let until_secs = terms::end(&args.until, None, &app.now())?;
    let session = app.session().await?;
    let profile = session.profile_named(&args.who).await?;
    let folder = match &args.folder {
        Some(name) => Some(find::folder(&session, name).await?),
        None => None,
    };
    let capabilities = CapabilityArg::bits(&args.can);
    let names = Names(&session);
    let what = CapabilityArg::words(capabilities).join(", ");
    let place = folder.map_or_else(
        || "all your folders, also those made later".to_owned(),
        |f| format!("folder {}", names.show(&f)),
    );
    app.confirm(&format!(
        "{} may act for you ({what}) in {place}, until: {}. It holds {} as rent until it ends.",
        names.show(&profile),
        show::until(until_secs),
        cost::about(cost::rent::<Delegate>())
    ))?;
    let sent = session.delegate_add(Add { profile, folder, capabilities, until_secs }).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({
        "profile": profile.to_string(), "folder": folder.map(|folder| folder.to_string()),
        "capabilities": CapabilityArg::words(capabilities), "until": maybe_time(until_secs),
        "transactions": receipt::json(&sent),
    });
    app.printer
        .data(&value, || format!("{} may act for you ({what}) in {place}.", names.show(&profile)))
}
