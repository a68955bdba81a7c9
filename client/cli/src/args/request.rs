use clap::{Args, Subcommand};

use super::value::{Permission, PurposeArg, Sol, Span, When};

#[derive(Debug, Subcommand)]
pub enum Request {
    /// Ask somebody to let you open their records
    Create(RequestCreate),
    /// Requests to you, or by you
    List(RequestList),
    /// One request, with the reason in words
    Show(RequestId),
    /// Say yes: give what was asked, or less
    Approve(RequestApprove),
    /// Say no; the deposit goes back
    Deny(RequestId),
    /// Take your request back, with the deposit
    Cancel(RequestId),
    /// Clear away a request that nobody answered in time; anybody may
    Expire(RequestId),
}

#[derive(Args, Debug)]
pub struct RequestCreate {
    /// Whom you ask: a contact's name or a profile's address
    pub owner: String,

    /// Address of the folder that you ask for (else the owner chooses)
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// Address of the record that you ask for
    #[arg(long, value_name = "RECORD", conflicts_with = "folder")]
    pub record: Option<String>,

    /// Purpose of use, as a word or an HL7 code
    #[arg(long, value_enum, default_value = "treatment", hide_possible_values = true)]
    pub purpose: PurposeArg,

    /// What you want to do: open, history, save
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", default_values = ["open", "history"], hide_possible_values = true)]
    pub permit: Vec<Permission>,

    /// How long you want to read
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    pub duration: Span,

    /// Why, in words; only the owner can read it
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// How long the question stands [default: as long as the program allows, at most 7 days]
    #[arg(long, value_name = "SPAN")]
    pub ttl: Option<Span>,

    /// Deposit against spam; comes back unless nobody answers [default: what the program demands]
    #[arg(long, value_name = "SOL")]
    pub deposit: Option<Sol>,
}

#[derive(Args, Debug)]
pub struct RequestList {
    /// Those that you made, instead of those made to you
    #[arg(long)]
    pub sent: bool,
}

#[derive(Args, Debug)]
pub struct RequestId {
    /// Short id or address
    pub request: String,
}

#[derive(Args, Debug)]
pub struct RequestApprove {
    /// Short id or address
    pub request: String,

    /// Give this folder (when the request leaves it to you)
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// Give this record (when the request leaves it to you)
    #[arg(long, value_name = "RECORD", conflicts_with = "folder")]
    pub record: Option<String>,

    /// Give less: these permissions only
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "LIST",
        hide_possible_values = true
    )]
    pub permit: Option<Vec<Permission>>,

    /// Give it for less time
    #[arg(long, value_name = "WHEN")]
    pub until: Option<When>,
}
