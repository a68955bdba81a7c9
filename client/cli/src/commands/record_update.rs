use aceso_sdk::flow::{About, RecordUpdate as Update};
use serde_json::json;

use super::lease_update;
use crate::{
    app::App,
    args::record::{Describe, RecordUpdate},
    exit::Failure,
    find, gather,
    render::{Names, folder, grant, receipt, record},
    show,
};

pub async fn run(app: &App, args: &RecordUpdate) -> Result<(), Failure> {
    let item = gather::item(&args.file, &args.describe, args.name.as_deref())?;
    let session = app.session().await?;
    let address = find::record(&session, &args.record).await?;
    let view = session.record_show(address).await?;
    let folder_at = view.folder;
    let about = match view.manifest {
        // What was said of the version before stays, but for what is said now and what the new file is.
        Ok(before) => merged(before.about, item.about, &args.describe),
        Err(_) => item.about,
    };
    let updated = session
        .record_update(Update { record: address, input: item.input, about: Some(about) })
        .await?;
    receipt::tell(&app.printer, &updated.receipt);
    let mut value = record::filed(&updated.filed);
    value["transactions"] = json!(receipt::json(&updated.receipt));
    value["maintained"] = folder::maintained(&updated.maintained);
    value["left_out"] = grant::left_out(&updated.left_out);
    value["leases"] = lease_update::follow(app, &session, &[address, folder_at]).await;
    app.printer.data(&value, || {
        let filed = &updated.filed;
        format!(
            "{} is at version {} ({})",
            show::short(&filed.record),
            filed.version,
            show::size(filed.plaintext_len)
        )
    })?;
    grant::warn_left_out(&app.printer, updated.left_out);
    folder::tell_maintained(&app.printer, &Names(&session), updated.maintained);
    Ok(())
}

fn merged(before: About, now: About, describe: &Describe) -> About {
    // The type of a resource is said of a scan, and read in a FHIR file; a scan of the same kind is still of it.
    let keeps_type = now.fhir_type.is_empty() && now.media_type == before.media_type;
    About {
        title: if describe.title.is_some() { now.title } else { before.title },
        file_name: if now.file_name.is_empty() { before.file_name } else { now.file_name },
        media_type: now.media_type,
        fhir_type: if keeps_type { before.fhir_type } else { now.fhir_type },
        codes: if describe.code.is_empty() { before.codes } else { now.codes },
        tags: if describe.tag.is_empty() { before.tags } else { now.tags },
        note: if describe.note.is_some() { now.note } else { before.note },
        created_secs: None,
    }
}
