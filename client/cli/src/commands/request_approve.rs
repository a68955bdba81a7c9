use aceso_sdk::flow::{GrantTerms, RequestApprove as Approve, RequestList};
use serde_json::json;

use super::lease_update;
use crate::{
    app::App,
    args::request::RequestApprove,
    exit::Failure,
    find,
    render::{Names, folder, grant, receipt, scope_text},
    terms,
};

pub async fn run(app: &App, args: &RequestApprove) -> Result<(), Failure> {
    let now = app.now();
    let session = app.session().await?;
    let address = find::request(&session, &args.request).await?;
    let asked = session
        .request_list(RequestList::Incoming)
        .await?
        .into_iter()
        .find(|view| view.request == address);
    let asked = asked.ok_or_else(|| {
        Failure::input(format!("there is no request {address} to you"))
            .with_hint("see aceso request list")
            .with_kind("missing")
    })?;
    let chosen = find::scope(&session, args.folder.as_deref(), args.record.as_deref()).await?;
    let Some(scope) = chosen.or(asked.scope) else {
        return Err(Failure::input("the request leaves it to you what to give")
            .with_hint("name it with --folder or --record")
            .with_kind("scope-needed"));
    };
    let now_secs = now.timestamp().as_second();
    let terms = GrantTerms {
        purpose: asked.purpose,
        permissions: args
            .permit
            .as_deref()
            .map(terms::permissions)
            .transpose()?
            .unwrap_or(asked.permissions),
        from_secs: None,
        until_secs: match &args.until {
            Some(until) => terms::end(until, None, &now)?,
            None => Some(now_secs.saturating_add(asked.duration_secs)),
        },
    };
    let less = args.permit.is_some() || args.until.is_some();
    let names = Names(&session);
    app.confirm(&format!(
        "{} may {} ({}).\nWhat was opened once cannot be taken back.",
        names.show(&asked.requester),
        grant::terms_text(&terms),
        scope_text(scope, &names)
    ))?;
    let approve = Approve { scope: chosen, terms: less.then_some(terms) };
    let created = session.request_approve(address, approve).await?;
    receipt::tell(&app.printer, &created.receipt);
    let leases = lease_update::follow(app, &session, &[scope.address()]).await;
    let value = json!({
        "leases": leases, "request": address.to_string(), "grant": created.grant.to_string(), "reader": asked.requester.to_string(),
        "terms": grant::terms(&terms), "rotated": created.rotated.as_ref().map(folder::rotated),
        "transactions": receipt::json(&created.receipt), "maintained": folder::maintained(&created.maintained),
    });
    app.printer.data(&value, || {
        format!(
            "{} may {}. The deposit went back.",
            names.show(&asked.requester),
            grant::terms_text(&terms)
        )
    })?;
    if let Some(rotated) = created.rotated {
        app.printer.say("The folder got a new key on the way, because a reader had left.");
        grant::warn_left_out(&app.printer, rotated.left_out);
    }
    folder::tell_maintained(&app.printer, &names, created.maintained);
    Ok(())
}
