use aceso_sdk::chain::Pubkey;
use sha2::{Digest, Sha256};

/// A number below `range` that is always the same for this peer and event, and another for every other peer: many peers do
/// the same thing for all, and mostly one of them is enough. 0 where there is nothing to choose.
pub(super) fn below(range: u64, peer: &Pubkey, event: &str, number: u64) -> u64 {
    let hash = Sha256::new()
        .chain_update(peer)
        .chain_update(event)
        .chain_update(number.to_le_bytes())
        .finalize();
    let (first, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*first).checked_rem(range).unwrap_or(0)
}
