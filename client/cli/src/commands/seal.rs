use std::path::PathBuf;

use aceso_sdk::file::{Input, seal_to_file};
use serde_json::json;

use crate::{
    app::App,
    args::{plumbing::Seal, value::Address},
    commands::input,
    exit::Failure,
    key_file, progress, show,
};

pub async fn run(app: &App, args: &Seal) -> Result<(), Failure> {
    let output = args.output.clone().unwrap_or_else(|| appended(&args.input, ".aceso"));
    let key = args.key.clone().unwrap_or_else(|| appended(&output, ".key"));
    if key == output {
        return Err(Failure::input("key and sealed file cannot be one file")
            .with_hint("name another one with --key"));
    }
    for path in [&output, &key] {
        if !args.force && path.symlink_metadata().is_ok() {
            return Err(aceso_sdk::file::FileError::Exists { path: path.clone() }.into());
        }
    }
    let record = match args.record {
        Some(record) => record,
        None => random_record()?,
    };
    let source: Input = input(&args.input)?;
    let watch = progress::transfer(&app.printer, "encrypting");
    let sealed = seal_to_file(source, &output, args.force, &record.0, watch).await?;
    if let Err(failure) = key_file::write(&key, record, &sealed, args.force) {
        // Sealed bytes without a key are of use to nobody.
        let _ = std::fs::remove_file(&output);
        return Err(failure);
    }
    let cid = sealed.blob.cid_string();
    app.printer.say("Whoever has the key file can open the sealed file: keep them apart.");
    let value = json!({
        "sealed": output, "key": key, "record": record.to_string(), "cid": cid,
        "sealed_len": sealed.blob.len, "content_len": sealed.content_len, "sha256": show::hex(&sealed.sha256),
    });
    app.printer.data(&value, || {
        crate::table::Facts::new()
            .fact("sealed", format!("{} ({})", output.display(), show::size(sealed.blob.len)))
            .fact("key", key.display().to_string())
            .fact("CID", cid.clone())
            .render()
    })
}

fn appended(path: &std::path::Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// An address that no record has, so that two files sealed without one do not open as each other.
fn random_record() -> Result<Address, Failure> {
    let mut record = [0; 32];
    getrandom::fill(&mut record)
        .map_err(|e| Failure::ours(format!("this system gives no random numbers ({e})")))?;
    Ok(Address(record))
}
