//! Making, closing and paying of accounts, once for all types.
//!
//! Anchor's `init` and `close` expand into every instruction that uses them (about 6 KB each); these functions are
//! shared, which is what keeps the program under 1 MB. [`Birth`] also derives and checks the address: the `seeds` in
//! the accounts structs are for the IDL only, from which clients derive the same addresses.

use core::cell::{Ref, RefMut};

use anchor_lang::{
    error::ErrorCode,
    solana_program::{
        instruction::Instruction,
        program::{invoke_signed, invoke_signed_unchecked},
        system_instruction, system_program,
    },
};
use bytemuck::NoUninit;
use solana_curve25519::edwards::{validate_edwards, PodEdwardsPoint};
use solana_sha256_hasher::hashv;

use crate::{
    error::AcesoError,
    prelude::*,
    state::{Layout, Ledger, LedgerMut, Meta, Shape},
};

/// Who pays for a new account, and the seeds of its address. Unused seeds are empty: they add nothing to the address.
pub struct Birth<'a, 'info> {
    pub target: &'a AccountInfo<'info>,
    pub payer: &'a AccountInfo<'info>,
    pub seeds: [&'a [u8]; 4],
}

impl<'a, 'info> Birth<'a, 'info> {
    /// Creates the account, writes its discriminator and [`Meta`], and leaves the rest zeroed for the caller.
    pub fn create<T: Layout>(&self, created_slot: u64) -> Result<RefMut<'a, T>> {
        let bump = self.allocate(T::SPACE, &crate::ID)?;
        let mut data = self.target.try_borrow_mut_data()?;
        data.get_mut(..8).ok_or(AcesoError::InvariantBroken)?.copy_from_slice(T::DISCRIMINATOR);
        let mut account = view::<T>(data);
        *account.meta_mut() = Meta::new(*self.payer.key, created_slot, bump, T::LAYOUT);
        Ok(account)
    }

    /// Creates an account of another program, all zeros, for that program to fill.
    pub fn create_for(&self, program: &Pubkey, space: usize) -> Result<()> {
        self.allocate(space, program).map(|_| ())
    }

    /// Lamports that a stranger has sent to the address beforehand do not stand in the way: they count as rent.
    #[inline(never)]
    fn allocate(&self, space: usize, owner: &Pubkey) -> Result<u8> {
        let bump = [self.canonical_bump()?];
        require_keys_eq!(*self.target.owner, system_program::ID, AcesoError::AlreadyExists);
        let rent = Rent::get()?.minimum_balance(space);
        let (payer, target) = (self.payer.key, self.target.key);
        let accounts = [self.payer.clone(), self.target.clone()];
        let [kind, first, second, third] = self.seeds;
        let seeds: &[&[u8]] = &[kind, first, second, third, &bump];
        let space = space as u64;
        if self.target.lamports() == 0 {
            // Unchecked only as to borrows: no data of the two is borrowed here.
            let create = create_account(payer, target, rent, space, owner);
            invoke_signed_unchecked(&create, &accounts, &[seeds])?;
            return Ok(bump[0]);
        }
        let missing = rent.saturating_sub(self.target.lamports());
        if missing > 0 {
            invoke_signed(&system_instruction::transfer(payer, target, missing), &accounts, &[])?;
        }
        invoke_signed(&system_instruction::allocate(target, space), &accounts, &[seeds])?;
        invoke_signed(&system_instruction::assign(target, owner), &accounts, &[seeds])?;
        Ok(bump[0])
    }

    /// The canonical bump of the address that the seeds give; refuses another address.
    ///
    /// The same as Anchor's `seeds` and `bump`, for 400 compute units a try instead of 1,500: each candidate is compared
    /// with the account first, and only one that differs is asked whether it lies on the curve (then the search goes
    /// on). That the address itself lies off the curve the runtime checks when the program signs for it, right above.
    fn canonical_bump(&self) -> Result<u8> {
        let [kind, first, second, third] = self.seeds;
        let program = crate::ID.as_ref();
        for bump in (0..=u8::MAX).rev() {
            let parts = [kind, first, second, third, &[bump], program, b"ProgramDerivedAddress"];
            let candidate = hashv(&parts).to_bytes();
            if candidate == self.target.key.to_bytes() {
                return Ok(bump);
            }
            require!(validate_edwards(&PodEdwardsPoint(candidate)), ErrorCode::ConstraintSeeds);
        }
        err!(ErrorCode::ConstraintSeeds)
    }
}

