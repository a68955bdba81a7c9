//! Where a session reads: its own store, and when that fails, whoever the chain says has the bytes.
//!
//! Flows note what a blob is before they ask for it. Only a blob that the own store cannot give is looked for: the live
//! leases of its record, folder or profile are listed, and their peers asked together with the gateways, the fastest
//! first. Every block is verified whoever sends it, so this trusts nobody more than before.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aceso::state::Lease;
use aceso_format::{
    BlobAddress,
    address::Branch,
    key::ReplicaSecret,
    mask::Mask,
    pack::{PACK_PREFIX_LEN, PackTable},
};
use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;

use super::{
    LeaseWhat, Wallet,
    lease_open::{lease_address, pending_address},
    market::endpoint_of,
    record_head::{content_address, head_address},
};
use crate::{
    blob::{
        BlobError, BlobStore, Block, CopyPiece, CopyStore, FailoverStore, LeafSource, PeerCaller,
        PeerStore, ReadOrder,
    },
    chain::{Chain, Fetched, Record},
};

/// After this long without an answer of the own store, the others are asked as well.
const OWN_PATIENCE: Duration = Duration::from_secs(2);
/// Peers that are asked for one thing.
const MOST: usize = 12;

/// The store of a session: writes go to its own, reads as far as they have to.
pub(super) struct Reach {
    own: Arc<dyn BlobStore>,
    elsewhere: Vec<Arc<dyn BlobStore>>,
    chain: Chain,
    wallet: Wallet,
    caller: Mutex<Option<PeerCaller>>,
    notes: Mutex<HashMap<[u8; 32], Note>>,
    /// Blobs that the own store did not have when it was asked.
    absent: Mutex<HashSet<[u8; 32]>>,
    found: tokio::sync::Mutex<HashMap<Pubkey, Arc<Found>>>,
}

/// What a blob is.
#[derive(Clone)]
enum Note {
    Record(Arc<RecordNote>),
    Keyring(Pubkey),
    Bundle(Pubkey),
}

struct RecordNote {
    record: Pubkey,
    folder: Pubkey,
    content: BlobAddress,
    head: BlobAddress,
    /// Known once the head was opened.
    secret: Mutex<Option<Arc<ReplicaSecret>>>,
}

/// Who has the bytes of one scope.
struct Found {
    store: Arc<FailoverStore>,
    copies: Vec<FoundCopy>,
}

struct FoundCopy {
    store: Arc<CopyStore>,
    lease: Pubkey,
    /// Where the content begins.
    offset: u64,
}

impl Reach {
    pub fn new(
        own: Arc<dyn BlobStore>,
        elsewhere: Vec<Arc<dyn BlobStore>>,
        chain: Chain,
        wallet: Wallet,
    ) -> Self {
        let (caller, notes, absent, found) = Default::default();
        Self { own, elsewhere, chain, wallet, caller, notes, absent, found }
    }

    /// For whom peers are asked.
    pub fn act_as(&self, profile: Option<Pubkey>) {
        let rpc = self.chain.rpc.clone();
        *lock(&self.caller) =
            profile.map(|profile| PeerCaller::new(self.wallet.clone(), profile, rpc));
    }

    /// Head and content of a record's present version.
    pub fn note_record(&self, record: &Fetched<Record>) {
        let mut notes = lock(&self.notes);
        let (content, head) = (content_address(record), head_address(record));
        if let Some(Note::Record(known)) = notes.get(&head.digest)
            && known.record == record.address
        {
            return;
        }
        let note = Arc::new(RecordNote {
            record: record.address,
            folder: record.folder,
            content,
            head,
            secret: Mutex::default(),
        });
        notes.insert(head.digest, Note::Record(note.clone()));
        notes.insert(content.digest, Note::Record(note));
    }

    /// By which copies of that content are unmasked.
    pub fn note_secret(&self, content: &BlobAddress, secret: impl FnOnce() -> ReplicaSecret) {
        if let Some(Note::Record(note)) = lock(&self.notes).get(&content.digest) {
            lock(&note.secret).get_or_insert_with(|| Arc::new(secret()));
        }
    }

    pub fn note_keyring(&self, folder: Pubkey, keyring: &BlobAddress) {
        lock(&self.notes).insert(keyring.digest, Note::Keyring(folder));
    }

    pub fn note_bundle(&self, profile: Pubkey, bundle: &BlobAddress) {
        lock(&self.notes).insert(bundle.digest, Note::Bundle(profile));
    }

