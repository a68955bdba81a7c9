use aceso_sdk::flow::DelegateView;
use serde_json::{Value, json};

use super::{Names, maybe_time};
use crate::{args::value::CapabilityArg, show, table::Table};

pub fn view(view: &DelegateView) -> Value {
    json!({
        "delegate": view.delegate.to_string(), "owner": view.owner.to_string(), "profile": view.profile.to_string(),
        "folder": view.folder.map(|folder| folder.to_string()), "capabilities": CapabilityArg::words(view.capabilities),
        "until": maybe_time(view.until_secs), "ended": view.ended,
    })
}

pub fn table(views: &[DelegateView], received: bool, names: &Names) -> String {
    let who = if received { "OWNER" } else { "DELEGATE" };
    let mut table = Table::new([who, "MAY", "WHERE", "UNTIL", "STATE"]);
    for view in views {
        let other = if received { &view.owner } else { &view.profile };
        table.row([
            names.show(other),
            CapabilityArg::words(view.capabilities).join(", "),
            view.folder.map_or_else(
                || "all folders".to_owned(),
                |folder| format!("folder {}", names.show(&folder)),
            ),
            show::until(view.until_secs),
            if view.ended { "ended" } else { "live" }.to_owned(),
        ]);
    }
    table.render(if received { "You act for nobody." } else { "Nobody acts for you." })
}
