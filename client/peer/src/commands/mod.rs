//! One file for each verb.

mod check;
mod init;
mod serve;

use crate::{
    args::{Cli, Command},
    failure::Failure,
};

pub async fn run(cli: &Cli) -> Result<(), Failure> {
    match &cli.command {
        Command::Init(args) => init::run(&cli.config, args),
        Command::Serve => serve::run(&cli.config).await,
        Command::Check(args) => check::run(&cli.config, args).await,
    }
}