    /// From anybody but the own store. `None`: nobody else is known to have it.
    async fn others(
        &self,
        blob: &BlobAddress,
        branch: &Branch,
    ) -> Option<Result<Block, BlobError>> {
        let note = lock(&self.notes).get(&blob.digest).cloned();
        let Some(note) = note else {
            let store = failover(self.elsewhere.clone())?;
            return Some(store.block(blob, branch).await);
        };
        let found = self.find(&note).await?;
        if let Note::Record(note) = &note
            && *blob == note.content
        {
            found.unmask(note);
            if found.store.preferred().is_none() {
                // Who is fastest with the head gets the content: content of many blocks is fetched whole for its first
                // one, which all of them should not do at once.
                let head = note.head.root().ok()?;
                let _ = found.store.block(&note.head, &head).await;
            }
        }
        Some(found.store.block(blob, branch).await)
    }

    async fn find(&self, note: &Note) -> Option<Arc<Found>> {
        let mut all = self.found.lock().await;
        // One record's head and content are in the same leases; a keyring is not in those of its folder's packs.
        let key = match note {
            Note::Record(note) => note.record,
            Note::Keyring(scope) | Note::Bundle(scope) => *scope,
        };
        if let Some(found) = all.get(&key) {
            return Some(found.clone());
        }
        let found = match note {
            Note::Record(note) => self.find_record(note).await,
            Note::Keyring(folder) => self.find_whole(LeaseWhat::Keyring(*folder)).await,
            Note::Bundle(profile) => self.find_whole(LeaseWhat::Bundle(*profile)).await,
        };
        let found = Arc::new(found?);
        all.insert(key, found.clone());
        Some(found)
    }

    async fn find_record(&self, note: &RecordNote) -> Option<Found> {
        let mut copies = Vec::new();
        let len = note.content.len + note.head.len;
        for (lease, store) in self.peers(LeaseWhat::Record(note.record)).await {
            let pending = pending_address(&lease);
            for copy in [Some(lease_address(&lease)), pending].into_iter().flatten() {
                if copy.len == len {
                    copies.push(FoundCopy::new(store.clone(), copy, &lease, note, 0));
                }
            }
        }
        for number in 0..=u8::MAX {
            let packs = self.peers(LeaseWhat::Pack { folder: note.folder, number }).await;
            if packs.is_empty() {
                break;
            }
            for (lease, store) in packs {
                let copy = lease_address(&lease);
                // A pack that was not brought up to date has other bytes there, which are refused as such.
                if let Some(offset) = offset_in_pack(&store, copy, note).await {
                    copies.push(FoundCopy::new(store, copy, &lease, note, offset));
                }
            }
        }
        let stores = copies.iter().map(|copy| copy.store.clone() as Arc<dyn BlobStore>);
        let store = failover(stores.chain(self.elsewhere.clone()).collect())?;
        Some(Found { store, copies })
    }

    /// Of what is leased as it is.
    async fn find_whole(&self, what: LeaseWhat) -> Option<Found> {
        let peers = self.peers(what).await;
        let stores = peers.into_iter().map(|(_, store)| store);
        let store = failover(stores.chain(self.elsewhere.clone()).collect())?;
        Some(Found { store, copies: Vec::new() })
    }

    /// Live leases of a thing, and their peers. Whoever lists them may hide some, and that is all.
    async fn peers(&self, what: LeaseWhat) -> Vec<(Fetched<Lease>, Arc<dyn BlobStore>)> {
        let Some(caller) = lock(&self.caller).clone() else { return Vec::new() };
        let scope = what.scope();
        let Ok(mut leases) = self.chain.list::<Lease>(&[("scope", scope.as_ref())]).await else {
            return Vec::new();
        };
        leases.retain(|lease| {
            lease.is_live()
                && LeaseWhat::of(lease) == Some(what)
                && what.lease(&lease.peer) == lease.address
        });
        leases.truncate(MOST);
        let at: Vec<Pubkey> = leases.iter().map(|lease| lease.peer).collect();
        let Ok(peers) = self.chain.find_many::<aceso::state::Peer>(&at).await else {
            return Vec::new();
        };
        let stores = leases.into_iter().zip(peers).filter_map(|(lease, peer)| {
            let url = endpoint_of(&*peer?);
            let store = PeerStore::new(lease.peer, &url, caller.clone()).ok()?;
            Some((lease, Arc::new(store) as Arc<dyn BlobStore>))
        });
        stores.collect()
    }
}

