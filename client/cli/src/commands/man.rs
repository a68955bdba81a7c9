use std::fs;

use clap::CommandFactory;
use serde_json::json;

use crate::{
    app::App,
    args::{Cli, plumbing::Man},
    exit::Failure,
    show,
};

pub fn run(app: &App, args: &Man) -> Result<(), Failure> {
    let folder = &args.directory;
    let failed = |e| {
        Failure::input(format!("cannot write to {} ({e})", folder.display()))
            .with_hint("name another directory")
    };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    let pages = fs::read_dir(folder).map_err(failed)?.filter_map(Result::ok);
    let pages =
        pages.filter(|page| page.file_name().to_string_lossy().starts_with("aceso")).count();
    let value = json!({ "directory": folder, "pages": pages });
    app.printer
        .data(&value, || format!("{} in {}", show::count(pages, "manual page"), folder.display()))
}
