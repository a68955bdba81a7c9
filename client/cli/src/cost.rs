//! What an action costs, before it is done: rent that an account holds, and fees.

use aceso_sdk::chain::Kind;

use crate::args::value::Sol;

/// What a transaction with one signature costs without a priority fee.
pub const FEE: u64 = 5_000;

/// Lamports that an account of this kind holds while it exists: Solana's rent for its bytes and 128 more.
pub fn rent<T: Kind>() -> u64 {
    const LAMPORTS_PER_BYTE: u64 = 6_960;
    const OVERHEAD: u64 = 128;
    (T::SPACE as u64 + OVERHEAD) * LAMPORTS_PER_BYTE
}

/// "about 0.0087 SOL": money is rounded up when it is announced, to a ten-thousandth.
pub fn about(lamports: u64) -> String {
    const STEP: u64 = 100_000;
    format!("about {}", Sol(lamports.div_ceil(STEP) * STEP))
}
