use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};

use super::{
    grant::Terms,
    lease::Payment,
    plumbing::Destination,
    value::{CodeArg, FhirType, Span},
};

#[derive(Debug, Subcommand)]
pub enum Record {
    /// Encrypt files, store them and put them on record
    Put(Box<RecordPut>),
    /// Your records, or those shared with you
    List(RecordList),
    /// What is known of one record, without fetching its content
    Show(RecordShow),
    /// Fetch a record, check it, and open it
    Get(RecordGet),
    /// Put a new version in place; the old ones stay
    Update(RecordUpdate),
    /// Move a record to another of your folders
    Move(RecordMove),
    /// Check a record against chain and store, without writing it anywhere
    Verify(RecordVerify),
    /// Look whether all its copies are there, reachable and right
    Health(RecordHealth),
    /// Replace copies that are lost
    Repair(RecordRepair),
    /// Close a record for new versions; it stays readable
    Archive(RecordName),
    /// Open an archived record for new versions again
    Restore(RecordName),
    /// Take a record off the chain and out of the store
    Erase(RecordName),
}

/// What a record is called and said to be. Sealed: only those who may open the record see it.
#[derive(Args, Clone, Debug)]
pub struct Describe {
    /// Title [default: the file's name]
    #[arg(long)]
    pub title: Option<String>,

    /// Media type, such as application/pdf [default: looked up by name and first bytes]
    #[arg(long, value_name = "TYPE")]
    pub media_type: Option<String>,

    /// FHIR resource type, such as DiagnosticReport [default: what a FHIR file says]
    #[arg(long, value_name = "TYPE")]
    pub fhir_type: Option<FhirType>,

    /// A code for what it is about, such as 'http://loinc.org|58410-2' or 'http://loinc.org|58410-2|Blood count'; may be given several times
    #[arg(long, value_name = "SYSTEM|CODE", action = ArgAction::Append)]
    pub code: Vec<CodeArg>,

    /// A tag; may be given several times
    #[arg(long, value_name = "TAG", action = ArgAction::Append)]
    pub tag: Vec<String>,

    /// A note for whoever opens it
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Args, Debug)]
pub struct RecordPut {
    /// Files; `-` for standard input; directories with -r
    #[arg(required = true)]
    pub files: Vec<PathBuf>,

    /// Go into directories
    #[arg(long, short)]
    pub recursive: bool,

    /// Folder to file into: name, short id or address [default: your first one]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    #[command(flatten)]
    pub describe: Describe,

    /// File name to keep, when it comes from standard input
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Share with this contact in the same action; may be given several times
    #[arg(long, value_name = "CONTACT", conflicts_with = "owner")]
    pub to: Vec<String>,

    #[command(flatten)]
    pub terms: Terms,

    /// File all of it, also what a put of the same that was interrupted has filed already
    #[arg(long)]
    pub again: bool,

    /// File into somebody else's folder, as their delegate: a contact's name or a profile's address
    #[arg(long = "delegate-of", value_name = "OWNER")]
    pub owner: Option<String>,

    /// Have so many storage peers keep a copy too, with the folder's keyring; paid in tokens
    #[arg(long, value_name = "N", conflicts_with = "owner", value_parser = clap::value_parser!(u32).range(1..=32))]
    pub replicas: Option<u32>,

    /// How long the peers keep it: 90d, 6mo, 1y
    #[arg(long = "for", value_name = "SPAN", default_value = "1y")]
    pub term: Span,

    #[command(flatten)]
    pub payment: Payment,
}

#[derive(Args, Debug)]
pub struct RecordHealth {
    /// Title, short id or address
    pub record: String,

    /// Fetch and check every byte of every copy, not only samples
    #[arg(long)]
    pub whole: bool,
}

#[derive(Args, Debug)]
pub struct RecordRepair {
    /// Title, short id or address
    pub record: String,

    /// How many copies there shall be [default: as many as there were]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32))]
    pub replicas: Option<u32>,

    /// How long new leases last [default: as long as those that they replace]
    #[arg(long = "for", value_name = "SPAN")]
    pub term: Option<Span>,

    #[command(flatten)]
    pub payment: Payment,
}

#[derive(Args, Debug)]
pub struct RecordList {
    /// Records of others that you may open
    #[arg(long, conflicts_with = "folder")]
    pub shared: bool,

    /// Records that you have filed for others
    #[arg(long, conflicts_with_all = ["shared", "folder"])]
    pub filed: bool,

    /// Only this folder
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// Archived ones too
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct RecordName {
    /// Title, short id or address
    pub record: String,
}

#[derive(Args, Debug)]
pub struct RecordShow {
    /// Title, short id or address
    pub record: String,

    /// List its versions too, for `record get --version`
    #[arg(long)]
    pub versions: bool,
}

#[derive(Args, Debug)]
pub struct RecordGet {
    /// Title, short id or address
    pub record: String,

    /// Which version [default: the newest]
    #[arg(long = "version", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub number: Option<u32>,

    #[command(flatten)]
    pub destination: Destination,
}

#[derive(Args, Debug)]
pub struct RecordUpdate {
    /// Title, short id or address
    pub record: String,

    /// File with the new content; `-` for standard input
    pub file: PathBuf,

    #[command(flatten)]
    pub describe: Describe,

    /// File name to keep [default: the file's]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Args, Debug)]
pub struct RecordMove {
    /// Title, short id or address
    pub record: String,

    /// Folder to move it to: name, short id or address
    #[arg(long = "to", value_name = "FOLDER")]
    pub folder: String,
}

#[derive(Args, Debug)]
pub struct RecordVerify {
    /// Title, short id or address
    pub record: String,

    /// Which version [default: the newest]
    #[arg(long = "version", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub number: Option<u32>,
}