/// The data of the system program's instruction, without its serializer (600 compute units).
#[derive(Clone, Copy, NoUninit)]
#[repr(C)]
struct CreateAccount {
    /// 0: create_account.
    kind: [u8; 4],
    lamports: [u8; 8],
    space: [u8; 8],
    owner: Pubkey,
}

fn create_account(
    payer: &Pubkey,
    target: &Pubkey,
    lamports: u64,
    space: u64,
    owner: &Pubkey,
) -> Instruction {
    let data = CreateAccount {
        kind: [0; 4],
        lamports: lamports.to_le_bytes(),
        space: space.to_le_bytes(),
        owner: *owner,
    };
    let data = bytemuck::bytes_of(&data).to_vec();
    let accounts = vec![AccountMeta::new(*payer, true), AccountMeta::new(*target, true)];
    Instruction { program_id: system_program::ID, accounts, data }
}

/// The state on an account that Anchor has not checked, or nothing when no `T` of this program is there (any more). A `T`
/// that is too short is there, and not readable before `account_migrate`: an error.
pub fn find_mut<'a, T: Layout>(account: &'a AccountInfo) -> Result<Option<RefMut<'a, T>>> {
    let data = account.try_borrow_mut_data()?;
    if *account.owner != crate::ID || !data.starts_with(T::DISCRIMINATOR) {
        return Ok(None);
    }
    require!(data.len() >= T::SPACE, ErrorCode::AccountDidNotDeserialize);
    Ok(Some(view(data)))
}

/// The same to read only.
pub fn find<'a, T: Layout>(account: &'a AccountInfo) -> Result<Option<Ref<'a, T>>> {
    let data = account.try_borrow_data()?;
    if *account.owner != crate::ID || !data.starts_with(T::DISCRIMINATOR) || data.len() < T::SPACE {
        return Ok(None);
    }
    #[allow(clippy::indexing_slicing, reason = "as long as T::SPACE")]
    Ok(Some(Ref::map(data, |data| bytemuck::from_bytes::<T>(&data[8..T::SPACE]))))
}

#[allow(clippy::indexing_slicing, reason = "both callers have made sure of T::SPACE bytes")]
fn view<'a, T: Layout>(data: RefMut<'a, &mut [u8]>) -> RefMut<'a, T> {
    RefMut::map(data, |data| bytemuck::from_bytes_mut::<T>(&mut data[8..T::SPACE]))
}

/// Grows an account of this program to the newest layout; `payer` adds the rent of the new bytes, whatever else lies there:
/// deposits and fees kept are no rent. The payer that the account remembers stays who it was and gets all of it in the
/// end: whoever widens another's account makes a gift.
pub fn widen<'info>(
    target: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    shape: &Shape,
) -> Result<()> {
    let rent = Rent::get()?;
    let present = rent.minimum_balance(target.data_len());
    let missing = rent.minimum_balance(shape.space).saturating_sub(present);
    charge(payer, target, missing)?;
    target.resize(shape.space)?;
    shape.mark(&mut target.try_borrow_mut_data()?)
}

/// Gives a full ledger room for [`Ledger::GROWTH`] slots more; `payer` adds the rent. At the end all of it goes to the
/// payer that the ledger remembers: whoever grows it is on that peer's side. Does nothing while there is room.
#[inline(never)]
pub fn grow_ledger<'info>(ledger: &AccountInfo<'info>, payer: &AccountInfo<'info>) -> Result<()> {
    let capacity = {
        let mut data = ledger.try_borrow_mut_data()?;
        let ledger = LedgerMut::new(&mut data)?;
        if !ledger.is_full() {
            return Ok(());
        }
        ledger.capacity.checked_add(Ledger::GROWTH).ok_or(AcesoError::Overflow)?
    };
    let space = LedgerMut::space(capacity);
    let missing = Rent::get()?.minimum_balance(space).saturating_sub(ledger.lamports());
    if missing > 0 {
        charge(payer, ledger, missing)?;
    }
    ledger.resize(space)?;
    LedgerMut::grown(&mut ledger.try_borrow_mut_data()?)
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
