use crate::{
    app::App,
    args::record::RecordName,
    exit::Failure,
    find,
    render::{Names, record},
};

pub async fn run(app: &App, args: &RecordName) -> Result<(), Failure> {
    let session = app.session().await?;
    let address = find::record(&session, &args.record).await?;
    let view = session.record_show(address).await?;
    let facts = record::facts(&view, &Names(&session));
    let (value, opened) = record::view(view);
    app.printer.data(&value, || facts.render())?;
    if let Err(failure) = opened {
        let hint = failure.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        app.printer.warn(format_args!("what it is cannot be shown: {}{hint}", failure.sentence));
    }
    Ok(())
}
