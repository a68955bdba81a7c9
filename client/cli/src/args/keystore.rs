use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::value::Sol;

/// Set this computer up: a wallet, a keystore with a password, and a network.
///
/// The keystore holds the keys that open your records; without its password, or a copy of it, nobody can open them
/// again. The network is localnet unless you name another; mainnet costs real money and is asked about.
#[derive(Args, Debug)]
pub struct Init {
    /// Use this Solana keypair file as your wallet (else one is made in the home folder)
    #[arg(long, value_name = "FILE")]
    pub keypair: Option<PathBuf>,

    /// On localnet or devnet: ask the node for this much play money
    #[arg(long, value_name = "SOL")]
    pub airdrop: Option<Sol>,
}

#[derive(Debug, Subcommand)]
pub enum Keystore {
    /// Write a copy of your keys, locked by a password, for a safe place
    Export(KeystoreExport),
    /// Bring back keys from a copy
    Import(KeystoreImport),
}

#[derive(Args, Debug)]
pub struct KeystoreExport {
    /// File to write; an age file, which the `age` tool opens too
    #[arg(value_name = "FILE")]
    pub output: PathBuf,

    /// File with a password of its own for the copy [default: the keystore's]
    #[arg(long, value_name = "FILE")]
    pub copy_password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct KeystoreImport {
    /// Copy that `aceso keystore export` wrote
    #[arg(value_name = "FILE")]
    pub input: PathBuf,

    /// File with the password of the copy [default: the keystore's]
    #[arg(long, value_name = "FILE")]
    pub copy_password_file: Option<PathBuf>,
}
