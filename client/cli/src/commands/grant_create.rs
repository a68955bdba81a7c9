use aceso_sdk::{
    chain::Grant,
    flow::{GrantCreate as Create, Scope},
};
use serde_json::json;

use super::lease_update;
use crate::{
    app::App,
    args::grant::GrantCreate,
    cost,
    exit::Failure,
    find,
    render::{self, Names, folder, grant, receipt},
    terms,
};

pub async fn run(app: &App, args: &GrantCreate) -> Result<(), Failure> {
    let terms = terms::of(&args.terms, &app.now())?;
    let session = app.session().await?;
    let reader = session.profile_named(&args.reader).await?;
    let scope = find::one_scope(&session, &args.scope).await?;
    session.recipient_check(reader).await?;
    let names = Names(&session);
    let what = match scope {
        Scope::Folder(folder) => {
            format!("everything in folder {}, also what comes later", names.show(&folder))
        }
        Scope::Record(_) => "this record".to_owned(),
    };
    app.confirm(&format!(
        "{what}: {} may {}.\nWhat was opened once cannot be taken back. The grant holds {} as rent until it ends.",
        names.show(&reader),
        grant::terms_text(&terms),
        cost::about(cost::rent::<Grant>())
    ))?;
    let created = session.grant_create(Create { scope, reader, terms }).await?;
    receipt::tell(&app.printer, &created.receipt);
    let leases = lease_update::follow(app, &session, &[scope.address()]).await;
    let value = json!({
        "leases": leases, "grant": created.grant.to_string(), "scope": render::scope(scope), "reader": reader.to_string(),
        "terms": grant::terms(&terms), "rotated": created.rotated.as_ref().map(folder::rotated),
        "transactions": receipt::json(&created.receipt), "maintained": folder::maintained(&created.maintained),
    });
    app.printer
        .data(&value, || format!("{} may {}.", names.show(&reader), grant::terms_text(&terms)))?;
    if let Some(rotated) = created.rotated {
        app.printer.say("The folder got a new key on the way, because a reader had left.");
        grant::warn_left_out(&app.printer, rotated.left_out);
    }
    folder::tell_maintained(&app.printer, &names, created.maintained);
    Ok(())
}
