use crate::{
    app::App,
    args::record::RecordShow,
    exit::Failure,
    find,
    render::{Names, record},
};

pub async fn run(app: &App, args: &RecordShow) -> Result<(), Failure> {
    let session = app.session().await?;
    let address = find::record(&session, &args.record).await?;
    let view = session.record_show(address).await?;
    let facts = record::facts(&view, &Names(&session));
    let (mut value, opened) = record::view(view);
    let mut text = facts.render();
    if args.versions && opened.is_ok() {
        let (versions, table) = record::versions(session.record_versions(address).await?);
        value["versions"] = versions;
        text = format!("{text}\n{table}");
    }
    app.printer.data(&value, || text)?;
    if let Err(failure) = opened {
        let hint = failure.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        app.printer.warn(format_args!("what it is cannot be shown: {}{hint}", failure.sentence));
    }
    Ok(())
}
