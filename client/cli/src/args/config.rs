use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::value::{Address, Sol, Span};

#[derive(Debug, Subcommand)]
pub enum Config {
    /// The settings in force
    Show,
    /// Change one setting
    Set(ConfigSet),
    /// The program's own settings on the chain, for its admin
    #[command(subcommand)]
    Program(ConfigProgram),
}

#[derive(Args, Debug)]
pub struct ConfigSet {
    /// Which setting
    #[arg(value_enum)]
    pub key: Setting,

    /// New value; `none` clears it
    #[arg(allow_hyphen_values = true)]
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Setting {
    /// localnet, devnet, mainnet or a URL
    Cluster,
    /// Solana node
    Rpc,
    /// Second node to check the first
    VerifyRpc,
    /// Directory, Kubo node or gateway for blobs
    Store,
    /// Gateways to read from when the store does not have a blob, separated by commas
    Gateways,
    /// Keypair file of the wallet that pays
    FeePayer,
    /// Profile that acts when none is named
    Profile,
    /// Price per million compute units in micro-lamports, for busy times
    PriorityFee,
}

#[derive(Debug, Subcommand)]
pub enum ConfigProgram {
    /// The program's settings on the chain
    Show,
    /// Set the program up, once. Needs the wallet that may upgrade it
    Init(ProgramSettings),
    /// Change settings; those that are not named stay
    Update(ProgramUpdate),
    /// Pause areas, or none. Revoking, closing and refunds always work
    Pause(ConfigPause),
    /// Propose another admin
    AdminPropose(AdminPropose),
    /// Accept to be admin
    AdminAccept,
    /// Take out the fees that unanswered requests have left
    FeesWithdraw,
}

#[derive(Args, Debug)]
pub struct ProgramSettings {
    /// Least deposit of a request
    #[arg(long, value_name = "SOL", default_value = "0.01")]
    pub request_deposit: Sol,

    /// What is kept of it when nobody answers
    #[arg(long, value_name = "SOL", default_value = "0.001")]
    pub request_fee: Sol,

    /// Longest life of a request
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    pub request_ttl: Span,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("change").required(true).multiple(true).args(["request_deposit", "request_fee", "request_ttl"]))]
pub struct ProgramUpdate {
    /// Least deposit of a request
    #[arg(long, value_name = "SOL")]
    pub request_deposit: Option<Sol>,

    /// What is kept of it when nobody answers
    #[arg(long, value_name = "SOL")]
    pub request_fee: Option<Sol>,

    /// Longest life of a request
    #[arg(long, value_name = "SPAN")]
    pub request_ttl: Option<Span>,
}

#[derive(Args, Debug)]
pub struct ConfigPause {
    /// Areas to pause; all others run
    #[arg(value_enum, required_unless_present = "none", conflicts_with = "none")]
    pub areas: Vec<Area>,

    /// Pause nothing
    #[arg(long)]
    pub none: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Area {
    Profile,
    Folder,
    Record,
    Grant,
    Request,
    Market,
}

#[derive(Args, Debug)]
pub struct AdminPropose {
    /// Wallet of the new admin
    #[arg(required_unless_present = "withdraw", conflicts_with = "withdraw")]
    pub wallet: Option<Address>,

    /// Take a proposal back
    #[arg(long)]
    pub withdraw: bool,
}
