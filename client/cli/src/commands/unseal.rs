use aceso_sdk::file::open_file;
use serde_json::json;

use crate::{
    app::App,
    args::plumbing::Unseal,
    commands::{input, output},
    exit::Failure,
    key_file, progress, show,
};

pub async fn run(app: &App, args: &Unseal) -> Result<(), Failure> {
    let key = args.key.clone().unwrap_or_else(|| {
        let mut name = args.input.as_os_str().to_owned();
        name.push(".key");
        name.into()
    });
    let source = input(&args.input)?;
    let (record, sealed) = key_file::read(&key)?;
    let to_stdout = args.output.as_os_str() == "-";
    let watch = progress::transfer(&app.printer, "opening");
    let opened =
        open_file(source, &record.0, &sealed, output(&args.output, args.force), watch).await?;
    if to_stdout {
        return Ok(());
    }
    let value =
        json!({ "path": args.output, "len": opened.len, "sha256": show::hex(&sealed.sha256) });
    app.printer.data(&value, || format!("{} ({})", args.output.display(), show::size(opened.len)))
}
