use aceso_sdk::{
    chain::{Action, Entry, Pubkey, Purpose},
    flow::AuditLine,
};
use serde_json::{Value, json};

use super::time;
use crate::{
    args::value::{Permission, purpose_word},
    show,
    table::{Table, plain},
};

pub fn line(line: &AuditLine) -> Value {
    let entry = &line.entry;
    json!({
        "count": line.count, "at": time(entry.at_secs), "slot": entry.slot, "action": word(entry.action),
        "actor": address(&entry.actor), "actor_name": line.actor_name, "subject": entry.subject.to_string(),
        "subject_name": line.subject_name, "purpose": purpose(entry.purpose),
        "permissions": Permission::words(entry.permissions), "number": entry.number,
        "from": from(entry), "until": until(entry.until_secs), "digest": show::hex(&entry.digest),
        "head": show::hex(&line.head), "signature": line.signature,
    })
}

pub fn table(lines: &[AuditLine]) -> String {
    let mut table = Table::new(["#", "WHEN", "WHO", "DID", "TO", "PURPOSE"]);
    for line in lines {
        let entry = &line.entry;
        let actor = if entry.actor == Pubkey::default() {
            "anybody".to_owned()
        } else {
            show::who(&entry.actor, line.actor_name.as_deref())
        };
        table.row([
            line.count.to_string(),
            show::time(entry.at_secs),
            actor,
            sentence(entry.action).to_owned(),
            show::who(&entry.subject, line.subject_name.as_deref()),
            purpose(entry.purpose).unwrap_or_default().to_owned(),
        ]);
    }
    table.render("No entries.")
}

const COLUMNS: [&str; 15] = [
    "count",
    "at",
    "slot",
    "action",
    "actor",
    "actor_name",
    "subject",
    "subject_name",
    "purpose",
    "from",
    "until",
    "number",
    "digest",
    "head",
    "signature",
];

/// RFC 4180, one header line.
pub fn csv(lines: &[AuditLine]) -> String {
    let mut text = COLUMNS.join(",");
    text.push_str("\r\n");
    for one in lines {
        let value = line(one);
        let cells = COLUMNS.map(|column| match &value[column] {
            Value::Null => String::new(),
            Value::String(text) => cell(text),
            other => cell(&other.to_string()),
        });
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// Quoted where needed. A cell that a spreadsheet would run as a formula is marked as text.
fn cell(text: &str) -> String {
    let text = plain(text);
    let formula = text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn address(address: &Pubkey) -> Value {
    if *address == Pubkey::default() { Value::Null } else { json!(address.to_string()) }
}

fn purpose(byte: u8) -> Option<&'static str> {
    Purpose::try_from(byte).ok().map(purpose_word)
}

/// Only entries about a grant have terms, and those have a purpose.
fn from(entry: &Entry) -> Value {
    if entry.purpose == 0 { Value::Null } else { time(entry.from_secs) }
}

fn until(secs: i64) -> Value {
    match secs {
        0 => Value::Null,
        i64::MAX => json!("forever"),
        secs => time(secs),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::FolderCreated => "folder-created",
        Action::FolderRotated => "folder-rotated",
        Action::FolderClosed => "folder-closed",
        Action::RecordCreated => "record-created",
        Action::RecordUpdated => "record-updated",
        Action::RecordResealed => "record-resealed",
        Action::RecordMoved => "record-moved",
        Action::RecordArchived => "record-archived",
        Action::RecordRestored => "record-restored",
        Action::RecordErased => "record-erased",
        Action::GrantCreated => "grant-created",
        Action::GrantUpdated => "grant-updated",
        Action::GrantRevoked => "grant-revoked",
        Action::GrantExpired => "grant-expired",
        Action::RecordOpened => "record-opened",
        Action::DelegateRemoved => "delegate-removed",
    }
}

fn sentence(action: Action) -> &'static str {
    match action {
        Action::FolderCreated => "made the folder",
        Action::FolderRotated => "changed the folder's key",
        Action::FolderClosed => "closed the folder",
        Action::RecordCreated => "filed",
        Action::RecordUpdated => "put a new version",
        Action::RecordResealed => "resealed",
        Action::RecordMoved => "moved",
        Action::RecordArchived => "archived",
        Action::RecordRestored => "restored",
        Action::RecordErased => "erased",
        Action::GrantCreated => "granted",
        Action::GrantUpdated => "changed a grant",
        Action::GrantRevoked => "revoked",
        Action::GrantExpired => "cleared an ended grant",
        Action::RecordOpened => "opened",
        Action::DelegateRemoved => "removed a delegate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("plain"), "plain");
    }
}
