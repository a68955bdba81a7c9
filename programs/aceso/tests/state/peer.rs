//! A peer's price, bond and books.

use aceso::{constants::*, error::AcesoError, state::*};
use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use proptest::prelude::*;

use crate::world::{peer_args, terms, World};

fn refused<T: std::fmt::Debug>(result: Result<T>, error: AcesoError) {
    assert_eq!(result.expect_err("it is refused"), error.into());
}

proptest! {
    #[test]
    fn a_price_is_never_zero_nor_rounded_down(
        flat in prop_oneof![0..3u64, any::<u64>()], per_gib in prop_oneof![0..3u64, any::<u64>()],
        weight in MIN_WEIGHT_LEAVES..=1 << 25,
    ) {
        let mut peer = Peer::zeroed();
        (peer.price_flat, peer.price_per_gib) = (flat, per_gib);
        // A GiB is 2^21 leaves of 512 bytes.
        let exact = u128::from(flat) + (u128::from(weight) * u128::from(per_gib)).div_ceil(1 << 21);
        match peer.price(weight) {
            Ok(price) => {
                prop_assert_eq!(u128::from(price), exact);
                prop_assert!(price > 0);
            }
            Err(_) => prop_assert!(exact == 0 || exact > u128::from(u64::MAX)),
        }
    }

    /// What a length weighs, up to the longest.
    #[test]
    fn a_weight_is_the_leaves_but_two_thousand_at_least(len in 0..=MAX_STORED_LEN + 1) {
        match lease::weight(len) {
            Ok(weight) => prop_assert_eq!(weight, len.div_ceil(512).max(2_048)),
            Err(_) => prop_assert!(len == 0 || len > MAX_STORED_LEN),
        }
    }
}

#[test]
fn an_endpoint_is_an_url_that_fits() {
    let peer = World::new(terms()).peer;
    let with = |endpoint: &str| {
        let mut peer = peer;
        peer.update(&PeerArgs { endpoint: endpoint.into(), ..peer_args(1, 0) }).map(|()| peer)
    };
    let longest = format!("https://{}", "a".repeat(MAX_ENDPOINT_LEN - 8));
    for url in ["https://a", "http://127.0.0.1:8080", &longest] {
        let peer = with(url).unwrap();
        assert_eq!(&peer.endpoint[..peer.endpoint_len as usize], url.as_bytes());
        assert!(peer.endpoint[peer.endpoint_len as usize..].iter().all(|byte| *byte == 0));
    }
    let longer = format!("{longest}a");
    for url in ["", "https://", "ftp://a", "https://a b", "https://ä", "https://a\n", &longer] {
        refused(with(url), AcesoError::EndpointInvalid);
    }
    let mut peer = peer;
    refused(peer.update(&peer_args(0, 0)), AcesoError::PriceOutOfBounds);
}

#[test]
fn bond_moves_in_and_out_but_not_what_is_locked() {
    let mut peer = World::new(terms()).peer;
    peer.leases = 1;
    refused(peer.add_bond(0), AcesoError::AmountZero);
    peer.add_bond(1_000).unwrap();
    refused(peer.lock(1_001), AcesoError::BondTooSmall);
    peer.lock(600).unwrap();
    refused(peer.withdraw_bond(401), AcesoError::BondTooSmall);
    refused(peer.withdraw_bond(0), AcesoError::AmountZero);
    peer.withdraw_bond(400).unwrap();
    assert_eq!((peer.bond, peer.locked, peer.live), (0, 600, 1));
    refused(peer.retire(), AcesoError::PeerInUse);
    // Free bond and lock count alike towards the least.
    peer.bond_min = 600;
    peer.require_bond().unwrap();
    peer.bond_min = 601;
    refused(peer.require_bond(), AcesoError::BondBelowMinimum);
    let mut full = peer;
    full.add_bond(u64::MAX - 600).unwrap();
    refused(full.clone().pay_in(1), AcesoError::Overflow);
    refused(full.add_bond(1), AcesoError::Overflow);
    peer.default_whole().unwrap();
    refused(peer.add_bond(1), AcesoError::PeerDefaulted);
    refused(peer.default_whole(), AcesoError::PeerDefaulted);
}

#[test]
fn notice_is_given_once_and_the_payout_is_not_the_vault() {
    let mut peer = World::new(terms()).peer;
    let vault = peer.vault;
    refused(peer.set_payout(vault), AcesoError::VaultToItself);
    peer.drain(10, 4).unwrap();
    assert!(!peer.is_released(13) && peer.is_released(14));
    refused(peer.drain(20, 4), AcesoError::PeerDraining);
    refused(peer.require_active(), AcesoError::PeerDraining);
    peer.default_whole().unwrap();
    assert!(!peer.is_released(14), "a default is no release");
    refused(peer.drain(20, 4), AcesoError::PeerDefaulted);
}
