//! One seed an epoch, the same for whoever draws; an armed epoch is drawn in the end.

use aceso::{error::AcesoError, state::*};
use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use proptest::prelude::*;

pub const EPOCH_SECS: i64 = 86_400;

/// A chain that remembers the hashes of some slots: some were skipped.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Oldest first.
    hashes: Vec<(u64, [u8; 32])>,
}

impl Chain {
    /// As the sysvar has it: at most 512 entries, newest first.
    pub fn sysvar(&self) -> Vec<u8> {
        let kept = self.hashes.iter().rev().take(512);
        let mut data = (kept.len() as u64).to_le_bytes().to_vec();
        for (slot, hash) in kept {
            data.extend_from_slice(&slot.to_le_bytes());
            data.extend_from_slice(hash);
        }
        // The account always has room for 512.
        data.resize(8 + 512 * 40, 0);
        data
    }

    pub fn block(&mut self, slot: u64) {
        let hash = solana_sha256_hasher::hashv(&[b"block", &slot.to_le_bytes()]).to_bytes();
        self.hashes.push((slot, hash));
    }
}

pub fn clock(slot: u64, unix_timestamp: i64) -> Clock {
    Clock { slot, unix_timestamp, ..Clock::default() }
}

pub fn beacon() -> Beacon {
    let mut beacon = Beacon::zeroed();
    beacon.open(EPOCH_SECS).unwrap();
    beacon
}

/// Arms and draws at that time, from a hash of its own.
pub fn pass(beacon: &mut Beacon, now_secs: i64) {
    let slot = 1_000 + beacon.arms * 100;
    beacon.arm(&clock(slot, now_secs)).unwrap();
    let mut chain = Chain::default();
    chain.block(slot + 31);
    chain.block(slot + 32);
    beacon.draw(&chain.sysvar(), now_secs).unwrap();
}

fn refused<T>(result: Result<T>, error: AcesoError) {
    assert_eq!(result.err().expect("it is refused"), error.into());
}

/// What the seed must be, by the words of DESIGN.md.
fn seed(epoch: u64, hash: &[u8; 32]) -> [u8; 32] {
    let label = b"aceso/beacon/v1";
    let bytes = [&label[..], aceso::ID.as_ref(), &epoch.to_le_bytes(), hash].concat();
    solana_sha256_hasher::hash(&bytes).to_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whoever draws, at whatever slot, gets the seed of the first block at or after the target, or is told to wait or
    /// to re-arm: there is nothing to choose.
    #[test]
    fn whoever_draws_and_whenever_gets_the_same_seed(
        skips in prop::collection::vec(prop::bool::weighted(0.2), 700..1_400), armed_at in 0u64..50,
    ) {
        let mut armed = beacon();
        armed.arm(&clock(armed_at, 5 * EPOCH_SECS)).unwrap();
        let target = armed_at + 32;
        prop_assert_eq!(armed.target_slot, target);
        let mut chain = Chain::default();
        let mut seen = None;
        for (slot, skipped) in (0u64..).zip(&skips) {
            let sysvar = chain.sysvar();
            let known = chain.hashes.iter().rev().take(512);
            let (first, before) = known.fold((None, false), |(first, before), (slot, hash)| {
                if *slot >= target { (Some(*hash), before) } else { (first, true) }
            });
            let mut drawn = armed;
            match drawn.draw(&sysvar, 5 * EPOCH_SECS + 99) {
                Ok(()) => {
                    prop_assert!(before);
                    let draw = *drawn.draw_of(0).unwrap();
                    prop_assert_eq!(draw.seed, seed(5, &first.expect("a block at or after the target")));
                    prop_assert_eq!((draw.epoch, draw.drawn_at_secs), (5, 5 * EPOCH_SECS + 99));
                    prop_assert_eq!(*seen.get_or_insert(draw.seed), draw.seed);
                    prop_assert!(armed.clone().rearm(&sysvar, slot).is_err(), "drawn or re-armed, not both");
                }
                Err(error) => {
                    prop_assert_eq!(drawn, armed);
                    let mut rearmed = armed;
                    let again = rearmed.rearm(&sysvar, slot);
                    if error == AcesoError::TargetForgotten.into() {
                        prop_assert!(!before);
                        again.unwrap();
                        prop_assert_eq!(rearmed, Beacon { target_slot: slot + 32, ..armed });
                    } else {
                        prop_assert!(error == AcesoError::TargetAhead.into());
                        prop_assert!(first.is_none());
                        prop_assert!(again.is_err());
                    }
                }
            }
            if !skipped {
                chain.block(slot);
            }
        }
    }

    /// No history of arming, drawing, forgetting and waiting gives an armed epoch up, or draws one twice.
    #[test]
    fn an_armed_epoch_is_drawn_in_the_end(steps in prop::collection::vec((0..4u8, 1u64..700), 1..120)) {
        let mut beacon = beacon();
        let (mut chain, mut slot, mut now) = (Chain::default(), 0u64, 3 * EPOCH_SECS);
        let mut drawn = Vec::new();
        for (step, wait) in steps {
            let before = beacon;
            let sysvar = chain.sysvar();
            match step {
                0 => {
                    let epoch = (now / EPOCH_SECS) as u64;
                    let may = !before.is_armed() && (before.arms == 0 || epoch > before.armed_epoch);
                    prop_assert_eq!(beacon.arm(&clock(slot, now)).is_ok(), may);
                    if may {
                        prop_assert_eq!((beacon.arms, beacon.armed_epoch), (before.arms + 1, epoch));
                    } else {
                        beacon = before;
                    }
                }
                1 => match beacon.draw(&sysvar, now) {
                    Ok(()) => drawn.push(*beacon.draw_of(beacon.draws - 1).unwrap()),
                    Err(_) => beacon = before,
                },
                2 => if beacon.rearm(&sysvar, slot).is_err() { beacon = before },
                _ => {
                    for _ in 0..wait {
                        chain.block(slot);
                        slot += 1;
                    }
                    now += wait as i64 * 40;
                }
            }
            beacon.invariant().unwrap();
            prop_assert_eq!(beacon.draws as usize, drawn.len());
            prop_assert!(beacon.arms >= before.arms && beacon.draws >= before.draws);
        }
        prop_assert!(drawn.windows(2).all(|two| two[0].epoch < two[1].epoch), "each epoch once, in order");
        for (seq, draw) in drawn.iter().enumerate() {
            let kept = seq + 64 >= drawn.len();
            prop_assert_eq!(beacon.draw_of(seq as u64).ok(), kept.then_some(draw));
        }
        // However long nobody came: forgotten, re-armed, drawn.
        if beacon.is_armed() {
            let epoch = beacon.armed_epoch;
            for _ in 0..600 {
                chain.block(slot);
                slot += 1;
            }
            let _ = beacon.rearm(&chain.sysvar(), slot);
            for _ in 0..40 {
                chain.block(slot);
                slot += 1;
            }
            beacon.draw(&chain.sysvar(), now).unwrap();
            prop_assert_eq!(beacon.draw_of(beacon.draws - 1).unwrap().epoch, epoch);
        }
    }
}

