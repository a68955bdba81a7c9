use std::{ops::Range, path::PathBuf};

use aceso_sdk::{
    chain::Pubkey,
    file::Output,
    flow::{FlowError, GetOutput, RecordGet as Get, Session},
};
use serde_json::json;

use crate::{
    app::App,
    args::{record::RecordGet, value::ByteRange},
    commands::output,
    exit::Failure,
    find,
    render::{receipt, record},
    show,
};

pub async fn run(app: &App, args: &RecordGet) -> Result<(), Failure> {
    let place = &args.destination;
    let output = match &place.output {
        None => GetOutput::Named { folder: PathBuf::from("."), replace: place.force },
        Some(path) if path.is_dir() => {
            GetOutput::Named { folder: path.clone(), replace: place.force }
        }
        Some(path) => {
            // Said before a receipt is written: the sdk would refuse too, after it.
            if path.as_os_str() != "-" && !place.force && path.symlink_metadata().is_ok() {
                return Err(aceso_sdk::file::FileError::Exists { path: path.clone() }.into());
            }
            GetOutput::To(output(path, place.force))
        }
    };
    let to_stdout = matches!(output, GetOutput::To(Output::Writer(_)));
    let session = app.session().await?;
    let address = find::record(&session, &args.record).await?;
    let range = match place.range {
        Some(range) => Some(within(&session, address, range, args.number).await?),
        None => None,
    };
    let got =
        session.record_get(Get { record: address, version: args.number, range, output }).await?;
    receipt::tell(&app.printer, &got.receipt);
    if !got.receipt.sent.is_empty() {
        app.printer.say("A receipt of this opening is in the owner's trail.");
    }
    if to_stdout {
        return Ok(());
    }
    let value = json!({
        "record": got.record.to_string(), "version": got.version, "path": got.path, "len": got.len,
        "fetched": got.fetched, "manifest": record::manifest(&got.manifest), "transactions": receipt::json(&got.receipt),
    });
    app.printer.data(&value, || {
        let path = got.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        format!("{path} ({}, version {})", show::size(got.len), got.version)
    })
}

/// An open end is the content's own, which only its manifest tells.
async fn within(
    session: &Session,
    record: Pubkey,
    range: ByteRange,
    version: Option<u32>,
) -> Result<Range<u64>, Failure> {
    if let Some(to) = range.to {
        return Ok(range.from..to);
    }
    let opened = match version {
        None => session.record_show(record).await?.manifest?,
        Some(number) => {
            let versions = session.record_versions(record).await?;
            let current = versions.first().map_or(0, |newest| newest.version);
            let older = versions.into_iter().find(|one| one.version == number);
            let missing = FlowError::NoSuchVersion { record, version: number, current };
            older.ok_or(missing)?.manifest?
        }
    };
    Ok(range.within(opened.plaintext_len))
}
