//! A Fenwick tree of weights: which slot an offset falls into, in as many steps as the number of slots has bits.
//!
//! Node `n` (counted from 1) holds the sum of the `n & -n` slots that end at slot `n - 1`. A node is written when its
//! slot is appended, from the nodes that it covers, so growing the array (at a power of two as anywhere else) moves and
//! initialises nothing: what lies behind the used nodes is never read.

use crate::{error::AcesoError, prelude::*};

/// Slots that node `n` covers.
fn span(n: u32) -> u32 {
    n.isolate_lowest_one()
}

fn node(nodes: &[u64], n: u32) -> Result<u64> {
    let at = n.wrapping_sub(1) as usize;
    Ok(*nodes.get(at).ok_or(AcesoError::LedgerFull)?)
}

/// Weight of the slots that end with `n`'s and that its node covers, without that slot's own.
fn covered(nodes: &[u64], n: u32) -> Result<u64> {
    let mut sum = 0u64;
    let mut child = n.wrapping_sub(1);
    let before = n.wrapping_sub(span(n));
    while child > before {
        sum = sum.checked_add(node(nodes, child)?).ok_or(AcesoError::Overflow)?;
        child = child.wrapping_sub(span(child));
    }
    Ok(sum)
}

/// Appends behind the `used` slots; the new slot is number `used`.
pub fn append(nodes: &mut [u64], used: u32, weight: u64) -> Result<()> {
    let n = used.checked_add(1).ok_or(AcesoError::Overflow)?;
    let sum = covered(nodes, n)?.checked_add(weight).ok_or(AcesoError::Overflow)?;
    *nodes.get_mut(used as usize).ok_or(AcesoError::LedgerFull)? = sum;
    Ok(())
}

/// Weight of one slot.
pub fn weight(nodes: &[u64], used: u32, slot: u32) -> Result<u64> {
    require!(slot < used, AcesoError::InvariantBroken);
    let n = slot.wrapping_add(1);
    let own = node(nodes, n)?.checked_sub(covered(nodes, n)?);
    Ok(own.ok_or(AcesoError::InvariantBroken)?)
}

/// Sets a slot's weight to 0; refused when it is not `weight`.
pub fn remove(nodes: &mut [u64], used: u32, slot: u32, weight: u64) -> Result<()> {
    require!(self::weight(nodes, used, slot)? == weight, AcesoError::InvariantBroken);
    let mut n = slot.wrapping_add(1);
    while n <= used {
        let sum = nodes.get_mut(n.wrapping_sub(1) as usize).ok_or(AcesoError::InvariantBroken)?;
        *sum = sum.checked_sub(weight).ok_or(AcesoError::InvariantBroken)?;
        n = n.checked_add(span(n)).ok_or(AcesoError::Overflow)?;
    }
    Ok(())
}

/// The slot that `offset` falls into when the slots' weights are laid end to end, and how far into it.
/// Slots of weight 0 take no room. Refused when `offset` is not below the sum of all.
pub fn find(nodes: &[u64], used: u32, offset: u64) -> Result<(u32, u64)> {
    let (mut before, mut rest) = (0u32, offset);
    let mut step = used.checked_ilog2().map_or(0, |log| 1u32.wrapping_shl(log));
    while step > 0 {
        // Disjoint bits: the sum is their union.
        let n = before | step;
        if n <= used {
            let sum = node(nodes, n)?;
            if sum <= rest {
                before = n;
                rest = rest.wrapping_sub(sum);
            }
        }
        step >>= 1;
    }
    require!(before < used, AcesoError::InvariantBroken);
    Ok((before, rest))
}
