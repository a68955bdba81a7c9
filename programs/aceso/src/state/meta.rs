use anchor_lang::prelude::*;

/// What every account begins with, right behind the discriminator. 48 bytes.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Slot of creation: what names this account names the slot too, so nothing survives a re-created address.
    pub created_slot: u64,
    /// Canonical bump of the address.
    pub bump: u8,
    /// Layout version of the account, [`Meta::LAYOUT`] for all of them today.
    pub layout: u8,
    pub reserved: [u8; 6],
}

impl Meta {
    pub const LAYOUT: u8 = 1;

    pub fn new(payer: Pubkey, created_slot: u64, bump: u8) -> Self {
        Self { payer, created_slot, bump, layout: Self::LAYOUT, reserved: [0; 6] }
    }
}

/// A zero-copy account of this program: its layout starts with a [`Meta`].
pub trait Layout: anchor_lang::ZeroCopy + Owner {
    /// Bytes with the discriminator.
    const SPACE: usize = 8 + core::mem::size_of::<Self>();

    fn meta(&self) -> &Meta;
    fn meta_mut(&mut self) -> &mut Meta;
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
