use aceso_sdk::flow::{FolderRotated, FolderView, Maintained};
use serde_json::{Value, json};

use super::{Names, addresses, grant, maybe_time, receipt};
use crate::{exit::Failure, printer::Printer, show, table::Table};

pub fn view(view: &FolderView) -> Value {
    json!({
        "folder": view.folder.to_string(), "name": view.name, "owner": view.owner.to_string(), "epoch": view.epoch,
        "records": view.records, "grants": view.grants, "rotate_due": view.rotate_due,
        "earliest_until": maybe_time(view.earliest_until_secs), "audit_count": view.audit_count,
        "keyring_by": view.keyring_by.map(|by| by.to_string()),
    })
}

pub fn table(views: &[FolderView], names: &Names) -> String {
    let mut table = Table::new(["ID", "NAME", "OWNER", "RECORDS", "READERS", "EPOCH", "STATE"]);
    for view in views {
        let state = if view.rotate_due { "key change due" } else { "" };
        table.row([
            show::short(&view.folder),
            view.name.clone().unwrap_or_default(),
            names.show(&view.owner),
            view.records.to_string(),
            view.grants.to_string(),
            view.epoch.to_string(),
            state.to_owned(),
        ]);
    }
    table.render("No folders. One is made with a profile: aceso profile create")
}

pub fn rotated(rotated: &FolderRotated) -> Value {
    json!({
        "folder": rotated.folder.to_string(), "epoch": rotated.epoch, "readers": addresses(&rotated.readers),
        "left_out": grant::left_out(&rotated.left_out), "transactions": receipt::json(&rotated.receipt),
    })
}

pub fn maintained(maintained: &Maintained) -> Value {
    let skipped = maintained.skipped.iter();
    let skipped: Vec<Value> =
        skipped.map(|(record, reason)| json!({ "record": record.to_string(), "reason": reason.to_string() })).collect();
    let failed = maintained.failed.iter();
    let failed: Vec<Value> =
        failed.map(|(folder, reason)| json!({ "folder": folder.to_string(), "reason": reason.to_string() })).collect();
    json!({
        "failed": failed,
        "rotated": maintained.rotated.iter().map(rotated).collect::<Vec<_>>(),
        "resealed": addresses(&maintained.resealed), "skipped": skipped, "accepted": addresses(&maintained.accepted),
        "transactions": receipt::json(&maintained.receipt),
    })
}

/// What an owner's command did on the way.
pub fn tell_maintained(printer: &Printer, names: &Names, maintained: Maintained) {
    receipt::tell(printer, &maintained.receipt);
    for rotated in maintained.rotated {
        printer.say(format_args!(
            "Folder {} has a new key, because a reader had left (epoch {}).",
            names.show(&rotated.folder),
            rotated.epoch
        ));
        grant::warn_left_out(printer, rotated.left_out);
    }
    if !maintained.resealed.is_empty() {
        let count = show::count(maintained.resealed.len(), "record");
        printer.say(format_args!(
            "{count} came out of the inbox; the readers of the folder can open them now."
        ));
    }
    for (folder, reason) in maintained.failed {
        let failure = Failure::from(reason);
        printer.warn(format_args!(
            "folder {} could not be seen to: {}",
            names.show(&folder),
            failure.sentence
        ));
    }
    for (record, reason) in maintained.skipped {
        let failure = Failure::from(reason);
        printer.warn(format_args!(
            "record {} stays in the inbox: {}",
            show::short(&record),
            failure.sentence
        ));
    }
}
