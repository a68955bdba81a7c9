use aceso_sdk::{blob::BlobAddress, chain::Record, flow::RecordErased};
use serde_json::{Value, json};

use crate::{
    app::App,
    args::record::RecordName,
    cost,
    exit::Failure,
    find,
    render::{self, receipt},
    show,
};

pub async fn run(app: &App, args: &RecordName) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    app.confirm(&format!(
        "Erase record {record}?\n{}\nIts rent, {}, goes back to whoever paid it.",
        RecordErased::MEANING,
        cost::about(cost::rent::<Record>())
    ))?;
    let erased = session.record_erase(record).await?;
    receipt::tell(&app.printer, &erased.receipt);
    let value = json!({
        "record": record.to_string(), "erased": true, "revoked": render::addresses(&erased.revoked),
        "unpinned": cids(&erased.unpinned), "still_pinned": cids(&erased.still_pinned),
        "unknown_versions": erased.unknown_versions,
        "meaning": RecordErased::MEANING, "transactions": receipt::json(&erased.receipt),
    });
    app.printer.data(&value, || format!("{} is erased.", show::short(&record)))?;
    if !erased.still_pinned.is_empty() {
        app.printer.warn(format_args!(
            "{} could not be let go of in your store; it is tried again with your next command",
            show::count(erased.still_pinned.len(), "blob")
        ));
    }
    if erased.unknown_versions > 0 {
        app.printer.warn(format_args!(
            "{} could not be opened, so what your store holds of them is not known and stays there",
            show::count(erased.unknown_versions as usize, "version")
        ));
    }
    Ok(())
}

fn cids(blobs: &[BlobAddress]) -> Value {
    blobs.iter().map(|blob| Value::from(blob.cid_string())).collect()
}
