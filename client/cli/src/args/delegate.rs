use clap::{Args, Subcommand};

use super::value::{CapabilityArg, When};

#[derive(Debug, Subcommand)]
pub enum Delegate {
    /// Let another profile act for you
    Add(DelegateAdd),
    /// Who acts for you, or for whom you act
    List(DelegateList),
    /// End a delegation, or resign from one
    Remove(DelegateRemove),
}

#[derive(Args, Debug)]
pub struct DelegateAdd {
    /// Who: a contact's name or a profile's address
    pub who: String,

    /// What they may do: create (file records), answer (requests), grant, revoke, rotate, lease
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", default_values = ["create"], hide_possible_values = true)]
    pub can: Vec<CapabilityArg>,

    /// Only in this folder [default: in all of yours]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,

    /// Last moment: a date, a time, a duration, or `forever`
    #[arg(long, value_name = "WHEN", default_value = "1y")]
    pub until: When,
}

#[derive(Args, Debug)]
pub struct DelegateList {
    /// Those by which you act for others
    #[arg(long)]
    pub received: bool,
}

#[derive(Args, Debug)]
pub struct DelegateRemove {
    /// Who acts for you (with --of: who acts, you)
    #[arg(required_unless_present = "of", conflicts_with = "of")]
    pub who: Option<String>,

    /// Resign: the owner for whom you act
    #[arg(long, value_name = "OWNER")]
    pub of: Option<String>,
}
