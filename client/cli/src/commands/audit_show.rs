use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use serde_json::{Value, json};

use crate::{
    app::App,
    args::audit::{AuditShow, Format},
    exit::Failure,
    find,
    render::{self, audit},
    show,
};

pub async fn run(app: &App, args: &AuditShow) -> Result<(), Failure> {
    if let Some(path) = &args.output
        && !args.force
        && path.symlink_metadata().is_ok()
    {
        return Err(aceso_sdk::file::FileError::Exists { path: path.clone() }.into());
    }
    let session = app.session().await?;
    let scope = find::either(&session, &args.scope).await?;
    let history = session.audit_history(scope).await?;
    let format = if app.global.json { Format::Json } else { args.format };
    let text = match format {
        Format::Table => audit::table(&history.lines),
        Format::Csv => audit::csv(&history.lines),
        Format::Json => {
            let value = json!({
                "scope": render::scope(history.scope), "created_slot": history.created_slot,
                "head": show::hex(&history.head), "count": history.lines.len(), "from_archive": history.from_archive,
                "entries": history.lines.iter().map(audit::line).collect::<Vec<Value>>(),
            });
            let mut text =
                serde_json::to_string_pretty(&value).map_err(|e| Failure::ours(e.to_string()))?;
            text.push('\n');
            text
        }
    };
    match &args.output {
        None => app.printer.raw(text.as_bytes())?,
        Some(path) => write(path, &text, args.force)?,
    }
    app.printer.say(format_args!(
        "{}, recomputed from the first one, and the same as on the chain.",
        entries(history.lines.len())
    ));
    if history.from_archive > 0 {
        app.printer.say(format_args!(
            "{} of them come from your archive, because the node has dropped them.",
            history.from_archive
        ));
    }
    Ok(())
}

fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let failed = |e: io::Error| {
        Failure::input(format!("cannot write {} ({e})", path.display()))
            .with_hint("name another file")
    };
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}

pub fn entries(count: usize) -> String {
    format!("{count} {}", if count == 1 { "entry" } else { "entries" })
}
