//! What a look tells the metrics.

use std::{sync::atomic::Ordering, time::Duration};

use aceso::state::{LeaseStatus, MarketTerms};
use aceso_sdk::chain::Pubkey;

use crate::{
    chain::Sight,
    holdings::Holdings,
    http::Health,
    metrics::{Metrics, StatusLabels},
};

pub(super) const BALANCE_EVERY: Duration = Duration::from_secs(60);
/// While there is too little of it.
pub(super) const SHORT_EVERY: Duration = Duration::from_secs(5);

const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
/// Least that a wallet keeps: below it, the network takes no fee from it.
const WALLET_RENT_LAMPORTS: u64 = 890_880;
const WEEK_SECS: u64 = 7 * 24 * 60 * 60;
/// Of one KiB, by which a ledger grows once in 128 leases.
const GROWTH_LAMPORTS: u64 = 1024 * 6_960;

/// What the fee payer should have: a week of arming, drawing and proving, three proofs in a transaction at worst one, and
/// once a ledger that grows.
pub fn needed_lamports(terms: &MarketTerms, epoch_secs: i64) -> u64 {
    let epochs = WEEK_SECS.div_ceil(epoch_secs.max(1).unsigned_abs()).min(7 * 24);
    let transactions = 4 + u64::from(terms.challenges);
    WALLET_RENT_LAMPORTS + GROWTH_LAMPORTS + epochs * transactions * LAMPORTS_PER_SIGNATURE
}

pub(super) fn balance(
    metrics: &Metrics,
    health: &Health,
    payer: &Pubkey,
    lamports: u64,
    sight: &Sight,
) {
    metrics.fee_payer_lamports.set(lamports);
    let needed = needed_lamports(&sight.ledger.head.terms, sight.beacon.epoch_secs);
    let short = lamports < needed;
    if short && !health.short_of_sol.load(Ordering::Relaxed) {
        tracing::error!(
            fee_payer = %payer,
            lamports,
            needed_lamports = needed,
            send_lamports = needed - lamports,
            "the fee payer has too little SOL for a week of duties; send it some, or leases are lost"
        );
    }
    health.short_of_sol.store(short, Ordering::Relaxed);
}

pub(super) fn measure(metrics: &Metrics, sight: &Sight, holdings: &Holdings) {
    let peer = &sight.peer;
    for (book, tokens) in [
        ("bond", peer.bond),
        ("locked", peer.locked),
        ("escrow", peer.escrow),
        ("owed", peer.owed),
        ("earned", peer.earned),
    ] {
        metrics.book(book, tokens);
    }
    for (status, number) in [
        ("offered", LeaseStatus::Offered),
        ("live", LeaseStatus::Live),
        ("ended", LeaseStatus::Ended),
    ] {
        let count = sight.leases.iter().filter(|(_, entry)| entry.account.status == number as u8);
        let count = i64::try_from(count.count()).unwrap_or(i64::MAX);
        metrics.leases.get_or_create(&StatusLabels { status }).set(count);
    }
    metrics.credited_epoch.set(sight.ledger.head.credited_until.saturating_sub(1));
    metrics.owed_epochs.set(sight.owed_epochs());
    metrics
        .window_left
        .set(sight.window_left_secs().unwrap_or(i64::from(sight.ledger.head.terms.window_secs)));
    metrics.chain_time.set(sight.time.unix_secs);
    metrics.stored.set(holdings.taken());
    metrics.quota.set(holdings.quota());
}
