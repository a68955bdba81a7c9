use aceso_sdk::flow::{MintView, PeerState, PeerView};
use serde_json::{Value, json};

use crate::{show, table::Table};

pub fn mint(mint: &MintView) -> Value {
    json!({
        "mint": mint.mint.to_string(), "token_program": mint.token_program.to_string(),
        "decimals": mint.decimals, "symbol": mint.symbol,
    })
}

pub fn view(view: &PeerView) -> Value {
    json!({
        "peer": view.peer.to_string(), "profile": view.profile.to_string(), "name": view.name,
        "operator": view.operator.to_string(), "endpoint": view.endpoint, "mint": mint(&view.mint),
        "state": state(view.state), "released_from_epoch": match view.state {
            PeerState::Draining { epoch } => Some(epoch),
            _ => None,
        },
        "bond": view.bond, "locked": view.locked, "live_leases": view.live,
        "price_flat": view.price_flat, "price_per_gib": view.price_per_gib,
        "price": view.price, "cost": view.cost, "epochs": view.epochs, "epoch_secs": view.epoch_secs,
        "not_now": view.not_now,
    })
}

pub fn table(views: &[PeerView]) -> String {
    let mut table = Table::new(["ID", "WHERE", "COSTS", "FREE BOND", "LEASES", "STATE"]);
    for view in views {
        let span = show::span(view.epoch_secs.saturating_mul(i64::from(view.epochs)));
        let cost = view.cost.map_or_else(
            || "too much".to_owned(),
            |cost| format!("{} for {span}", view.mint.show(cost)),
        );
        let state = match view.not_now {
            Some(reason) => reason.to_owned(),
            None => state(view.state).to_owned(),
        };
        table.row([
            show::short(&view.peer),
            view.name.clone().unwrap_or_else(|| view.endpoint.clone()),
            cost,
            view.mint.show(view.bond),
            view.live.to_string(),
            state,
        ]);
    }
    table.render("No storage peer is registered here.")
}

fn state(state: PeerState) -> &'static str {
    match state {
        PeerState::Active => "active",
        PeerState::Draining { .. } => "leaving",
        PeerState::Defaulted => "defaulted",
    }
}
