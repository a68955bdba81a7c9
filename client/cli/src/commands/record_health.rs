use aceso_sdk::flow::{Depth, Health, LeaseChecked};
use serde_json::{Value, json};

use crate::{
    app::App,
    args::record::RecordHealth,
    exit::Failure,
    find,
    render::{Names, lease},
    show,
};

pub async fn run(app: &App, args: &RecordHealth) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    let depth = if args.whole { Depth::Whole } else { Depth::default() };
    let health = session.record_health(record, depth).await?;
    let list = |list: &[LeaseChecked]| list.iter().map(lease::checked).collect::<Value>();
    let value = json!({
        "record": record.to_string(), "in_own_store": health.here, "good": health.good(),
        "copies": list(&health.copies), "keyring": list(&health.keyring),
    });
    let names = Names(&session);
    let all: Vec<&LeaseChecked> = health.copies.iter().chain(&health.keyring).collect();
    for checked in &all {
        if checked.health != Health::Good {
            let id = show::short(&checked.view.lease.address);
            app.printer.warn(format_args!("{id}: {}", checked.words));
        }
    }
    let lost = all.iter().filter(|checked| checked.health == Health::Lost).count();
    app.printer.data(&value, || {
        let here = if health.here { "has it" } else { "does not have it" };
        let mut text = lease::checked_table(&health.copies, &names);
        if !health.keyring.is_empty() {
            text.push_str(&lease::checked_table(&health.keyring, &names));
        }
        format!(
            "{text}{} of {} copies are good; your own store {here}.",
            health.good(),
            health.copies.len()
        )
    })?;
    match lost {
        0 => Ok(()),
        lost => Err(Failure::input(format!("{} lost", show::count(lost, "lease")))
            .with_hint("`aceso record repair` replaces them")
            .with_kind("copy-lost")),
    }
}
