//! The tree over a lease's stored bytes: a binary SHA-256 Merkle tree in the shape of RFC 9162, over leaves of 512 bytes
//! of which the last is as short as it is. The root that is stored commits to the length as well.

use solana_sha256_hasher::hashv;

use crate::{
    constants::{LEAF_BYTES, PROOF_LABEL},
    error::AcesoError,
    prelude::*,
};

/// Leaves of so many bytes.
pub fn leaf_count(stored_len: u64) -> u64 {
    stored_len.div_ceil(LEAF_BYTES)
}

/// What is on chain for a tree over `stored_len` bytes.
pub fn root(stored_len: u64, tree: &[u8; 32]) -> [u8; 32] {
    hashv(&[PROOF_LABEL, &stored_len.to_le_bytes(), tree]).to_bytes()
}

/// Refuses unless `leaf` is leaf number `index` under `root`. `path`: the siblings, from the leaf up.
pub fn verify(
    root: &[u8; 32],
    stored_len: u64,
    index: u64,
    leaf: &[u8],
    path: &[[u8; 32]],
) -> Result<()> {
    let last = leaf_count(stored_len).checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
    require!(index <= last, AcesoError::InvariantBroken);
    let before = index.checked_mul(LEAF_BYTES).ok_or(AcesoError::Overflow)?;
    let len = stored_len.saturating_sub(before).min(LEAF_BYTES);
    require!(leaf.len() as u64 == len, AcesoError::LeafLength);

    let tree = climb(index, last, leaf, path)?;
    require!(self::root(stored_len, &tree) == *root, AcesoError::ProofWrong);
    Ok(())
}

/// Hash of the tree whose leaf number `index` is `leaf` and whose last leaf is number `last`, by the leaf's siblings
/// from there up (RFC 9162, 2.1.3.2).
pub fn climb(index: u64, last: u64, leaf: &[u8], path: &[[u8; 32]]) -> Result<[u8; 32]> {
    // The node's place in its level, and that of the level's last.
    let (mut at, mut end) = (index, last);
    let mut hash = hashv(&[&[0], leaf]).to_bytes();
    for sibling in path {
        require!(end > 0, AcesoError::PathLength);
        // A last node without a sibling is its own parent.
        while at & 1 == 0 && at == end {
            at >>= 1;
            end >>= 1;
        }
        let [left, right] = if at & 1 == 1 { [sibling, &hash] } else { [&hash, sibling] };
        hash = hashv(&[&[1], left, right]).to_bytes();
        at >>= 1;
        end >>= 1;
    }
    require!(end == 0, AcesoError::PathLength);
    Ok(hash)
}
