use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use aceso::state::{Beacon, Peer};
use aceso_sdk::chain::{
    CLOCK, Chain, ChainTime, LedgerAccount, Pubkey,
    account::{self},
    address,
};

use super::{ChainClock, FollowError, Sight};
use crate::index::{Index, LeaseEntry, ObjectEntry};

/// So many leases are read in every look; more of them, when something about the peer has changed or time has passed.
const ALWAYS: usize = 100;
const READ_ALL_EVERY: Duration = Duration::from_secs(60);
/// A node's list of transactions may be a moment behind its accounts. For longer, it is walked from its beginning.
const LIST_LAG: Duration = Duration::from_secs(30);
const WALK_WHOLE_EVERY: Duration = Duration::from_secs(600);

/// Follows one peer: its account, its ledger, the beacon and its leases, into the index.
pub struct Follower {
    pub(super) chain: Chain,
    pub(super) peer_at: Pubkey,
    pub(super) index: Arc<Index>,
    profile: Pubkey,
    clock: Arc<ChainClock>,
    /// As of the last walk: opening or closing a lease changes it.
    walked: Option<Peer>,
    read_all_at: Option<Instant>,
    /// Since when leases are missing that the peer's account counts, and when that was last looked into.
    short_since: Option<Instant>,
    walked_whole_at: Option<Instant>,
    unneeded: HashMap<[u8; 32], i64>,
}

impl Follower {
    /// Refuses an index of another chain: by its word, everything that is stored would belong to nobody.
    pub fn new(
        chain: Chain,
        profile: Pubkey,
        index: Arc<Index>,
        clock: Arc<ChainClock>,
    ) -> Result<Self, FollowError> {
        let found = chain.genesis().to_string();
        match index.genesis()? {
            Some(known) if known != found => return Err(FollowError::OtherChain { known, found }),
            Some(_) => {}
            None => index.set_genesis(&found)?,
        }
        Ok(Self {
            chain,
            peer_at: address::peer(&profile),
            index,
            profile,
            clock,
            walked: None,
            read_all_at: None,
            short_since: None,
            walked_whole_at: None,
            unneeded: HashMap::new(),
        })
    }

    /// One look at the chain. `all`: every lease is read, because something of them has changed for certain.
    pub async fn look(&mut self, all: bool) -> Result<Sight, FollowError> {
        let (beacon_at, ledger_at) = (address::beacon(), address::ledger(&self.peer_at));
        let at = [CLOCK, beacon_at, self.peer_at, ledger_at];
        let found = self.chain.rpc.accounts(&at).await?;
        let [clock, beacon, peer, ledger] = found.as_slice() else {
            return Err(FollowError::NoMarket);
        };
        let time = clock.as_ref().and_then(ChainTime::decode).ok_or(FollowError::NoMarket)?;
        let beacon = beacon.as_ref().ok_or(FollowError::NoMarket)?;
        let beacon = account::decode::<Beacon>(beacon_at, beacon)?.account;
        let missing = || FollowError::NoPeer { profile: self.profile };
        let peer = peer.as_ref().filter(|raw| !raw.data.is_empty()).ok_or_else(missing)?;
        let peer = account::decode::<Peer>(self.peer_at, peer)?;
        let ledger = LedgerAccount::decode(ledger_at, ledger.as_ref().ok_or_else(missing)?)?;
        let hash_slots = match beacon.is_armed() {
            true => self.chain.rpc.hash_slots().await?,
            false => None,
        };
        self.clock.hear(time);
        self.index.clock_saw(time.unix_secs)?;
        let changed = self.walked != Some(peer.account);
        if changed || self.short_since.is_some() {
            self.walk(self.index.cursor()?).await?;
        }
        let known = self.refresh(all || changed).await?;
        let leases = self.mend(known, peer.leases).await?;
        if self.short_since.is_none() {
            self.walked = Some(peer.account);
        }
        let unneeded = self.unneeded(&leases, time.unix_secs)?;
        let complete = self.short_since.is_none();
        Ok(Sight { time, hash_slots, beacon, peer, ledger, leases, unneeded, complete })
    }

    /// All known leases, read again where they may have changed.
    async fn refresh(&mut self, all: bool) -> Result<Vec<(Pubkey, LeaseEntry)>, FollowError> {
        let known = self.index.leases()?;
        let old = self.read_all_at.is_none_or(|at| at.elapsed() >= READ_ALL_EVERY);
        if !(all || old || known.len() <= ALWAYS) {
            return Ok(known);
        }
        let at: Vec<Pubkey> = known.iter().map(|(at, _)| *at).collect();
        self.read(&at, None).await?;
        self.read_all_at = Some(Instant::now());
        Ok(self.index.leases()?)
    }

    /// When leases are missing for longer than a list lags behind, the whole list is walked, now and then.
    async fn mend(
        &mut self,
        known: Vec<(Pubkey, LeaseEntry)>,
        counted: u32,
    ) -> Result<Vec<(Pubkey, LeaseEntry)>, FollowError> {
        if known.len() == counted as usize {
            self.short_since = None;
            return Ok(known);
        }
        let since = *self.short_since.get_or_insert_with(Instant::now);
        let recent = self.walked_whole_at.is_some_and(|at| at.elapsed() < WALK_WHOLE_EVERY);
        if since.elapsed() < LIST_LAG || recent {
            return Ok(known);
        }
        self.walked_whole_at = Some(Instant::now());
        tracing::warn!(
            known = known.len(),
            counted,
            "leases are missing that the peer's account counts; walking its transactions from the beginning"
        );
        self.walk(None).await?;
        let known = self.index.leases()?;
        if known.len() < counted as usize {
            tracing::error!(
                known = known.len(),
                counted,
                "the node has not kept the history of this peer; name a node that has as rpc_url, or challenges of unknown leases stay open"
            );
        }
        Ok(known)
    }

    /// Objects that no lease needs. A restart begins their time anew: bytes are rather kept for longer.
    fn unneeded(
        &mut self,
        leases: &[(Pubkey, LeaseEntry)],
        now_secs: i64,
    ) -> Result<Vec<(ObjectEntry, i64)>, FollowError> {
        let needed: HashSet<[u8; 32]> =
            leases.iter().flat_map(|(_, entry)| entry.objects()).collect();
        let objects = self.index.objects()?;
        let unneeded: Vec<ObjectEntry> =
            objects.into_iter().filter(|o| !needed.contains(&o.address.digest)).collect();
        let still: HashSet<[u8; 32]> = unneeded.iter().map(|o| o.address.digest).collect();
        self.unneeded.retain(|digest, _| still.contains(digest));
        let mut since =
            |o: &ObjectEntry| *self.unneeded.entry(o.address.digest).or_insert(now_secs);
        Ok(unneeded.into_iter().map(|object| (object, since(&object))).collect())
    }
}
