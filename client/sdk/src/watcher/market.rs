use crate::chain::{
    Beacon, Chain, ChainError, ChainTime, Fetched, HashSlots, Lease, LedgerAccount, Peer, Pubkey,
    address, token::Tokens,
};

/// The whole market, as one node tells it. A node that lies makes a watcher do nothing, or pay for a refusal: the program
/// takes nobody's word.
#[derive(Clone, Debug)]
pub struct Market {
    pub now: ChainTime,
    /// The slots whose hashes can be drawn from.
    pub hash_slots: Option<HashSlots>,
    pub beacon: Fetched<Beacon>,
    pub stalls: Vec<Stall>,
}

/// A peer with its books and its leases.
#[derive(Clone, Debug)]
pub struct Stall {
    pub peer: Fetched<Peer>,
    pub ledger: LedgerAccount,
    /// Of this peer, not of one that was at the address before.
    pub leases: Vec<Fetched<Lease>>,
    /// Its payout account, when that can take a transfer.
    pub payout: Option<Pubkey>,
}

impl Market {
    /// Reads it; nothing where the market is not open.
    pub async fn read(chain: &Chain) -> Result<Option<Self>, ChainError> {
        let Some(beacon) = chain.find::<Beacon>(&address::beacon()).await? else {
            return Ok(None);
        };
        let mut stalls = Vec::new();
        for peer in chain.list::<Peer>(&[]).await? {
            if peer.address != address::peer(&peer.profile) || peer.leases == 0 {
                continue;
            }
            stalls.push(Stall::read(chain, peer).await?);
        }
        // Last, so that what was read of the peers is not newer than the clock by which it is judged.
        let (now, hash_slots) = (chain.rpc.time().await?, chain.rpc.hash_slots().await?);
        Ok(Some(Self { now, hash_slots, beacon, stalls }))
    }
}

impl Stall {
    async fn read(chain: &Chain, peer: Fetched<Peer>) -> Result<Self, ChainError> {
        let ledger = chain.ledger(&peer.address).await?;
        let mut leases = chain.list::<Lease>(&[("peer", peer.address.as_ref())]).await?;
        leases.retain(|lease| {
            lease.peer_created_slot == peer.meta.created_slot
                && crate::chain::instruction::lease::kind(lease).is_some_and(|kind| {
                    let at = address::lease(&lease.scope, &lease.peer, kind, lease.number);
                    at == lease.address
                })
        });
        leases.sort_unstable_by_key(|lease| lease.address);
        let payout = match peer.payout {
            none if none == Pubkey::default() => None,
            at => chain.tokens(&at).await?.filter(|found| takes(found, &peer)).map(|_| at),
        };
        Ok(Self { peer, ledger, leases, payout })
    }

    /// The live or ended lease whose weight is in that slot of the set.
    pub fn lease_in(&self, slot: u32) -> Option<&Fetched<Lease>> {
        self.leases.iter().find(|lease| lease.has_slot == 1 && lease.account.slot == slot)
    }
}

/// A transfer to an account that is frozen or of another mint would fail, and the settlement with it.
fn takes(payout: &Tokens, peer: &Peer) -> bool {
    payout.mint == peer.mint && !payout.frozen
}
