use aceso::state::{Lease, LeaseStatus};
use aceso_sdk::chain::{Pubkey, Signature};
use redb::{ReadableTable, WriteTransaction};

use super::{Index, IndexError, LEASES, META, REFERENCES};

/// A lease as it was last seen.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaseEntry {
    pub account: Lease,
    /// Slot of the answer; an older one never replaces it.
    pub slot: u64,
}

const SLOT_LEN: usize = 8;

impl LeaseEntry {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.slot.to_le_bytes().to_vec();
        bytes.extend_from_slice(bytemuck::bytes_of(&self.account));
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (slot, account) = bytes.split_first_chunk::<SLOT_LEN>()?;
        let account = bytemuck::try_pod_read_unaligned(account).ok()?;
        Some(Self { account, slot: u64::from_le_bytes(*slot) })
    }

    /// Digests of the bytes that it needs: those in force, and those of a pending amendment. While an ended lease is in the
    /// set, challenges name it still.
    pub fn objects(&self) -> impl Iterator<Item = [u8; 32]> {
        let over = self.account.status == LeaseStatus::Ended as u8 && self.account.has_slot == 0;
        let next = (self.account.next_len != 0).then_some(self.account.next_digest);
        [(!over).then_some(self.account.digest), next].into_iter().flatten()
    }
}

/// What a look at the chain found out about one lease: the account, or that it is closed.
pub type Seen = (Pubkey, Option<LeaseEntry>);

impl Index {
    pub fn lease(&self, at: &Pubkey) -> Result<Option<LeaseEntry>, IndexError> {
        let table = self.read()?.open_table(LEASES).map_err(|e| self.error(e))?;
        let value = table.get(at.to_bytes()).map_err(|e| self.error(e))?;
        Ok(value.and_then(|value| LeaseEntry::decode(value.value())))
    }

    /// All leases that are not closed.
    pub fn leases(&self) -> Result<Vec<(Pubkey, LeaseEntry)>, IndexError> {
        let table = self.read()?.open_table(LEASES).map_err(|e| self.error(e))?;
        let mut all = Vec::new();
        for row in table.iter().map_err(|e| self.error(e))? {
            let (at, value) = row.map_err(|e| self.error(e))?;
            let entry = LeaseEntry::decode(value.value());
            all.extend(entry.map(|entry| (Pubkey::new_from_array(at.value()), entry)));
        }
        Ok(all)
    }

    /// The leases that need an object.
    pub fn leases_of(&self, object: &[u8; 32]) -> Result<Vec<(Pubkey, LeaseEntry)>, IndexError> {
        let read = self.read()?;
        let references = read.open_multimap_table(REFERENCES).map_err(|e| self.error(e))?;
        let leases = read.open_table(LEASES).map_err(|e| self.error(e))?;
        let mut found = Vec::new();
        for at in references.get(object).map_err(|e| self.error(e))? {
            let at = at.map_err(|e| self.error(e))?.value();
            let entry = leases.get(at).map_err(|e| self.error(e))?;
            let entry = entry.and_then(|value| LeaseEntry::decode(value.value()));
            found.extend(entry.map(|entry| (Pubkey::new_from_array(at), entry)));
        }
        Ok(found)
    }

    /// Works in what was seen and moves the cursor, both or neither: a daemon that dies here sees the same again.
    pub fn saw(&self, seen: &[Seen], cursor: Option<&Signature>) -> Result<(), IndexError> {
        let write = self.write()?;
        for (at, entry) in seen {
            self.saw_one(&write, at, entry.as_ref())?;
        }
        if let Some(cursor) = cursor {
            let mut meta = write.open_table(META).map_err(|e| self.error(e))?;
            meta.insert("cursor", cursor.as_ref()).map_err(|e| self.error(e))?;
        }
        self.commit(write)
    }

    fn saw_one(
        &self,
        write: &WriteTransaction,
        at: &Pubkey,
        entry: Option<&LeaseEntry>,
    ) -> Result<(), IndexError> {
        let mut leases = write.open_table(LEASES).map_err(|e| self.error(e))?;
        let mut references = write.open_multimap_table(REFERENCES).map_err(|e| self.error(e))?;
        let key = at.to_bytes();
        let known = leases.get(key).map_err(|e| self.error(e))?;
        let known = known.and_then(|value| LeaseEntry::decode(value.value()));
        // Nodes lag behind one another: an older view must not undo a newer one.
        if known.as_ref().zip(entry).is_some_and(|(known, entry)| entry.slot < known.slot) {
            return Ok(());
        }
        for object in known.iter().flat_map(LeaseEntry::objects) {
            references.remove(object, key).map_err(|e| self.error(e))?;
        }
        match entry {
            None => drop(leases.remove(key).map_err(|e| self.error(e))?),
            Some(entry) => {
                leases.insert(key, &*entry.encode()).map_err(|e| self.error(e))?;
                for object in entry.objects() {
                    references.insert(object, key).map_err(|e| self.error(e))?;
                }
            }
        }
        Ok(())
    }
}
