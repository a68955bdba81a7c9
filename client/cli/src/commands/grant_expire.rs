use aceso_sdk::chain::address;
use serde_json::json;

use crate::{app::App, args::grant::GrantExpire, exit::Failure, find, render::receipt};

pub async fn run(app: &App, args: &GrantExpire) -> Result<(), Failure> {
    let session = app.session().await?;
    let reader = session.profile_named(&args.reader).await?;
    let scope = find::one_scope(&session, &args.scope).await?;
    let grant = address::grant(&scope.address(), &reader);
    let sent = session.grant_expire(grant).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "grant": grant.to_string(), "expired": true, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || {
        format!("The ended grant of {} is cleared away; its rent went back.", args.reader)
    })
}