#[test]
fn an_epoch_is_armed_once_and_never_afterwards() {
    let mut beacon = beacon();
    refused(beacon.draw(&Chain::default().sysvar(), 0), AcesoError::NothingArmed);
    refused(beacon.rearm(&Chain::default().sysvar(), 0), AcesoError::NothingArmed);
    let now = 20_000 * EPOCH_SECS;
    beacon.arm(&clock(100, now)).unwrap();
    refused(beacon.arm(&clock(101, now + 1)), AcesoError::DrawPending);
    refused(beacon.arm(&clock(101, now + EPOCH_SECS)), AcesoError::DrawPending);
    let mut chain = Chain::default();
    chain.block(131);
    chain.block(140);
    beacon.draw(&chain.sysvar(), now).unwrap();
    refused(beacon.draw(&chain.sysvar(), now), AcesoError::NothingArmed);
    refused(beacon.arm(&clock(150, now + EPOCH_SECS - 1)), AcesoError::EpochArmed);
    refused(beacon.arm(&clock(150, now - EPOCH_SECS)), AcesoError::EpochArmed);
    // Two epochs passed unarmed: they stay so.
    beacon.arm(&clock(150, now + 3 * EPOCH_SECS)).unwrap();
    assert_eq!((beacon.armed_epoch, beacon.arms, beacon.draws), (20_003, 2, 1));
}

#[test]
fn an_entry_before_the_target_is_asked_for() {
    let mut armed = beacon();
    armed.arm(&clock(68, EPOCH_SECS)).unwrap();
    let drawn = |slots: &[u64]| {
        let mut chain = Chain::default();
        slots.iter().for_each(|slot| chain.block(*slot));
        armed.clone().draw(&chain.sysvar(), EPOCH_SECS)
    };
    refused(drawn(&[]), AcesoError::TargetAhead);
    refused(drawn(&[98, 99]), AcesoError::TargetAhead);
    refused(drawn(&[100]), AcesoError::TargetForgotten);
    refused(drawn(&[100, 101]), AcesoError::TargetForgotten);
    drawn(&[99, 100]).unwrap();
    drawn(&[3, 250]).unwrap();
}

#[test]
fn a_sysvar_that_is_none_is_refused() {
    let mut armed = beacon();
    armed.arm(&clock(68, EPOCH_SECS)).unwrap();
    let mut short = 2u64.to_le_bytes().to_vec();
    short.extend_from_slice(&[0; 79]);
    for data in [&[][..], &[0; 7], &short, &[0xff; 100]] {
        refused(armed.clone().draw(data, 0), AcesoError::SlotHashesUnreadable);
        refused(armed.clone().rearm(data, 0), AcesoError::SlotHashesUnreadable);
    }
}

#[test]
fn a_ring_of_64_draws_forgets_the_65th_last() {
    let mut beacon = beacon();
    for n in 0..70 {
        pass(&mut beacon, (20_000 + n) * EPOCH_SECS);
    }
    refused(beacon.draw_of(5), AcesoError::DrawForgotten);
    assert_eq!(beacon.draw_of(6).unwrap().epoch, 20_006);
    assert_eq!(beacon.draw_of(69).unwrap().epoch, 20_069);
    refused(beacon.draw_of(70), AcesoError::NotDrawn);
}
