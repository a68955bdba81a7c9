use aceso_sdk::flow::{ContactState, ContactView};
use serde_json::{Value, json};

use crate::table::{Facts, Table};

pub fn view(view: &ContactView) -> Value {
    let (state, new_fingerprint) = match view.state {
        ContactState::KeysChanged { fingerprint, .. } => {
            ("keys-changed", Some(fingerprint.to_string()))
        }
        ContactState::Current => ("current", None),
        ContactState::Retired => ("retired", None),
        ContactState::Missing => ("missing", None),
    };
    json!({
        "name": view.name, "profile": view.profile.to_string(), "key_version": view.key_version,
        "fingerprint": view.fingerprint.to_string(), "verified": view.verified, "state": state,
        "new_fingerprint": new_fingerprint,
    })
}

pub fn facts(view: &ContactView) -> Facts {
    let facts =
        Facts::new().fact("name", view.name.clone()).fact("profile", view.profile.to_string());
    let facts = facts.fact("fingerprint", view.fingerprint.to_string());
    let facts = match view.state {
        ContactState::KeysChanged { fingerprint, .. } => {
            facts.fact("new fingerprint", fingerprint.to_string())
        }
        _ => facts,
    };
    facts.fact("verified", if view.verified { "yes" } else { "no" }).fact("state", state(view))
}

pub fn table(views: &[ContactView]) -> String {
    let mut table = Table::new(["NAME", "PROFILE", "VERIFIED", "STATE"]);
    for view in views {
        let verified = if view.verified { "yes" } else { "no" };
        table.row([
            view.name.clone(),
            view.profile.to_string(),
            verified.to_owned(),
            state(view).to_owned(),
        ]);
    }
    table.render("No contacts. Add one: aceso contact add NAME ADDRESS")
}

fn state(view: &ContactView) -> &'static str {
    match view.state {
        ContactState::Current => "can receive",
        ContactState::KeysChanged { .. } => "keys changed: verify",
        ContactState::Retired => "retired",
        ContactState::Missing => "not on this network",
    }
}
