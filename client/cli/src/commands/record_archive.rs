use serde_json::json;

use crate::{app::App, args::record::RecordName, exit::Failure, find, render::receipt, show};

pub async fn run(app: &App, args: &RecordName, archived: bool) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    let sent = session.record_archive(record, archived).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "record": record.to_string(), "archived": archived, "transactions": receipt::json(&sent) });
    let words = if archived {
        "is archived: no new versions, still readable"
    } else {
        "takes new versions again"
    };
    app.printer.data(&value, || format!("{} {words}.", show::short(&record)))
}
