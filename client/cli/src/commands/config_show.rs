use serde_json::json;

use crate::{app::App, exit::Failure, settings::Settings, table::Facts};

pub fn run(app: &App) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    let settings = app.settings(&dir)?;
    let cluster = settings.cluster()?;
    let store = settings.store.clone().unwrap_or_else(|| dir.blobs().display().to_string());
    let wallet = settings.wallet(&dir);
    let value = json!({
        "home": dir.root(), "settings": Settings::path(&dir), "cluster": settings.cluster.as_deref().unwrap_or("localnet"),
        "rpc": cluster.url(), "verify_rpc": settings.verify_rpc, "store": store, "gateways": settings.gateways,
        "wallet": wallet, "fee_payer": settings.fee_payer, "profile": settings.profile,
        "priority_fee": settings.priority_fee,
    });
    let none = || "none".to_owned();
    app.printer.data(&value, || {
        Facts::new()
            .fact("home", dir.root().display().to_string())
            .fact("cluster", settings.cluster.clone().unwrap_or_else(|| "localnet".to_owned()))
            .fact("rpc", cluster.url())
            .fact("verify-rpc", settings.verify_rpc.clone().unwrap_or_else(none))
            .fact("store", store)
            .fact(
                "gateways",
                if settings.gateways.is_empty() { none() } else { settings.gateways.join(", ") },
            )
            .fact("wallet", wallet.display().to_string())
            .fact(
                "fee-payer",
                settings
                    .fee_payer
                    .as_ref()
                    .map_or_else(|| "the wallet".to_owned(), |p| p.display().to_string()),
            )
            .fact("profile", settings.profile.clone().unwrap_or_else(|| "the only one".to_owned()))
            .fact(
                "priority-fee",
                settings
                    .priority_fee
                    .map_or_else(none, |fee| format!("{fee} micro-lamports a compute unit")),
            )
            .render()
    })
}
