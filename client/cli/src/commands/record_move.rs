use serde_json::json;

use crate::{
    app::App,
    args::record::RecordMove,
    exit::Failure,
    find,
    render::{Names, receipt},
    show,
};

pub async fn run(app: &App, args: &RecordMove) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    let folder = find::folder(&session, &args.folder).await?;
    let names = Names(&session);
    app.confirm(&format!(
        "Readers of folder {} will be able to open it. Readers of its old folder keep what they have opened.",
        names.show(&folder)
    ))?;
    let moved = session.record_move(record, folder).await?;
    receipt::tell(&app.printer, &moved.receipt);
    let value = json!({
        "record": record.to_string(), "folder": folder.to_string(), "head_cid": moved.head.cid_string(),
        "transactions": receipt::json(&moved.receipt),
    });
    app.printer.data(&value, || {
        format!("{} is in folder {} now.", show::short(&record), names.show(&folder))
    })
}
