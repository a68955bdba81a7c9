use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// The trail of a folder or a record, checked against the chain
    Show(AuditShow),
    /// Keep the entries here, because nodes forget old ones
    Archive(AuditScope),
    /// Check the kept entries against the chain
    Verify(AuditScope),
}

#[derive(Args, Debug)]
pub struct AuditScope {
    /// A folder or record: name, short id or address
    pub scope: String,
}

#[derive(Args, Debug)]
pub struct AuditShow {
    /// A folder or record: name, short id or address
    pub scope: String,

    /// Table for people, JSON or CSV for programs (--json is the same as --format json)
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,

    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace FILE if it exists
    #[arg(long, requires = "output")]
    pub force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}
