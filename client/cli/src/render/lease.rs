use aceso_sdk::flow::{
    Health, Held, LeaseChecked, LeaseClaimed, LeaseOpened, LeasePlan, LeaseState, LeaseView,
    LeaseWhat, Offered, end_words,
};
use serde_json::{Value, json};

use super::{Names, maybe_time, peer, receipt};
use crate::{args::value::Sol, cost, printer::Printer, show, table::Table};

pub fn what(what: &LeaseWhat) -> Value {
    json!({ "kind": what.word(), "address": what.scope().to_string(), "number": what.number() })
}

pub fn what_text(what: &LeaseWhat, names: &Names) -> String {
    let scope = names.show(&what.scope());
    match what {
        LeaseWhat::Record(_) => format!("record {scope}"),
        LeaseWhat::Keyring(_) => format!("keyring of {scope}"),
        LeaseWhat::Bundle(_) => format!("keys of {scope}"),
        LeaseWhat::Pack { number, .. } => format!("pack {number} of {scope}"),
    }
}

/// What will be done and paid: the question before anything is signed.
pub fn question(plan: &LeasePlan, names: &Names) -> String {
    let mut text = format!(
        "Lease {} for {} ({} epochs of {}): {} in all, paid in now and given out for what is proven.",
        show::count(plan.offers.len(), "copy").replace("copys", "copies"),
        show::span(plan.epoch_secs.saturating_mul(i64::from(plan.epochs))),
        plan.epochs,
        show::span(plan.epoch_secs),
        plan.mint.show(plan.total),
    );
    for offer in &plan.offers {
        text.push_str(&format!(
            "\n  {} at {}: {}",
            what_text(&offer.what, names),
            offer.endpoint,
            plan.mint.show(offer.cost),
        ));
    }
    text.push_str(&format!(
        "\nYou have {} (mint {}). Fees are {}, and {} is held as rent until the leases are closed.",
        plan.mint.show(plan.balance),
        plan.mint.mint,
        cost::about(plan.fees_lamports),
        cost::about(plan.rent_lamports),
    ));
    text
}

/// What copies of files will cost that are not on record yet.
pub fn quote(plan: &LeasePlan) -> String {
    format!(
        "Copies at storage peers for {}, {} leases with the folder's keyring and your public keys: up to {}, paid in now and \
         given out for what is proven (mint {}); {} held as rent until they are closed.",
        show::span(plan.epoch_secs.saturating_mul(i64::from(plan.epochs))),
        plan.offers.len(),
        plan.mint.show(plan.total),
        plan.mint.mint,
        cost::about(plan.rent_lamports),
    )
}

