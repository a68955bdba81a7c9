use clap::{ArgGroup, Args, Subcommand};

use super::value::{Permission, PurposeArg, When};

#[derive(Debug, Subcommand)]
pub enum Grant {
    /// Let somebody open a folder or one record
    Create(GrantCreate),
    /// Grants that you gave, or were given
    List(GrantList),
    /// Change dates, purpose or permissions
    Update(GrantUpdate),
    /// End a grant now, and change the folder's key
    Revoke(GrantRevoke),
    /// Write the receipt of an opening, without fetching the record
    Open(GrantOpen),
    /// Clear away a grant whose last day is over; anybody may
    Expire(GrantExpire),
}

/// A folder or a record.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("scope").required(true).args(["folder", "record"]))]
pub struct Scope {
    /// The folder: name, short id or address
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// One record: title, short id or address
    #[arg(long, value_name = "RECORD")]
    pub record: Option<String>,
}

/// What for and how long.
#[derive(Args, Clone, Debug)]
pub struct Terms {
    /// Purpose of use, as a word or an HL7 code
    #[arg(long, value_enum, default_value = "treatment", hide_possible_values = true)]
    pub purpose: PurposeArg,

    /// What the reader may do: open, history (older versions), save (keep a copy)
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", default_values = ["open", "history"], hide_possible_values = true)]
    pub permit: Vec<Permission>,

    /// First moment: a date, a time, or a duration from now [default: at once]
    #[arg(long, value_name = "WHEN")]
    pub from: Option<When>,

    /// Last moment: a date, a time, a duration (30d, 6mo, 1y), or `forever`
    #[arg(long, value_name = "WHEN", default_value = "1y")]
    pub until: When,
}

#[derive(Args, Debug)]
pub struct GrantCreate {
    /// Who may open it: a contact's name or a profile's address
    pub reader: String,

    #[command(flatten)]
    pub scope: Scope,

    #[command(flatten)]
    pub terms: Terms,
}

#[derive(Args, Debug)]
pub struct GrantList {
    /// Only those on this folder
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// Only those on this record
    #[arg(long, value_name = "RECORD", conflicts_with = "folder")]
    pub record: Option<String>,

    /// Those that were given to you
    #[arg(long, conflicts_with_all = ["folder", "record"])]
    pub received: bool,
}

#[derive(Args, Debug)]
pub struct GrantUpdate {
    /// Whose grant: a contact's name or a profile's address
    pub reader: String,

    #[command(flatten)]
    pub scope: Scope,

    /// New purpose
    #[arg(long, value_enum, hide_possible_values = true)]
    pub purpose: Option<PurposeArg>,

    /// New permissions: open, history, save
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "LIST",
        hide_possible_values = true
    )]
    pub permit: Option<Vec<Permission>>,

    /// New first moment
    #[arg(long, value_name = "WHEN")]
    pub from: Option<When>,

    /// New last moment
    #[arg(long, value_name = "WHEN")]
    pub until: Option<When>,
}

#[derive(Args, Debug)]
pub struct GrantRevoke {
    /// Whose grant: a contact's name or a profile's address
    pub reader: String,

    #[command(flatten)]
    pub scope: Scope,
}

#[derive(Args, Debug)]
pub struct GrantOpen {
    /// The record: title, short id or address
    pub record: String,

    /// Which version [default: the newest]
    #[arg(long = "version", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub number: Option<u32>,
}

#[derive(Args, Debug)]
pub struct GrantExpire {
    /// Whose grant: a contact's name or a profile's address
    pub reader: String,

    #[command(flatten)]
    pub scope: Scope,
}
