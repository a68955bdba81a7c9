//! What may be typed, apart from what is done with it: noun first, then verb. The comments here are the help texts.

pub mod audit;
pub mod config;
pub mod contact;
pub mod delegate;
pub mod folder;
pub mod grant;
pub mod keystore;
pub mod lease;
pub mod peer;
pub mod plumbing;
pub mod profile;
pub mod record;
pub mod request;
pub mod value;
pub mod watch;

use std::path::PathBuf;

use aceso_sdk::chain::Cluster;
use clap::{Args, Parser, Subcommand};

/// Health records that their patient holds the keys of.
///
/// Records are encrypted on this computer and kept on IPFS; who may open them is decided on Solana, and every opening
/// leaves a receipt. What is printed to standard output is data; everything said to you goes to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "aceso",
    bin_name = "aceso",
    version,
    arg_required_else_help = true,
    after_help = "First steps: aceso init, aceso profile create, aceso record put FILE\n\
                  Exit codes: 1 something to put right on your side, 2 wrong usage, 3 the network or a fault of ours"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Folder of settings, keys and notes [default: ~/.local/share/aceso]
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "DIR",
        env = "ACESO_HOME",
        hide_env = true
    )]
    pub home: Option<PathBuf>,

    /// Solana node to talk to, instead of the one in the settings
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "URL",
        env = "ACESO_RPC_URL",
        hide_env = true
    )]
    pub rpc: Option<String>,

    /// Second node, asked before anything is sealed to a key seen for the first time
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "URL",
        env = "ACESO_VERIFY_RPC_URL",
        hide_env = true
    )]
    pub verify_rpc: Option<String>,

    /// localnet, devnet, mainnet, mainnet=URL or a URL
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "CLUSTER",
        env = "ACESO_CLUSTER",
        hide_env = true
    )]
    pub cluster: Option<Cluster>,

    /// Where blobs are kept: a directory, a Kubo node (http://…:5001) or a gateway (gateway+https://…)
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "STORE",
        env = "ACESO_STORE",
        hide_env = true
    )]
    pub store: Option<String>,

    /// Keypair file of a wallet that pays fees and rent for you
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        env = "ACESO_FEE_PAYER",
        hide_env = true
    )]
    pub fee_payer: Option<PathBuf>,

    /// Which of your profiles acts: name or address
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "PROFILE",
        env = "ACESO_PROFILE",
        hide_env = true
    )]
    pub profile: Option<String>,

    /// File whose first line is the keystore's password (else ACESO_PASSWORD, else you are asked)
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,

    /// log2 of the keystore's work factor, for tests: a lower one is quicker to guess
    #[arg(long, global = true, hide = true, env = "ACESO_KEYSTORE_WORK", value_parser = clap::value_parser!(u8).range(1..=22))]
    pub keystore_work: Option<u8>,

    /// Print JSON for programs instead of tables
    #[arg(long, global = true)]
    pub json: bool,

    /// Say nothing but data, questions and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Answer every question with yes
    #[arg(long, short, global = true)]
    pub yes: bool,

    /// Also show transactions, their cost, and the technical part of errors
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set this computer up: wallet, password, network
    Init(keystore::Init),
    /// Back up or restore your keys
    #[command(subcommand)]
    Keystore(keystore::Keystore),
    /// Your identity on the chain
    #[command(subcommand)]
    Profile(profile::Profile),
    /// People and institutions that you know, by name
    #[command(subcommand)]
    Contact(contact::Contact),
    /// Folders: what is shared, and closed to somebody, as a whole
    #[command(subcommand)]
    Folder(folder::Folder),
    /// Medical records: store, open, share
    #[command(subcommand)]
    Record(record::Record),
    /// Who may open what, for what purpose, until when
    #[command(subcommand)]
    Grant(grant::Grant),
    /// Ask somebody for access, or answer such a question
    #[command(subcommand)]
    Request(request::Request),
    /// Storage peers
    #[command(subcommand)]
    Peer(peer::Peer),
    /// Copies that storage peers keep for you, paid for what they prove
    #[command(subcommand)]
    Lease(lease::Lease),
    /// Let others act for you, for example a laboratory that files results
    #[command(subcommand)]
    Delegate(delegate::Delegate),
    /// The trail of every change and opening
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Keep the storage market going: draw, pay, and end what is over, for everybody
    Watch(watch::Watch),
    /// Settings of this computer, and of the program for its admin
    #[command(subcommand)]
    Config(config::Config),
    /// Encrypt a file without chain or network
    Seal(plumbing::Seal),
    /// Decrypt what `aceso seal` made
    Unseal(plumbing::Unseal),
    /// Show what anybody can see in a stored blob, without any key
    Inspect(plumbing::Inspect),
    /// Check settings, keys, node and store
    Doctor,
    /// Print tab completions for a shell
    Completions(plumbing::Completions),
    /// Write the manual pages into a directory
    Man(plumbing::Man),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn definitions_hold_together() {
        Cli::command().debug_assert();
    }

    /// clap finds arguments by field name, and a verb's own would hide the global one of that name.
    #[test]
    fn no_verb_has_an_argument_of_a_global_one_s_name() {
        let cli = Cli::command();
        let global: Vec<_> = cli
            .get_arguments()
            .filter(|arg| arg.is_global_set())
            .map(|arg| arg.get_id().clone())
            .collect();
        let mut commands: Vec<_> = cli.get_subcommands().collect();
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands());
            for argument in command.get_arguments() {
                assert!(
                    !global.contains(argument.get_id()),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}
