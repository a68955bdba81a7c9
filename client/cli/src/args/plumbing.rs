use std::path::PathBuf;

use clap::Args;

use super::value::{Address, ByteRange};

#[derive(Args, Debug)]
pub struct Seal {
    /// File to encrypt; `-` for standard input
    pub input: PathBuf,

    /// Where the sealed bytes go [default: FILE.aceso]
    #[arg(long, short, value_name = "FILE", required_if_eq("input", "-"))]
    pub output: Option<PathBuf>,

    /// Where the key goes [default: OUTPUT.key]
    #[arg(long, short, value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Record that it is sealed for; it opens for no other [default: a random one]
    #[arg(long, value_name = "ADDRESS")]
    pub record: Option<Address>,

    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct Unseal {
    /// Sealed file
    pub input: PathBuf,

    /// Key file that `aceso seal` wrote [default: FILE.key]
    #[arg(long, short, value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Where the content goes; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,

    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct Inspect {
    /// File with a sealed blob: content, head, keyring or bundle; `-` for standard input
    pub input: PathBuf,
}

#[derive(Args, Debug)]
pub struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct Man {
    /// Directory to write to; made when missing
    pub directory: PathBuf,
}

/// Where what is opened goes.
#[derive(Args, Debug)]
pub struct Destination {
    /// Where to write: a file, a directory, or `-` for standard output [default: the record's file name, here]
    #[arg(long, short, value_name = "PATH")]
    pub output: Option<PathBuf>,

    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,

    /// Only these bytes, such as 10MB..20MB, 4096.. or ..1KiB
    #[arg(long, value_name = "A..B", requires = "output")]
    pub range: Option<ByteRange>,
}
