//! A version-1 account grows to a wider layout: what it said stands where it stood.

use aceso::{error::AcesoError, state::*};
use anchor_lang::{prelude::*, Discriminator, ZeroCopy};
use bytemuck::Zeroable;

/// The folder of a program to come: what the present one says, and one field more.
#[derive(Clone, Copy)]
#[repr(C)]
struct WideFolder {
    meta: Meta,
    rest: [u8; 416],
    until_now_absent: [u64; 8],
}

// What `#[account(zero_copy)]` writes for a type of the program; this one is no part of it.
unsafe impl bytemuck::Zeroable for WideFolder {}
unsafe impl bytemuck::Pod for WideFolder {}
impl ZeroCopy for WideFolder {}
impl Discriminator for WideFolder {
    const DISCRIMINATOR: &'static [u8] = Folder::DISCRIMINATOR;
}
impl anchor_lang::Owner for WideFolder {
    fn owner() -> Pubkey {
        aceso::ID
    }
}
impl Layout for WideFolder {
    const LAYOUT: u8 = 2;
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
}
const WIDE: Shape = Shape::of::<WideFolder>();
const _: () = assert!(WIDE.space == Folder::SPACE + 64);

fn version_1() -> Vec<u8> {
    let mut folder = Folder::zeroed();
    folder.meta = Meta::new(Pubkey::new_from_array([7; 32]), 99, 254, Folder::LAYOUT);
    let keyring = Blob { digest: [8; 32], len: 77 };
    folder
        .open(
            &Pubkey::new_from_array([6; 32]),
            Pubkey::new_from_array([5; 32]),
            [4; 16],
            keyring,
            3,
        )
        .unwrap();
    [Folder::DISCRIMINATOR, bytemuck::bytes_of(&folder)].concat()
}

#[test]
fn a_version_1_account_keeps_all_it_said_in_a_wider_layout() {
    let old = version_1();
    WIDE.require_older(&old).unwrap();
    let mut new = old.clone();
    new.resize(WIDE.space, 0);
    WIDE.mark(&mut new).unwrap();

    let wide: WideFolder = bytemuck::pod_read_unaligned(&new[8..]);
    let was: Folder = bytemuck::pod_read_unaligned(&old[8..]);
    assert_eq!(wide.meta, Meta { layout: 2, ..was.meta });
    assert_eq!(wide.meta.payer, Pubkey::new_from_array([7; 32]), "the remembered payer stays");
    assert_eq!(wide.rest[..], old[56..]);
    assert_eq!(wide.until_now_absent, [0; 8]);
    // And the present program still reads its part.
    let still: Folder = bytemuck::pod_read_unaligned(&new[8..Folder::SPACE]);
    assert_eq!(still, Folder { meta: wide.meta, ..was });
}

#[test]
fn what_is_current_or_damaged_does_not_grow() {
    let refused = |data: &[u8], error: AcesoError| {
        assert_eq!(WIDE.require_older(data).unwrap_err(), error.into());
    };
    let mut data = version_1();
    data[Meta::LAYOUT_AT] = 2;
    refused(&data, AcesoError::LayoutCurrent);
    data[Meta::LAYOUT_AT] = 3;
    refused(&data, AcesoError::LayoutCurrent);
    data[Meta::LAYOUT_AT] = 1;
    data.resize(WIDE.space + 1, 0);
    refused(&data, AcesoError::InvariantBroken);
    assert!(WIDE.require_older(&data[..Meta::LAYOUT_AT]).is_err());
    assert!(WIDE.mark(&mut data[..Meta::LAYOUT_AT]).is_err());
}

#[test]
fn no_two_types_share_a_shape_and_all_are_of_layout_1_today() {
    for (n, shape) in SHAPES.iter().enumerate() {
        assert_eq!((shape.discriminator.len(), shape.layout), (8, 1));
        assert!(SHAPES[..n].iter().all(|other| other.discriminator != shape.discriminator));
    }
}
