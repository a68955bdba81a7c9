//! One file for each verb.

mod check;
mod init;

use crate::{
    args::{Cli, Command},
    failure::Failure,
};

pub async fn run(cli: &Cli) -> Result<(), Failure> {
    match &cli.command {
        Command::Init(args) => init::run(&cli.config, args),
        Command::Check(args) => check::run(&cli.config, args).await,
    }
}
