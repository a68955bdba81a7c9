//! Results as JSON for programs and as text for people. One file for each noun.

pub mod audit;
pub mod contact;
pub mod delegate;
pub mod folder;
pub mod grant;
pub mod lease;
pub mod peer;
pub mod profile;
pub mod receipt;
pub mod record;
pub mod request;

use aceso_sdk::{
    chain::Pubkey,
    flow::{Scope, Session},
};
use serde_json::{Value, json};

use crate::show;

/// Names for addresses: contacts, own profiles and folders.
pub struct Names<'s>(pub &'s Session);

impl Names<'_> {
    pub fn of(&self, address: &Pubkey) -> Option<String> {
        self.0.name_of(address)
    }

    /// For tables: the name, or the short address.
    pub fn show(&self, address: &Pubkey) -> String {
        show::who(address, self.of(address).as_deref())
    }

    /// For single results: the name and the whole address.
    pub fn full(&self, address: &Pubkey) -> String {
        match self.of(address) {
            Some(name) => format!("{name} ({address})"),
            None => address.to_string(),
        }
    }
}

pub fn scope(scope: Scope) -> Value {
    match scope {
        Scope::Folder(address) => json!({ "kind": "folder", "address": address.to_string() }),
        Scope::Record(address) => json!({ "kind": "record", "address": address.to_string() }),
    }
}

pub fn scope_text(scope: Scope, names: &Names) -> String {
    match scope {
        Scope::Folder(address) => format!("folder {}", names.show(&address)),
        Scope::Record(address) => format!("record {}", names.show(&address)),
    }
}

pub fn addresses(list: &[Pubkey]) -> Value {
    list.iter().map(|address| Value::from(address.to_string())).collect()
}

/// A time, for programs.
pub fn time(secs: i64) -> Value {
    json!(show::rfc3339(secs))
}

pub fn maybe_time(secs: Option<i64>) -> Value {
    secs.map_or(Value::Null, time)
}
