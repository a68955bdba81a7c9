//! Whom to lease from.

use std::collections::{BTreeMap, HashMap, HashSet};

use aceso::state::{Ledger, Peer, PeerStatus};
use anchor_lang::prelude::Pubkey;
use sha2::{Digest, Sha256};

use super::market::endpoint_of;
use crate::{chain::Fetched, peer};

/// Who may be chosen, and under which conditions.
pub(super) struct Choice<'a> {
    pub peers: &'a [Fetched<Peer>],
    pub ledgers: &'a HashMap<Pubkey, Ledger>,
    /// Whose bytes they are: nobody leases from himself.
    pub owner: Pubkey,
    pub mint: Pubkey,
    pub weight: u64,
    pub price_max: Option<u64>,
    /// Empty: all.
    pub only: &'a [Pubkey],
    pub without: &'a HashSet<Pubkey>,
    pub rpc_url: &'a str,
}

/// A peer that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub peer: Pubkey,
    pub operator: Pubkey,
    pub host: String,
    pub endpoint: String,
    pub price: u64,
    /// What a lease sets aside of its bond.
    pub lock: u64,
    /// Free bond.
    pub bond: u64,
}

impl Choice<'_> {
    /// Why a peer is not one to lease from, in the order in which a user would ask.
    pub fn candidate(&self, peer: &Fetched<Peer>) -> Result<Candidate, &'static str> {
        if peer.mint != self.mint {
            return Err("in another mint");
        }
        if !self.only.is_empty() && !self.only.contains(&peer.address) {
            return Err("not named");
        }
        if self.without.contains(&peer.address) {
            return Err("hold a lease of it, or left out");
        }
        if peer.profile == self.owner {
            return Err("your own");
        }
        if peer.is_defaulted() {
            return Err("defaulted");
        }
        if peer.status != PeerStatus::Active as u8 {
            return Err("leaving");
        }
        let endpoint = endpoint_of(peer);
        if peer::endpoint(&endpoint, self.rpc_url).is_err() {
            return Err("no address that can be used");
        }
        let price = peer.price(self.weight).map_err(|_| "price out of bounds")?;
        if self.price_max.is_some_and(|most| price > most) {
            return Err("too dear");
        }
        let ledger = self.ledgers.get(&peer.address).ok_or("no ledger")?;
        let lock = price.checked_mul(u64::from(ledger.terms.lock_epochs));
        let lock = lock.ok_or("not enough free bond")?.max(peer.lock_floor);
        if peer.bond < lock || peer.require_bond().is_err() {
            return Err("not enough free bond");
        }
        let host = peer::host(&endpoint).unwrap_or_default();
        Ok(Candidate {
            peer: peer.address,
            operator: peer.operator,
            host,
            endpoint,
            price,
            lock,
            bond: peer.bond,
        })
    }
}

/// Those that hold a lease already, whose operators and machines are taken.
#[derive(Default)]
pub(super) struct Taken {
    pub operators: HashSet<Pubkey>,
    pub hosts: HashSet<String>,
}

/// Up to `wanted` of them, the best first: no two of one operator or on one machine. `spent`: bond that this plan has
/// used up with others of its leases.
pub(super) fn choose(
    mut candidates: Vec<Candidate>,
    wanted: usize,
    scope: &Pubkey,
    mut taken: Taken,
    spent: &mut BTreeMap<Pubkey, u64>,
) -> Vec<Candidate> {
    candidates.retain_mut(|candidate| {
        let spent = spent.get(&candidate.peer).copied().unwrap_or(0);
        candidate.bond = candidate.bond.saturating_sub(spent);
        candidate.bond >= candidate.lock
    });
    candidates.sort_by_cached_key(|candidate| (rank(candidate), tie(scope, &candidate.peer)));
    let mut chosen = Vec::new();
    for candidate in candidates {
        if chosen.len() == wanted {
            break;
        }
        if taken.operators.contains(&candidate.operator) || taken.hosts.contains(&candidate.host) {
            continue;
        }
        taken.operators.insert(candidate.operator);
        taken.hosts.insert(candidate.host.clone());
        *spent.entry(candidate.peer).or_default() += candidate.lock;
        chosen.push(candidate);
    }
    chosen
}

/// The price, and up to half of it on top for a bond that covers little more than this lease: who has put up much more
/// loses more by disappearing.
fn rank(candidate: &Candidate) -> u128 {
    let (price, lock, bond) =
        (u128::from(candidate.price), u128::from(candidate.lock), u128::from(candidate.bond));
    // In thousandths, so that small prices are told apart too. No product of three fits when all are extreme.
    let share = (1000 * lock).checked_div(lock + bond).unwrap_or(0);
    price * (1000 + share)
}

/// Of equals each scope has its own first one, so that not all records of all patients are with the same peers.
fn tie(scope: &Pubkey, peer: &Pubkey) -> [u8; 32] {
    Sha256::new().chain_update(scope).chain_update(peer).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(peer: u8, price: u64, bond: u64) -> Candidate {
        let at = |kind| Pubkey::new_from_array([peer.wrapping_add(kind); 32]);
        let host = format!("peer{peer}.example");
        let endpoint = format!("https://{host}");
        Candidate { peer: at(0), operator: at(100), host, endpoint, price, lock: 100, bond }
    }

    fn chosen(
        candidates: &[Candidate],
        wanted: usize,
        spent: &mut BTreeMap<Pubkey, u64>,
    ) -> Vec<u8> {
        let scope = Pubkey::new_from_array([9; 32]);
        let chosen = choose(candidates.to_vec(), wanted, &scope, Taken::default(), spent);
        chosen.iter().map(|candidate| candidate.peer.to_bytes()[0]).collect()
    }

    #[test]
    fn the_cheapest_come_first_and_a_thin_bond_counts_as_dear() {
        let all = [candidate(1, 13, 1_000_000), candidate(2, 10, 100), candidate(3, 20, 1_000_000)];
        // 10 with a bond for one lease ranks as 15.
        assert_eq!(chosen(&all, 3, &mut BTreeMap::new()), [1, 2, 3]);
        let all = [candidate(1, 16, 1_000_000), candidate(2, 10, 100)];
        assert_eq!(chosen(&all, 1, &mut BTreeMap::new()), [2]);
    }

    #[test]
    fn one_operator_and_one_machine_count_once() {
        let mut all = vec![candidate(1, 1, 1000), candidate(2, 2, 1000), candidate(3, 3, 1000)];
        all[1].operator = all[0].operator;
        all[2].host = all[0].host.clone();
        assert_eq!(chosen(&all, 3, &mut BTreeMap::new()), [1]);
    }

    #[test]
    fn a_plan_spends_a_bond_once() {
        let all = [candidate(1, 1, 150), candidate(2, 5, 1000)];
        let mut spent = BTreeMap::new();
        assert_eq!(chosen(&all, 1, &mut spent), [1]);
        assert_eq!(chosen(&all, 1, &mut spent), [2], "50 are left of the first one's");
    }

    #[test]
    fn extremes_do_not_overflow() {
        let dear =
            Candidate { price: u64::MAX, lock: u64::MAX, bond: u64::MAX, ..candidate(1, 0, 0) };
        let free = Candidate { lock: 0, bond: 0, ..candidate(2, 1, 0) };
        assert_eq!(chosen(&[dear, free], 2, &mut BTreeMap::new()), [2, 1]);
    }
}
