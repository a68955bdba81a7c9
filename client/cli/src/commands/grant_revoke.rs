use aceso_sdk::{
    chain::address,
    flow::{GrantRevoked, Scope},
};
use serde_json::json;

use super::lease_update;
use crate::{
    app::App,
    args::grant::GrantRevoke,
    exit::Failure,
    find,
    render::{self, Names, grant, receipt},
    show,
};

pub async fn run(app: &App, args: &GrantRevoke) -> Result<(), Failure> {
    let session = app.session().await?;
    let reader = session.profile_named(&args.reader).await?;
    let scope = find::one_scope(&session, &args.scope).await?;
    let names = Names(&session);
    let also = match scope {
        Scope::Folder(_) => "the folder gets a new key in the same transaction",
        Scope::Record(_) => "the record gets a new head",
    };
    app.confirm(&format!(
        "Revoke the grant of {}; {also}.\n{}",
        names.show(&reader),
        GrantRevoked::MEANING
    ))?;
    let revoked = session.grant_revoke(address::grant(&scope.address(), &reader)).await?;
    receipt::tell(&app.printer, &revoked.receipt);
    let leases = lease_update::follow(app, &session, &[scope.address()]).await;
    let value = json!({
        "leases": leases, "grant": revoked.grant.to_string(), "reader": revoked.reader.to_string(), "epoch": revoked.epoch,
        "remaining": render::addresses(&revoked.remaining), "left_out": grant::left_out(&revoked.left_out),
        "unfinished": revoked.unfinished.as_ref().map(ToString::to_string), "meaning": GrantRevoked::MEANING,
        "transactions": receipt::json(&revoked.receipt),
    });
    app.printer.data(&value, || match revoked.epoch {
        Some(epoch) => {
            let remaining = show::count(revoked.remaining.len(), "reader");
            format!("{} is out. The folder has a new key (epoch {epoch}); {remaining} besides you stay.", names.show(&reader))
        }
        None => format!("The grant of {} is revoked.", names.show(&reader)),
    })?;
    if let Some(reason) = revoked.unfinished {
        let reason = Failure::from(reason).sentence;
        app.printer.warn(format_args!(
            "the key could not be changed yet ({reason}); the owner's next command does it"
        ));
    }
    grant::warn_left_out(&app.printer, revoked.left_out);
    Ok(())
}
