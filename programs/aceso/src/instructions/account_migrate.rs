use anchor_lang::error::ErrorCode;

use crate::{account::widen, prelude::*, state::SHAPES};

/// Brings an account of an older layout to the newest one. Signer: anyone, who pays the rent of the bytes that it lacks.
#[derive(Accounts)]
pub struct AccountMigrate<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: of this program, and one of its types, which is found out below.
    #[account(mut)]
    pub account: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl AccountMigrate<'_> {
    // Emits nothing and extends no audit chain: what the account says stays the same to the byte.
    pub fn handle(&self) -> Result<()> {
        require_keys_eq!(*self.account.owner, crate::ID, ErrorCode::AccountOwnedByWrongProgram);
        let shape = {
            let data = self.account.try_borrow_data()?;
            let shape = SHAPES.iter().find(|shape| data.starts_with(shape.discriminator));
            let shape = shape.ok_or(ErrorCode::AccountDiscriminatorMismatch)?;
            shape.require_older(&data)?;
            shape
        };
        widen(&self.account, &self.payer, shape)
    }
}
