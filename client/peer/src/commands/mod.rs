//! One file for each verb.

mod bond;
mod check;
mod check_chain;
mod drain;
mod init;
mod leases;
mod office;
mod payout;
mod register;
mod retire;
mod serve;
mod settle;
mod show;
mod status;

use crate::{
    args::{Cli, Command},
    failure::Failure,
};

pub async fn run(cli: &Cli) -> Result<(), Failure> {
    let config = &cli.config;
    match &cli.command {
        Command::Init(args) => init::run(config, args),
        Command::Check(args) => check::run(config, args).await,
        Command::Register(args) => register::run(config, args).await,
        Command::Update(args) => register::update(config, args).await,
        Command::Bond(args) => bond::run(config, args).await,
        Command::Payout(args) => payout::run(config, args).await,
        Command::Serve => serve::run(config).await,
        Command::Status(args) => status::run(config, args).await,
        Command::Leases(args) => leases::run(config, args).await,
        Command::Settle => settle::run(config).await,
        Command::Drain(args) => drain::run(config, args).await,
        Command::Retire(args) => retire::run(config, args).await,
    }
}
