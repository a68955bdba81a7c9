//! What may be typed.

use std::path::PathBuf;

use aceso_sdk::chain::Pubkey;
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
    /// Check configuration, keys, storage, chain and reachability
    Check(Check),
    /// Make the profile a storage peer: operator and endpoint as configured
    Register(Register),
    /// Change price, operator or endpoint on the chain; leases that stand keep their price
    Update(Update),
    /// Put up bond, or take free bond back
    #[command(subcommand)]
    Bond(Bond),
    /// Say where settlements are paid to
    #[command(subcommand)]
    Payout(Payout),
    /// Keep, prove and be paid, until told to stop
    Serve,
    /// Say how this peer is doing
    Status(Shown),
    /// List its leases
    Leases(Shown),
    /// Settle all leases now, and pay out
    Settle,
    /// Give notice: no new leases, and those that stand are released after it. Cannot be taken back
    Drain(Drain),
    /// Wind the peer up, once no lease is left; bond and earnings go to the authority
    Retire(Retire),
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

/// The wallet that the profile belongs to. It pays fees and rent of what it signs; the daemon never needs it.
#[derive(Args, Debug)]
pub struct Authority {
    /// Keypair file of the profile's wallet
    #[arg(long, value_name = "FILE")]
    pub authority: PathBuf,
}

#[derive(Args, Debug)]
pub struct Register {
    #[command(flatten)]
    pub authority: Authority,

    /// Mint in which this peer is paid
    #[arg(long, value_name = "ADDRESS")]
    pub mint: Pubkey,

    /// Price of any lease for an epoch, in the mint's unit
    #[arg(long, value_name = "AMOUNT")]
    pub price_flat: String,

    /// What each GiB costs on top of it, for an epoch
    #[arg(long, value_name = "AMOUNT")]
    pub price_per_gib: String,
}

#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    pub authority: Authority,

    /// Price of any lease for an epoch, in the mint's unit
    #[arg(long, value_name = "AMOUNT")]
    pub price_flat: Option<String>,

    /// What each GiB costs on top of it, for an epoch
    #[arg(long, value_name = "AMOUNT")]
    pub price_per_gib: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Bond {
    /// Put up bond
    Add(BondMoved),
    /// Take free bond back
    Withdraw(BondMoved),
}

#[derive(Args, Debug)]
pub struct BondMoved {
    #[command(flatten)]
    pub authority: Authority,

    /// In the mint's unit
    pub amount: String,

    /// Token account of the authority that it comes from or goes to; where it has none of its own, the associated one
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Pubkey>,
}

#[derive(Debug, Subcommand)]
pub enum Payout {
    /// Pay settlements to a token account
    Set(PayoutSet),
    /// Only book them
    Clear(Authority),
}

#[derive(Args, Debug)]
pub struct PayoutSet {
    #[command(flatten)]
    pub authority: Authority,

    /// Token account of the peer's mint, whoever owns it
    pub account: Pubkey,
}

#[derive(Args, Debug)]
pub struct Shown {
    /// For machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Drain {
    #[command(flatten)]
    pub authority: Authority,

    /// Mean it
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct Retire {
    #[command(flatten)]
    pub authority: Authority,

    /// Token account of the authority that bond and earnings go to; the associated one where left out
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Pubkey>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn definitions_hold_together() {
        super::Cli::command().debug_assert();
    }
}
