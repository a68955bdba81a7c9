//! A call for each instruction, from the people and accounts that it is about. One file for each noun.

mod account;
mod config;
mod delegate;
mod folder;
mod grant;
mod profile;
mod record;
mod request;

use aceso::accounts::Acting;
use anchor_lang::prelude::Pubkey;

pub use account::*;
pub use config::*;
pub use delegate::*;
pub use folder::*;
pub use grant::*;
pub use profile::*;
pub use record::*;
pub use request::*;

/// A profile and the wallet that signs for it.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub wallet: Pubkey,
    pub profile: Pubkey,
}

impl Person {
    /// Acts for itself.
    pub fn acting(&self) -> Acting {
        Acting { authority: self.wallet, actor: self.profile, delegate: None, actor_grant: None }
    }

    /// Acts as a delegate, with its own grant where the folder's key is needed.
    pub fn acting_by(&self, delegate: Pubkey, actor_grant: Option<Pubkey>) -> Acting {
        Acting { delegate: Some(delegate), actor_grant, ..self.acting() }
    }
}
