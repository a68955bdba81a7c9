use serde_json::json;

use crate::{app::App, args::grant::GrantOpen, exit::Failure, find, render::receipt, show};

pub async fn run(app: &App, args: &GrantOpen) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    let sent = session.grant_open(record, args.number).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "record": record.to_string(), "version": args.number, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || {
        format!("The receipt of opening {} is in the owner's trail.", show::short(&record))
    })
}
