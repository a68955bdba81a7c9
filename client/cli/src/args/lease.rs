use clap::{ArgGroup, Args, Subcommand};

use super::value::{Address, Span};

#[derive(Debug, Subcommand)]
pub enum Lease {
    /// Have peers store copies, paid for what they prove; also goes on with what was interrupted
    Open(LeaseOpen),
    /// Your leases, or those of one record or folder
    List(LeaseList),
    /// Pay for a longer time
    Extend(LeaseExtend),
    /// End a lease now and take back what is not earned
    Cancel(LeaseName),
    /// Ask a peer for some of the bytes, and look at what it has proven
    Check(LeaseCheck),
    /// Bring leases up to date after a record, its grants or a folder's key have changed
    Update(LeaseUpdate),
    /// Take back what is yours: expired offers, refunds, penalties, rent
    Claim(LeaseClaim),
}

/// What to have stored.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("what").required(true).args(["record", "folder", "bundle"]))]
pub struct LeaseScope {
    /// A record, with the keyring of its folder and your public keys: title, short id or address
    #[arg(long, value_name = "RECORD")]
    pub record: Option<String>,

    /// All records of a folder, with its keyring and your public keys: name, short id or address
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// Your public keys alone
    #[arg(long)]
    pub bundle: bool,

    /// The folder's small records together, at the price of one
    #[arg(long, requires = "folder")]
    pub pack: bool,

    /// The record alone, or the folder's keyring alone
    #[arg(long, conflicts_with = "pack")]
    pub only: bool,
}

/// Whom to pay, and how much.
#[derive(Args, Clone, Debug)]
pub struct Payment {
    /// Mint to pay in [default: the only one that your wallet has tokens of]
    #[arg(long, value_name = "MINT")]
    pub mint: Option<Address>,

    /// Most that one copy may cost in an epoch, in tokens [default: what the cheapest peers take]
    #[arg(long, value_name = "TOKENS")]
    pub price_max: Option<String>,

    /// How long to wait for the peers to accept
    #[arg(long, value_name = "SPAN", default_value = "2min")]
    pub wait: Span,
}

#[derive(Args, Debug)]
pub struct LeaseOpen {
    #[command(flatten)]
    pub scope: LeaseScope,

    /// How many copies there shall be, those that there are included
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=32))]
    pub replicas: u32,

    /// How long: 90d, 6mo, 1y
    #[arg(long = "for", value_name = "SPAN", default_value = "1y")]
    pub term: Span,

    /// Only this peer: a contact's name, a short id or an address; may be given several times
    #[arg(long, value_name = "PEER")]
    pub peer: Vec<String>,

    #[command(flatten)]
    pub payment: Payment,
}

#[derive(Args, Debug)]
pub struct LeaseList {
    /// Only those on this record
    #[arg(long, value_name = "RECORD")]
    pub record: Option<String>,

    /// Only those on this folder's keyring and packs
    #[arg(long, value_name = "FOLDER", conflicts_with = "record")]
    pub folder: Option<String>,

    /// Ended ones too
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct LeaseName {
    /// Short id or address
    pub lease: String,
}

#[derive(Args, Debug)]
pub struct LeaseExtend {
    /// Short id or address
    pub lease: String,

    /// How much longer: 90d, 6mo, 1y
    #[arg(long = "for", value_name = "SPAN")]
    pub term: Span,
}

#[derive(Args, Debug)]
pub struct LeaseCheck {
    /// Short id or address
    pub lease: String,

    /// Fetch and check every byte, not only samples
    #[arg(long)]
    pub whole: bool,
}

#[derive(Args, Debug)]
pub struct LeaseUpdate {
    #[command(flatten)]
    pub scope: LeaseScope,

    #[command(flatten)]
    pub payment: Payment,
}

#[derive(Args, Debug)]
pub struct LeaseClaim {
    /// Short id or address [default: all of yours]
    pub lease: Option<String>,
}
