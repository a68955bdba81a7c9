use clap::{Args, Subcommand};

use super::value::Address;

#[derive(Debug, Subcommand)]
pub enum Contact {
    /// Remember somebody by a name, and pin the keys that they have now
    Add(ContactAdd),
    /// Everybody you know
    List,
    /// Compare fingerprints: by phone, on paper, in person
    Verify(ContactVerify),
    /// Forget somebody here; what you granted them stays
    Remove(ContactRemove),
}

#[derive(Args, Debug)]
pub struct ContactAdd {
    /// What you call them
    pub name: String,

    /// Address of their profile, as `aceso profile show` prints it there
    pub address: Address,
}

#[derive(Args, Debug)]
pub struct ContactVerify {
    /// Their name
    pub name: String,

    /// The fingerprint that they read out: 12 groups of 5 digits, with or without spaces
    #[arg(long, value_name = "DIGITS")]
    pub fingerprint: Option<String>,
}

#[derive(Args, Debug)]
pub struct ContactRemove {
    /// Their name
    pub name: String,
}
