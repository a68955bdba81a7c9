use clap::{Args, Subcommand};

use super::value::Address;

#[derive(Debug, Subcommand)]
pub enum Profile {
    /// Make a profile, with keys and a first folder
    Create(ProfileCreate),
    /// Show a profile, its keys' fingerprint, and what there is to do
    Show(ProfileShow),
    /// Your profiles on this computer
    List,
    /// Publish new keys, for example when a device was lost
    KeysRotate,
    /// Hand a profile over to another wallet, in two steps
    #[command(subcommand)]
    Authority(ProfileAuthority),
    /// End a profile for good; its address stays taken
    Retire,
}

#[derive(Args, Debug)]
pub struct ProfileCreate {
    /// What you call it here; nobody else sees the name
    #[arg(long, default_value = "main")]
    pub name: String,

    /// What you call its first folder; nobody else sees the name
    #[arg(long, default_value = aceso_sdk::flow::FIRST_FOLDER, value_name = "NAME")]
    pub folder: String,
}

#[derive(Args, Debug)]
pub struct ProfileShow {
    /// Name or address (else the one that acts)
    #[arg(value_name = "PROFILE")]
    pub who: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ProfileAuthority {
    /// First step: name the wallet that takes over
    Propose(ProfileAuthorityPropose),
    /// Second step, on the computer of that wallet
    Accept(ProfileAuthorityAccept),
}

#[derive(Args, Debug)]
pub struct ProfileAuthorityPropose {
    /// Address of the new wallet
    #[arg(
        value_name = "WALLET",
        required_unless_present = "withdraw",
        conflicts_with = "withdraw"
    )]
    pub wallet: Option<Address>,

    /// Take a proposal back
    #[arg(long)]
    pub withdraw: bool,
}

#[derive(Args, Debug)]
pub struct ProfileAuthorityAccept {
    /// Address of the profile that was proposed to your wallet
    #[arg(value_name = "PROFILE")]
    pub who: Address,

    /// What you call it here; nobody else sees the name
    #[arg(long, default_value = "main")]
    pub name: String,
}
