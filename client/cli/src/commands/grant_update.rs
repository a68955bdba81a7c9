use aceso_sdk::{chain::address, flow::GrantUpdate as Update};
use serde_json::json;

use crate::{app::App, args::grant::GrantUpdate, exit::Failure, find, render::receipt, terms};

pub async fn run(app: &App, args: &GrantUpdate) -> Result<(), Failure> {
    let now = app.now();
    let from_secs = args.from.as_ref().and_then(|from| from.begin_secs(&now));
    let update = Update {
        purpose: args.purpose.map(|purpose| purpose.0),
        permissions: args.permit.as_deref().map(terms::permissions).transpose()?,
        from_secs,
        until_secs: args
            .until
            .as_ref()
            .map(|until| terms::end(until, from_secs, &now))
            .transpose()?,
    };
    if args.purpose.is_none()
        && args.permit.is_none()
        && args.from.is_none()
        && args.until.is_none()
    {
        return Err(Failure::usage("nothing to change")
            .with_hint("say what: --purpose, --permit, --from or --until"));
    }
    let session = app.session().await?;
    let reader = session.profile_named(&args.reader).await?;
    let scope = find::one_scope(&session, &args.scope).await?;
    let grant = address::grant(&scope.address(), &reader);
    let sent = session.grant_update(grant, update).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "grant": grant.to_string(), "transactions": receipt::json(&sent) });
    app.printer.data(&value, || format!("The grant of {} is changed.", args.reader))
}