pub fn plan(plan: &LeasePlan) -> Value {
    let offers = plan.offers.iter().map(|offer| {
        json!({
            "lease": offer.lease.to_string(), "what": what(&offer.what), "peer": offer.peer.to_string(),
            "endpoint": offer.endpoint, "stored_len": offer.stored_len, "price": offer.price, "cost": offer.cost,
        })
    });
    json!({
        "mint": peer::mint(&plan.mint), "source": plan.source.to_string(), "balance": plan.balance,
        "epochs": plan.epochs, "epoch_secs": plan.epoch_secs, "total": plan.total,
        "rent_lamports": plan.rent_lamports, "fees_lamports": plan.fees_lamports,
        "offers": offers.collect::<Vec<_>>(),
        "standing": plan.standing.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

pub fn opened(opened: &LeaseOpened) -> Value {
    let leases = opened.leases.iter().map(|lease| {
        let (state, error) = match &lease.offered {
            Offered::Live => ("live", None),
            Offered::Waiting => ("waiting", None),
            Offered::Failed(error) => ("failed", Some(error.to_string())),
        };
        json!({
            "lease": lease.lease.to_string(), "what": what(&lease.what), "peer": lease.peer.to_string(),
            "state": state, "error": error,
        })
    });
    let back = opened.taken_back.iter().map(|back| {
        json!({
            "lease": back.lease.to_string(), "peer": back.peer.to_string(), "refund": back.refund,
            "reason": back.reason,
        })
    });
    json!({
        "leases": leases.collect::<Vec<_>>(), "taken_back": back.collect::<Vec<_>>(),
        "transactions": receipt::json(&opened.receipt),
    })
}

pub fn opened_text(opened: &LeaseOpened, names: &Names) -> String {
    let mut table = Table::new(["ID", "WHAT", "PEER", "STATE"]);
    for lease in &opened.leases {
        let state = match &lease.offered {
            Offered::Live => "held".to_owned(),
            Offered::Waiting => "waits for the peer".to_owned(),
            Offered::Failed(_) => "upload broke off".to_owned(),
        };
        table.row([
            show::short(&lease.lease),
            what_text(&lease.what, names),
            show::short(&lease.peer),
            state,
        ]);
    }
    table.render("")
}

pub fn warn_opened(printer: &Printer, opened: &LeaseOpened) {
    for lease in &opened.leases {
        if let Offered::Failed(error) = &lease.offered {
            printer.warn(format_args!("lease {}: {error}", show::short(&lease.lease)));
        }
    }
    for back in &opened.taken_back {
        printer.warn(format_args!(
            "the offer to peer {} was taken back, with its money: {}",
            show::short(&back.peer),
            back.reason
        ));
    }
}

pub fn view(view: &LeaseView) -> Value {
    let lease = &view.lease;
    json!({
        "lease": lease.address.to_string(), "what": what(&view.what), "owner": lease.owner.to_string(),
        "peer": lease.peer.to_string(), "endpoint": view.endpoint,
        "mint": view.mint.as_ref().map(peer::mint), "state": state(view.state),
        "end": match view.state { LeaseState::Ended(end) => Some(end_words(end)), _ => None },
        "stored_len": lease.stored_len, "price": lease.price, "escrow": lease.escrow, "owed": lease.owed,
        "lock": lease.lock, "from_epoch": lease.from_epoch, "until_epoch": lease.until_epoch,
        "until": maybe_time(view.until_secs()), "epoch": view.epoch, "epoch_secs": view.epoch_secs,
        "epochs_proven": view.credited, "epochs_decided": view.decided,
        "last_proven_epoch": view.last_proven, "draws_owed": view.debt,
        "amendment_pending": lease.next_len != 0, "peer_leaving": view.draining,
        "due": view.due.map(|due| format!("{due:?}").to_lowercase()),
    })
}

pub fn table(views: &[LeaseView], names: &Names) -> String {
    let mut table = Table::new(["ID", "WHAT", "WHERE", "PAID IN", "PROVEN", "UNTIL", "STATE"]);
    for view in views {
        let lease = &view.lease;
        let rest = lease.escrow.saturating_add(lease.owed);
        table.row([
            show::short(&lease.address),
            what_text(&view.what, names),
            view.endpoint.clone(),
            view.mint.as_ref().map_or_else(|| rest.to_string(), |mint| mint.show(rest)),
            format!("{} of {}", view.credited, view.decided),
            view.until_secs().map_or_else(String::new, show::time),
            state_text(view),
        ]);
    }
    table.render("No leases. `aceso lease open` has peers store a record.")
}

fn state(state: LeaseState) -> &'static str {
    match state {
        LeaseState::Offered => "offered",
        LeaseState::OfferExpired => "expired",
        LeaseState::Live => "live",
        LeaseState::Over => "over",
        LeaseState::Ended(_) => "ended",
    }
}

fn state_text(view: &LeaseView) -> String {
    match view.state {
        LeaseState::Offered => "waits for the peer".to_owned(),
        LeaseState::OfferExpired => "nobody accepted it".to_owned(),
        LeaseState::Live if view.draining => "live, the peer leaves".to_owned(),
        LeaseState::Live if view.lease.next_len != 0 => "live, update pending".to_owned(),
        LeaseState::Live => "live".to_owned(),
        LeaseState::Over => "over".to_owned(),
        LeaseState::Ended(end) => format!("ended: {}", end_words(end)),
    }
}

pub fn checked(checked: &LeaseChecked) -> Value {
    let (held, error) = match &checked.held {
        Held::Right { .. } => ("right", None),
        Held::Wrong(error) => ("wrong", Some(error)),
        Held::Missing(error) => ("missing", Some(error)),
        Held::Refused(error) => ("refused", Some(error)),
        Held::Away(error) => ("away", Some(error)),
        Held::NotAsked => ("not asked", None),
    };
    let mut value = view(&checked.view);
    value["bytes"] = json!(held);
    value["bytes_error"] = json!(error.map(ToString::to_string));
    value["bytes_checked"] = match &checked.held {
        Held::Right { bytes } => json!(bytes),
        _ => json!(0),
    };
    value["health"] = json!(health(checked.health));
    value["is_current"] = json!(checked.is_current);
    value["words"] = json!(checked.words);
    value
}

pub fn checked_table(list: &[LeaseChecked], names: &Names) -> String {
    let mut table = Table::new(["ID", "WHAT", "WHERE", "HEALTH", "LAST PROVEN"]);
    for checked in list {
        let view = &checked.view;
        let proven = view.last_proven.and_then(|epoch| i64::try_from(epoch).ok());
        table.row([
            show::short(&view.lease.address),
            what_text(&view.what, names),
            view.endpoint.clone(),
            health(checked.health).to_owned(),
            proven.map_or_else(
                || "not yet".to_owned(),
                |epoch| show::time(epoch.saturating_mul(view.epoch_secs)),
            ),
        ]);
    }
    table.render("No peer stores it. `aceso lease open` changes that.")
}

pub fn health(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::Waiting => "waiting",
        Health::Failing => "failing",
        Health::Lost => "lost",
    }
}

pub fn claimed(claimed: &LeaseClaimed) -> Value {
    let tokens = claimed.tokens.iter();
    let left = claimed.left.iter();
    json!({
        "tokens": tokens.map(|(mint, amount)| json!({ "mint": peer::mint(mint), "amount": amount })).collect::<Vec<_>>(),
        "ended": super::addresses(&claimed.ended), "closed": super::addresses(&claimed.closed),
        "rent_lamports": claimed.rent_lamports,
        "left": left.map(|(lease, reason)| json!({ "lease": lease.to_string(), "reason": reason })).collect::<Vec<_>>(),
        "transactions": receipt::json(&claimed.receipt),
    })
}

pub fn claimed_text(claimed: &LeaseClaimed) -> String {
    let mut parts: Vec<String> =
        claimed.tokens.iter().map(|(mint, amount)| mint.show(*amount)).collect();
    if claimed.rent_lamports > 0 {
        parts.push(format!("{} of rent", Sol(claimed.rent_lamports)));
    }
    match parts.is_empty() {
        true => "Nothing came back.".to_owned(),
        false => format!("Back in your wallet: {}.", parts.join(" and ")),
    }
}

pub fn tell_left(printer: &Printer, claimed: &LeaseClaimed) {
    for (lease, reason) in &claimed.left {
        printer.say(format_args!("Lease {} stays for now: {reason}", show::short(lease)));
    }
}
