use std::path::Path;

use aceso_sdk::chain::{Signer, instruction::peer};

use super::office::{Office, amount};
use crate::{args::Bond, failure::Failure};

pub async fn run(path: &Path, args: &Bond) -> Result<(), Failure> {
    let office = Office::open(path).await?;
    let (Bond::Add(moved) | Bond::Withdraw(moved)) = args;
    let wallet = office.authority(&moved.authority).await?;
    let found = office.peer().await?;
    let mint = office.mint(&found).await?;
    let sum = amount(&moved.amount, &mint)?;
    let tokens = office.tokens(moved.account, &wallet, &mint).await?;
    let instruction = match args {
        Bond::Add(_) if tokens.amount < sum => {
            return Err(Failure::input(format!(
                "{} holds {} and {} are to be put up; put less up, or name another with --account",
                tokens.address,
                mint.show(tokens.amount),
                mint.show(sum)
            )));
        }
        Bond::Add(_) => peer::bond_add(wallet.pubkey(), tokens.address, &found, sum),
        Bond::Withdraw(_) if found.bond < sum => {
            return Err(Failure::input(format!(
                "{} of the bond are free and {} locked by leases; take at most what is free",
                mint.show(found.bond),
                mint.show(found.locked)
            )));
        }
        Bond::Withdraw(_) => peer::bond_withdraw(wallet.pubkey(), &found, tokens.address, sum),
    };
    office.send(instruction, &wallet).await?;
    let found = office.peer().await?;
    println!("Bond: {} free, {} locked by leases", mint.show(found.bond), mint.show(found.locked));
    if found.require_bond().is_err() {
        println!("A peer gets new leases with {} or more of it only.", mint.show(found.bond_min));
    }
    Ok(())
}
