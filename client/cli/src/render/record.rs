use aceso_sdk::flow::{About, Code, Filed, ManifestView, RecordView, Sealing, VersionView};
use serde_json::{Value, json};

use super::{Names, maybe_time, time};
use crate::{
    exit::Failure,
    show,
    table::{Facts, Table},
};

pub fn filed(filed: &Filed) -> Value {
    json!({
        "record": filed.record.to_string(), "version": filed.version,
        "content_cid": filed.content.cid_string(), "content_stored_len": filed.content.len,
        "head_cid": filed.head.cid_string(), "len": filed.plaintext_len,
        "sealed_to": sealing(filed.sealed_to),
    })
}

pub fn manifest(manifest: &ManifestView) -> Value {
    let about = &manifest.about;
    let codes = about.codes.iter();
    let codes: Vec<Value> = codes
        .map(|c| json!({ "system": c.system, "code": c.code, "display": c.display }))
        .collect();
    json!({
        "version": manifest.version, "title": about.title, "file_name": about.file_name, "media_type": about.media_type,
        "fhir_type": about.fhir_type, "codes": codes, "tags": about.tags, "note": about.note,
        "created_at": maybe_time(about.created_secs), "len": manifest.plaintext_len,
        "sha256": show::hex(&manifest.plaintext_sha256), "previous_version": manifest.previous_version,
    })
}

/// Takes the view apart, because the reason why it cannot be shown becomes a failure like any other.
pub fn view(view: RecordView) -> (Value, Result<ManifestView, Failure>) {
    let mut value = json!({
        "record": view.record.to_string(), "owner": view.owner.to_string(), "folder": view.folder.to_string(),
        "author": view.author.to_string(), "head_by": view.head_by.to_string(), "version": view.version,
        "sealed_to": sealing(view.sealed_to), "archived": view.archived,
        "content_cid": view.content.cid_string(), "content_stored_len": view.content.len,
        "head_cid": view.head.cid_string(), "grants": view.grants,
        "created_at": time(view.created_at_secs), "updated_at": time(view.updated_at_secs),
        "audit_count": view.audit_count, "grant": view.grant.map(|grant| grant.to_string()),
    });
    let opened = view.manifest.map_err(Failure::from);
    match &opened {
        Ok(opened) => value["manifest"] = manifest(opened),
        Err(failure) => value["unreadable"] = failure.to_json()["error"].take(),
    }
    (value, opened)
}

pub fn table(views: Vec<RecordView>, names: &Names, empty: &str) -> (Value, String) {
    let mut table = Table::new([
        "ID", "TITLE", "TYPE", "SIZE", "VERSION", "OWNER", "FOLDER", "UPDATED", "STATE",
    ]);
    let mut values = Vec::new();
    for one in views {
        let (id, version, updated) =
            (show::short(&one.record), one.version.to_string(), show::time(one.updated_at_secs));
        let (owner, folder) = (names.show(&one.owner), names.show(&one.folder));
        let state = state(&one).to_owned();
        let (value, opened) = view(one);
        let (title, kind, size) = match opened {
            Ok(opened) => (title(&opened), kind(&opened.about), show::size(opened.plaintext_len)),
            Err(_) => ("(you cannot open it)".to_owned(), String::new(), String::new()),
        };
        table.row([id, title, kind, size, version, owner, folder, updated, state]);
        values.push(value);
    }
    (Value::Array(values), table.render(empty))
}

/// Newest first, as `record get --version` takes their numbers.
pub fn versions(versions: Vec<VersionView>) -> (Value, String) {
    let mut table = Table::new(["VERSION", "MADE", "SIZE", "TITLE", "FILE NAME"]);
    let mut values = Vec::new();
    for one in versions {
        let version = one.version.to_string();
        match one.manifest.map_err(Failure::from) {
            Ok(opened) => {
                let (made, size) = (opened.about.created_secs, show::size(opened.plaintext_len));
                let made = made.map(show::time).unwrap_or_default();
                let file_name = opened.about.file_name.clone();
                table.row([version, made, size, title(&opened), file_name]);
                values.push(manifest(&opened));
            }
            Err(failure) => {
                let why = format!("(no older ones: {})", failure.sentence);
                table.row([version, String::new(), String::new(), why, String::new()]);
                let mut error = failure.to_json();
                values.push(json!({ "version": one.version, "unreadable": error["error"].take() }));
            }
        }
    }
    (Value::Array(values), table.render(""))
}

pub fn facts(view: &RecordView, names: &Names) -> Facts {
    let facts = Facts::new();
    let facts = match &view.manifest {
        Ok(opened) => manifest_facts(facts, opened),
        Err(_) => facts,
    };
    facts
        .fact("record", view.record.to_string())
        .fact("owner", names.full(&view.owner))
        .fact("folder", names.full(&view.folder))
        .fact("filed by", names.full(&view.author))
        .fact(
            "version",
            match view.version {
                1 => "1".to_owned(),
                newest => format!("{newest} (--versions lists all)"),
            },
        )
        .fact(
            "sealed to",
            match view.sealed_to {
                Sealing::Epoch(epoch) => format!("readers of the folder (epoch {epoch})"),
                Sealing::Inbox => "its owner's inbox".to_owned(),
            },
        )
        .fact_if("state", Some(state(view)).filter(|state| !state.is_empty()))
        .fact("created", show::time(view.created_at_secs))
        .fact("updated", show::time(view.updated_at_secs))
        .fact("grants of its own", view.grants.to_string())
        .fact("lines of trail", view.audit_count.to_string())
        .fact(
            "stored as",
            format!("{} ({})", view.content.cid_string(), show::size(view.content.len)),
        )
}

pub fn manifest_facts(facts: Facts, opened: &ManifestView) -> Facts {
    let about = &opened.about;
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    facts
        .fact("title", title(opened))
        .fact_if("file name", filled(&about.file_name))
        .fact("type", kind(about))
        .fact(
            "size",
            match opened.plaintext_len {
                len @ ..1024 => show::size(len),
                len => format!("{} ({len} bytes)", show::size(len)),
            },
        )
        .fact_if("codes", filled(&about.codes.iter().map(code).collect::<Vec<_>>().join(", ")))
        .fact_if("tags", filled(&about.tags.join(", ")))
        .fact_if("note", filled(&about.note))
        .fact_if("made", about.created_secs.map(show::time))
        .fact("SHA-256", show::hex(&opened.plaintext_sha256))
}

pub fn title(opened: &ManifestView) -> String {
    let about = &opened.about;
    [&about.title, &about.file_name]
        .into_iter()
        .find(|name| !name.is_empty())
        .cloned()
        .unwrap_or_else(|| "(untitled)".to_owned())
}

/// "FHIR Bundle", or the media type.
pub fn kind(about: &About) -> String {
    if about.fhir_type.is_empty() {
        about.media_type.clone()
    } else {
        format!("FHIR {}", about.fhir_type)
    }
}

/// `Blood count (http://loinc.org|58410-2)`, or without the words.
fn code(code: &Code) -> String {
    let token = format!("{}|{}", code.system, code.code);
    if code.display.is_empty() { token } else { format!("{} ({token})", code.display) }
}

fn state(view: &RecordView) -> &'static str {
    match (view.archived, view.sealed_to) {
        (true, _) => "archived",
        (false, Sealing::Inbox) => "in the inbox",
        (false, Sealing::Epoch(_)) => "",
    }
}

fn sealing(sealing: Sealing) -> Value {
    match sealing {
        Sealing::Epoch(epoch) => json!({ "kind": "folder", "epoch": epoch }),
        Sealing::Inbox => json!({ "kind": "inbox" }),
    }
}
