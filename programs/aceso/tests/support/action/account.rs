use aceso::instruction as ix;
use anchor_lang::prelude::Pubkey;

use crate::support::{call::Call, world::SYSTEM};

pub fn account_migrate(payer: Pubkey, account: Pubkey) -> Call {
    let accounts = aceso::accounts::AccountMigrate { payer, account, system_program: SYSTEM };
    let metas = anchor_lang::ToAccountMetas::to_account_metas(&accounts, None);
    let data = anchor_lang::InstructionData::data(&ix::AccountMigrate {});
    Call::silent(["payer", "account", "system_program"], metas, data)
}
