//! What may be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::DEFAULT_PATH;

/// Storage peer: keeps leased bytes, proves that it does, and is paid for that.
#[derive(Debug, Parser)]
#[command(name = "aceso-peer", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// Configuration file
    #[arg(long, global = true, value_name = "FILE", default_value = DEFAULT_PATH, env = "ACESO_PEER_CONFIG")]
    pub config: PathBuf,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented configuration
    Init(Init),
    /// Check configuration, keys, storage and reachability
    Check(Check),
    /// Keep, prove and be paid, until told to stop
    Serve,
}

#[derive(Args, Debug)]
pub struct Init {
    /// Write the configuration even where there is one
    #[arg(long)]
    pub force: bool,

    /// Print the configuration instead of writing it
    #[arg(long, conflicts_with = "force")]
    pub print: bool,
}

#[derive(Args, Debug)]
pub struct Check {
    /// Leave out what needs a network
    #[arg(long)]
    pub offline: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn definitions_hold_together() {
        super::Cli::command().debug_assert();
    }
}
