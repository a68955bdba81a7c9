use aceso_sdk::{blob::BlobAddress, chain::Record, flow::RecordErased};
use serde_json::{Value, json};

use crate::{
    app::App,
    args::record::RecordName,
    cost,
    exit::Failure,
    find,
    render::{self, lease, receipt},
    show,
};

pub async fn run(app: &App, args: &RecordName) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    app.confirm(&format!(
        "Erase record {record}?\n{}\nIts rent, {}, goes back to whoever paid it. Leases on it end.",
        RecordErased::MEANING,
        cost::about(cost::rent::<Record>())
    ))?;
    let erased = session.record_erase(record).await?;
    // It is erased, whatever becomes of this.
    let ended = session.lease_cancel_all(record).await;
    receipt::tell(&app.printer, &erased.receipt);
    let value = json!({
        "record": record.to_string(), "erased": true, "revoked": render::addresses(&erased.revoked),
        "unpinned": cids(&erased.unpinned), "still_pinned": cids(&erased.still_pinned),
        "unknown_versions": erased.unknown_versions,
        "meaning": RecordErased::MEANING, "transactions": receipt::json(&erased.receipt),
        "leases": ended.as_ref().ok().map(lease::claimed),
    });
    app.printer.data(&value, || format!("{} is erased.", show::short(&record)))?;
    match ended {
        Err(error) => app.printer.warn(format_args!(
            "its leases could not be ended ({error}); `aceso lease list` shows them, `aceso lease cancel` ends them"
        )),
        Ok(claimed) if !claimed.ended.is_empty() => {
            app.printer.say(lease::claimed_text(&claimed));
            lease::tell_left(&app.printer, &claimed);
        }
        Ok(claimed) => lease::tell_left(&app.printer, &claimed),
    }
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
