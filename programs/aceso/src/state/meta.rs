use anchor_lang::error::ErrorCode;

use crate::{error::AcesoError, prelude::*};

/// What every account begins with, right behind the discriminator. 48 bytes.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Slot of creation. Grants and delegations name their folder's or record's too, so none of them survives a re-created
    /// address; a request names only the address (README, "Deliberately not checked").
    pub created_slot: u64,
    /// Canonical bump of the address.
    pub bump: u8,
    /// Layout version of the account: [`Layout::LAYOUT`] of its type when it was made or last widened.
    pub layout: u8,
    pub reserved: [u8; 6],
}

impl Meta {
    /// First layout, of every type today.
    pub const LAYOUT: u8 = 1;
    /// Where the layout stands in the data of every account, behind the discriminator.
    pub const LAYOUT_AT: usize = 8 + core::mem::offset_of!(Meta, layout);

    pub fn new(payer: Pubkey, created_slot: u64, bump: u8, layout: u8) -> Self {
        Self { payer, created_slot, bump, layout, reserved: [0; 6] }
    }
}

/// A zero-copy account of this program: its layout starts with a [`Meta`].
///
/// A later layout only appends: what an older one says stands where it stood, and bytes that it did not have are zero,
/// which every new field must read as "as before". A type that grows counts `LAYOUT` up; `account_migrate` does the rest.
pub trait Layout: anchor_lang::ZeroCopy + Owner {
    /// Bytes with the discriminator.
    const SPACE: usize = 8 + core::mem::size_of::<Self>();
    /// Newest layout of the type.
    const LAYOUT: u8 = Meta::LAYOUT;

    fn meta(&self) -> &Meta;
    fn meta_mut(&mut self) -> &mut Meta;
}

/// What an account of a type looks like in its newest layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub discriminator: &'static [u8],
    pub space: usize,
    pub layout: u8,
}

impl Shape {
    pub const fn of<T: Layout>() -> Self {
        Self { discriminator: T::DISCRIMINATOR, space: T::SPACE, layout: T::LAYOUT }
    }

    /// Refuses data that need not grow to this shape.
    pub fn require_older(&self, data: &[u8]) -> Result<()> {
        let layout = data.get(Meta::LAYOUT_AT).ok_or(ErrorCode::AccountDidNotDeserialize)?;
        require!(*layout < self.layout, AcesoError::LayoutCurrent);
        // Growing may not cut: no layout was ever longer than a later one.
        require!(data.len() <= self.space, AcesoError::InvariantBroken);
        Ok(())
    }

    /// Writes the layout into data that has grown already. All else stays: the payer that it remembers, too.
    pub fn mark(&self, data: &mut [u8]) -> Result<()> {
        let layout = data.get_mut(Meta::LAYOUT_AT).ok_or(ErrorCode::AccountDidNotDeserialize)?;
        *layout = self.layout;
        Ok(())
    }
}

/// Implements [`Layout`] and fails the build when its size (with the discriminator) is not what the README says.
#[macro_export]
macro_rules! layout {
    ($account:ty, $space:expr) => {
        impl $crate::state::Layout for $account {
            fn meta(&self) -> &$crate::state::Meta {
                &self.meta
            }
            fn meta_mut(&mut self) -> &mut $crate::state::Meta {
                &mut self.meta
            }
        }
        const _: () = assert!(<$account as $crate::state::Layout>::SPACE == $space);
    };
}
