//! The daemon's command line.

use std::process::ExitCode;

use aceso_peer::{args::Cli, commands, failure::Failure};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| {
            Failure::outside(format!("cannot start ({e}); free some memory and try again"))
        })
        .and_then(|runtime| runtime.block_on(commands::run(&cli)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