impl Found {
    fn unmask(&self, note: &RecordNote) {
        let Some(secret) = lock(&note.secret).clone() else { return };
        for copy in &self.copies {
            let mask = Mask::new(&secret, &copy.lease.to_bytes(), &note.record.to_bytes());
            let (blob, offset) = (note.content, copy.offset);
            copy.store.learn(CopyPiece { blob, offset, mask: Some(Arc::new(mask)) });
        }
    }
}

impl FoundCopy {
    /// The head can be read at once, the content once its mask is known.
    fn new(
        store: Arc<dyn BlobStore>,
        copy: BlobAddress,
        lease: &Fetched<Lease>,
        note: &RecordNote,
        offset: u64,
    ) -> Self {
        let head = CopyPiece { blob: note.head, offset: offset + note.content.len, mask: None };
        let store = Arc::new(CopyStore::new(store, copy, vec![head]));
        Self { store, lease: lease.address, offset }
    }
}

async fn offset_in_pack(
    store: &Arc<dyn BlobStore>,
    pack: BlobAddress,
    note: &RecordNote,
) -> Option<u64> {
    let prefix = store.get_range(pack, 0..(PACK_PREFIX_LEN as u64).min(pack.len)).ok()?;
    let prefix = prefix.collect().await.ok()?;
    let table_len = PackTable::table_len(&prefix).ok()? as u64;
    let start = store.get_range(pack, 0..table_len.min(pack.len)).ok()?.collect().await.ok()?;
    let table = PackTable::decode(&start, pack.len).ok()?;
    table.check(&note.folder.to_bytes()).ok()?;
    let entry = table.entry(&note.record.to_bytes())?;
    let same = entry.content_len == note.content.len && u64::from(entry.head_len) == note.head.len;
    same.then_some(entry.offset)
}

fn failover(stores: Vec<Arc<dyn BlobStore>>) -> Option<Arc<FailoverStore>> {
    let mut stores = stores.into_iter();
    let first = stores.next()?;
    let store = FailoverStore::new(first, stores.collect());
    Some(Arc::new(store.read_order(ReadOrder::FastestFirst)))
}

/// Held briefly, never across an await.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of the own store and all others: the own one's word, unless others had something else to say.
fn both(own: BlobError, others: BlobError, blob: &BlobAddress) -> BlobError {
    match others {
        BlobError::NotFound { .. } => own,
        others => {
            BlobError::AllFailed { blob: blob.cid_string(), reasons: format!("{own}; {others}") }
        }
    }
}

#[async_trait]
impl BlobStore for Reach {
    /// The journal knows the own store by this.
    fn describe(&self) -> String {
        self.own.describe()
    }

    async fn put(
        &self,
        source: &mut dyn LeafSource,
        expected: Option<BlobAddress>,
    ) -> Result<BlobAddress, BlobError> {
        self.own.put(source, expected).await
    }

    async fn block(&self, blob: &BlobAddress, branch: &Branch) -> Result<Block, BlobError> {
        if lock(&self.absent).contains(&blob.digest)
            && let Some(Ok(block)) = self.others(blob, branch).await
        {
            return Ok(block);
        }
        let own = self.own.block(blob, branch);
        tokio::pin!(own);
        let error = match tokio::time::timeout(OWN_PATIENCE, &mut own).await {
            Ok(Ok(block)) => return Ok(block),
            Ok(Err(error)) => error,
            Err(_) => {
                let others = self.others(blob, branch);
                tokio::pin!(others);
                tokio::select! {
                    answer = &mut own => match answer {
                        Ok(block) => return Ok(block),
                        Err(error) => error,
                    },
                    Some(Ok(block)) = &mut others => {
                        lock(&self.absent).insert(blob.digest);
                        return Ok(block);
                    }
                    else => return own.await,
                }
            }
        };
        match self.others(blob, branch).await {
            Some(Ok(block)) => {
                lock(&self.absent).insert(blob.digest);
                Ok(block)
            }
            Some(Err(others)) => Err(both(error, others, blob)),
            None => Err(error),
        }
    }

    async fn has(&self, blob: &BlobAddress) -> Result<bool, BlobError> {
        self.own.has(blob).await
    }

    async fn pin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.own.pin(blob).await
    }

    async fn unpin(&self, blob: &BlobAddress) -> Result<(), BlobError> {
        self.own.unpin(blob).await
    }
}
