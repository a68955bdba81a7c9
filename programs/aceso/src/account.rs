//! Making, closing and paying of accounts, once for all types.
//!
//! Anchor's `init` and `close` expand into every instruction that uses them (about 6 KB each); these functions are
//! shared, which is what keeps the program under 600 KB. The addresses are still derived and checked by `seeds`
//! and `bump` in the accounts struct, with the canonical bump.

use core::cell::RefMut;

use anchor_lang::{
    prelude::*,
    solana_program::{program::invoke_signed, system_instruction, system_program},
};

use crate::{
    error::AcesoError,
    state::{Layout, Meta},
};

/// Who pays for a new account, and its address: seeds with the bump last.
pub struct Birth<'a, 'info> {
    pub target: &'a AccountInfo<'info>,
    pub payer: &'a AccountInfo<'info>,
    pub seeds: &'a [&'a [u8]],
    pub bump: u8,
}

impl<'a, 'info> Birth<'a, 'info> {
    /// Creates the account, writes its discriminator and [`Meta`], and leaves the rest zeroed for the caller.
    pub fn create<T: Layout>(&self, created_slot: u64) -> Result<RefMut<'a, T>> {
        self.allocate(T::SPACE)?;
        let mut data = self.target.try_borrow_mut_data()?;
        data.get_mut(..8).ok_or(AcesoError::InvariantBroken)?.copy_from_slice(T::DISCRIMINATOR);
        let mut account =
            RefMut::map(data, |data| bytemuck::from_bytes_mut::<T>(&mut data[8..T::SPACE]));
        *account.meta_mut() = Meta::new(*self.payer.key, created_slot, self.bump);
        Ok(account)
    }

    /// Lamports that a stranger has sent to the address beforehand do not stand in the way: they count as rent.
    #[inline(never)]
    fn allocate(&self, space: usize) -> Result<()> {
        require_keys_eq!(*self.target.owner, system_program::ID, AcesoError::AlreadyExists);
        let rent = Rent::get()?.minimum_balance(space);
        let (payer, target) = (self.payer.key, self.target.key);
        let accounts = [self.payer.clone(), self.target.clone()];
        let bump = [self.bump];
        let mut seeds = self.seeds.to_vec();
        seeds.push(&bump);
        let space = space as u64;
        if self.target.lamports() == 0 {
            let create = system_instruction::create_account(payer, target, rent, space, &crate::ID);
            invoke_signed(&create, &accounts, &[&seeds])?;
            return Ok(());
        }
        let missing = rent.saturating_sub(self.target.lamports());
        if missing > 0 {
            invoke_signed(&system_instruction::transfer(payer, target, missing), &accounts, &[])?;
        }
        invoke_signed(&system_instruction::allocate(target, space), &accounts, &[&seeds])?;
        invoke_signed(&system_instruction::assign(target, &crate::ID), &accounts, &[&seeds])?;
        Ok(())
    }
}

/// The state on an account that Anchor has not checked, or nothing when no `T` of this program is there (any more).
pub fn find_mut<'a, T: Layout>(account: &'a AccountInfo) -> Result<Option<RefMut<'a, T>>> {
    let data = account.try_borrow_mut_data()?;
    if *account.owner != crate::ID || !data.starts_with(T::DISCRIMINATOR) || data.len() < T::SPACE {
        return Ok(None);
    }
    Ok(Some(RefMut::map(data, |data| bytemuck::from_bytes_mut::<T>(&mut data[8..T::SPACE]))))
}

/// Closes an account of this program; all its lamports go to the payer that it remembers.
#[inline(never)]
pub fn close<'info>(
    target: &AccountInfo<'info>,
    rent_payer: &AccountInfo<'info>,
    remembered: Pubkey,
) -> Result<()> {
    require_keys_eq!(*rent_payer.key, remembered, AcesoError::WrongRentPayer);
    pay(target, rent_payer, target.lamports())?;
    target.assign(&system_program::ID);
    target.resize(0)?;
    Ok(())
}

/// Moves lamports out of an account of this program.
#[inline(never)]
pub fn pay<'info>(from: &AccountInfo<'info>, to: &AccountInfo<'info>, lamports: u64) -> Result<()> {
    let rest = from.lamports().checked_sub(lamports).ok_or(AcesoError::Overflow)?;
    let sum = to.lamports().checked_add(lamports).ok_or(AcesoError::Overflow)?;
    **from.try_borrow_mut_lamports()? = rest;
    **to.try_borrow_mut_lamports()? = sum;
    Ok(())
}

/// Moves lamports out of a signer's wallet.
#[inline(never)]
pub fn charge<'info>(
    from: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    lamports: u64,
) -> Result<()> {
    let transfer = system_instruction::transfer(from.key, to.key, lamports);
    invoke_signed(&transfer, &[from.clone(), to.clone()], &[])?;
    Ok(())
}
