use aceso_sdk::flow::RequestView;
use serde_json::{Value, json};

use super::{Names, scope, scope_text, time};
use crate::{
    args::value::{Permission, Sol, purpose_word},
    show,
    table::{Facts, Table},
};

pub fn view(view: &RequestView) -> Value {
    json!({
        "request": view.request.to_string(), "owner": view.owner.to_string(), "requester": view.requester.to_string(),
        "scope": view.scope.map(scope), "purpose": purpose_word(view.purpose), "purpose_code": view.purpose.code(),
        "permissions": Permission::words(view.permissions), "duration_secs": view.duration_secs,
        "created_at": time(view.created_at_secs), "expires_at": time(view.expires_at_secs), "expired": view.expired,
        "deposit_lamports": view.deposit_lamports, "fee_lamports": view.fee_lamports,
    })
}

pub fn table(views: &[RequestView], sent: bool, names: &Names) -> String {
    let who = if sent { "TO" } else { "FROM" };
    let mut table = Table::new(["ID", who, "WHAT", "PURPOSE", "FOR", "DEPOSIT", "STANDS UNTIL"]);
    for view in views {
        let other = if sent { &view.owner } else { &view.requester };
        let expires =
            if view.expired { "expired".to_owned() } else { show::time(view.expires_at_secs) };
        table.row([
            show::short(&view.request),
            names.show(other),
            what(view, names),
            purpose_word(view.purpose).to_owned(),
            show::span(view.duration_secs),
            Sol(view.deposit_lamports).to_string(),
            expires,
        ]);
    }
    table.render("No requests.")
}

pub fn facts(view: &RequestView, names: &Names) -> Facts {
    Facts::new()
        .fact("request", view.request.to_string())
        .fact("from", names.full(&view.requester))
        .fact("to", names.full(&view.owner))
        .fact("what", what(view, names))
        .fact("purpose", format!("{} ({})", purpose_word(view.purpose), view.purpose.code()))
        .fact("wants to", Permission::words(view.permissions).join(", "))
        .fact("for", show::span(view.duration_secs))
        .fact("asked", show::time(view.created_at_secs))
        .fact("stands until", show::time(view.expires_at_secs))
        .fact("deposit", Sol(view.deposit_lamports).to_string())
        .fact_if("state", view.expired.then_some("expired"))
}

fn what(view: &RequestView, names: &Names) -> String {
    view.scope.map_or_else(|| "the owner chooses".to_owned(), |scope| scope_text(scope, names))
}
