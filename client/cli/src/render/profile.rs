use aceso_sdk::{
    blob::BlobAddress,
    flow::{KeysRotated, ProfileView},
};
use serde_json::{Value, json};

use super::{addresses, receipt};
use crate::{
    show,
    table::{Facts, Table},
};

pub fn view(view: &ProfileView) -> Value {
    json!({
        "profile": view.profile.to_string(), "name": view.name, "own": view.own, "wallet": view.authority.to_string(),
        "proposed_wallet": view.pending_authority.map(|wallet| wallet.to_string()), "key_version": view.key_version,
        "fingerprint": view.fingerprint.to_string(), "bundle_cid": view.bundle.cid_string(), "folders": view.folders,
        "delegates": view.delegates, "retired": view.retired,
    })
}

pub fn facts(view: &ProfileView) -> Facts {
    Facts::new()
        .fact_if("name", view.name.clone())
        .fact("profile", view.profile.to_string())
        .fact("wallet", view.authority.to_string())
        .fact_if("proposed wallet", view.pending_authority.map(|wallet| wallet.to_string()))
        .fact("fingerprint", view.fingerprint.to_string())
        .fact("key version", view.key_version.to_string())
        .fact("folders", view.folders.to_string())
        .fact("delegates", view.delegates.to_string())
        .fact_if("state", view.retired.then_some("retired"))
}

pub fn table(views: &[ProfileView]) -> String {
    let mut table = Table::new(["NAME", "PROFILE", "KEYS", "FOLDERS", "DELEGATES", "STATE"]);
    for view in views {
        table.row([
            view.name.clone().unwrap_or_default(),
            view.profile.to_string(),
            format!("version {}", view.key_version),
            view.folders.to_string(),
            view.delegates.to_string(),
            if view.retired { "retired" } else { "" }.to_owned(),
        ]);
    }
    table.render("No profiles here. Make one: aceso profile create")
}

pub fn rotated(rotated: &KeysRotated) -> Value {
    json!({
        "profile": rotated.profile.to_string(), "key_version": rotated.key_version,
        "fingerprint": rotated.fingerprint.to_string(), "folders": addresses(&rotated.folders),
        "not_kept": rotated.not_kept.iter().map(not_kept).collect::<Vec<_>>(),
        "transactions": receipt::json(&rotated.receipt),
    })
}

fn not_kept((blob, reason): &(BlobAddress, String)) -> Value {
    json!({ "cid": blob.cid_string(), "reason": reason })
}

pub fn rotated_text(rotated: &KeysRotated) -> String {
    Facts::new()
        .fact("profile", rotated.profile.to_string())
        .fact("key version", rotated.key_version.to_string())
        .fact("new fingerprint", rotated.fingerprint.to_string())
        .fact("folders resealed", show::count(rotated.folders.len(), "folder"))
        .render()
}
