use aceso_sdk::flow::{GrantState, GrantTerms, GrantView, LeftOut};
use serde_json::{Value, json};

use super::{Names, maybe_time, scope, scope_text, time};
use crate::{
    args::value::{Permission, purpose_word},
    exit::Failure,
    printer::Printer,
    show,
    table::Table,
};

pub fn terms(terms: &GrantTerms) -> Value {
    json!({
        "purpose": purpose_word(terms.purpose), "purpose_code": terms.purpose.code(),
        "permissions": Permission::words(terms.permissions),
        "from": maybe_time(terms.from_secs), "until": maybe_time(terms.until_secs),
    })
}

/// As one would say it: "open it and its older versions for treatment, until 2027-11-23 12:00".
pub fn terms_text(terms: &GrantTerms) -> String {
    let words = Permission::words(terms.permissions);
    let history = if words.contains(&"history") { " and its older versions" } else { "" };
    let save = if words.contains(&"save") { ", and keep a copy," } else { "" };
    let from =
        terms.from_secs.map(|from| format!(", from {}", show::time(from))).unwrap_or_default();
    let until = terms.until_secs.map_or_else(
        || ", without end".to_owned(),
        |until| format!(", until {}", show::time(until)),
    );
    format!("open it{history}{save} for {}{from}{until}", purpose_word(terms.purpose))
}

pub fn view(view: &GrantView) -> Value {
    json!({
        "grant": view.grant.to_string(), "scope": scope(view.scope), "folder": view.folder.to_string(),
        "owner": view.owner.to_string(), "reader": view.reader.to_string(), "granted_by": view.granted_by.to_string(),
        "terms": terms(&view.terms), "state": state(view.state), "openings": view.openings,
        "last_opened_at": view.last_opened_at_secs.map_or(Value::Null, time),
    })
}

pub fn table(views: &[GrantView], received: bool, names: &Names, empty: &str) -> String {
    let who = if received { "FROM" } else { "READER" };
    let mut table = Table::new([who, "WHAT", "MAY", "PURPOSE", "UNTIL", "STATE", "OPENED"]);
    for view in views {
        let other = if received { &view.owner } else { &view.reader };
        let opened = match view.last_opened_at_secs {
            Some(last) => format!("{}x, last {}", view.openings, show::time(last)),
            None => "never".to_owned(),
        };
        table.row([
            names.show(other),
            scope_text(view.scope, names),
            Permission::words(view.terms.permissions).join(", "),
            purpose_word(view.terms.purpose).to_owned(),
            show::until(view.terms.until_secs),
            state(view.state).to_owned(),
            opened,
        ]);
    }
    table.render(empty)
}

pub fn left_out(list: &[LeftOut]) -> Value {
    let one = |left: &LeftOut| json!({ "reader": left.reader.to_string(), "name": left.name, "reason": left.reason.to_string() });
    list.iter().map(one).collect()
}

/// Readers who hold a grant and cannot open what comes: never silent.
pub fn warn_left_out(printer: &Printer, list: Vec<LeftOut>) {
    for left in list {
        let who = show::who(&left.reader, left.name.as_deref());
        let failure = Failure::from(left.reason);
        let hint = failure.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        printer.warn(format_args!(
            "{who} keeps the grant but cannot open what is filed from now on: {}{hint}",
            failure.sentence
        ));
    }
}

fn state(state: GrantState) -> &'static str {
    match state {
        GrantState::Live => "live",
        GrantState::NotBegun => "not begun",
        GrantState::Ended => "ended",
        GrantState::Void => "void",
    }
}
