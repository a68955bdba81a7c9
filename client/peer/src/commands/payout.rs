use std::path::Path;

use aceso_sdk::chain::{Signer, instruction::peer};

use super::office::Office;
use crate::{args::Payout, failure::Failure};

pub async fn run(path: &Path, args: &Payout) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let found = office.peer().await?;
    let (authority, account) = match args {
        Payout::Set(set) => (&set.authority, Some(set.account)),
        Payout::Clear(authority) => (authority, None),
    };
    let wallet = office.authority(authority).await?;
    if let Some(at) = account {
        let tokens = office.chain.tokens(&at).await?.filter(|tokens| tokens.mint == found.mint);
        let tokens = tokens.ok_or_else(|| {
            Failure::input(format!(
                "{at} is no token account of this peer's mint {}; name one that is",
                found.mint
            ))
        })?;
        if tokens.frozen {
            return Err(Failure::input(format!(
                "{at} is frozen, so nothing gets in; name another"
            )));
        }
        println!("Settlements are paid to {at}, whose tokens are those of {}", tokens.owner);
    } else {
        println!("Settlements are booked, and paid out once there is an account for them");
    }
    office.send(peer::payout_set(wallet.pubkey(), &found, account), &wallet).await?;
    Ok(())
}
