//! `aceso`: health records that their patient holds the keys of.
//!
//! `args` says what may be typed, `commands` does it (one file each, noun first), `render` turns results into JSON or text,
//! `exit` turns failures into exit codes. Everything that knows chain or bytes is in the sdk.

mod app;
mod args;
mod ask;
mod commands;
mod cost;
mod exit;
mod find;
mod gather;
mod hint;
mod interrupt;
mod key_file;
mod media_type;
mod password;
mod printer;
mod progress;
mod render;
mod settings;
mod show;
mod table;
mod terms;

use std::process::ExitCode;

use clap::Parser;

use crate::{app::App, args::Cli, exit::Failure, printer::Printer};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let global = &cli.global;
    let printer = Printer::new(global.json, global.quiet, global.verbose);
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::ours(format!("cannot start ({e})")))
        .and_then(|runtime| {
            let app = App::new(cli.global.clone(), printer.clone());
            interrupt::watch(&runtime);
            let done = runtime.block_on(commands::run(app, cli.command));
            // Threads that still read or write are not waited for: files appear whole or not at all.
            runtime.shutdown_background();
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit_code()
        }
    }
}
