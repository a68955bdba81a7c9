use aceso_format::{
    BlobAddress,
    address::{BLOCK_LEN, Cid, Codec, Node},
};
use redb::ReadableTable;

use super::{BLOCKS, Index, IndexError, OBJECTS};

/// How an object was found when it was last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Condition {
    Sound,
    /// Its bytes are others than the leased ones.
    Rotten,
    /// It is gone.
    Missing,
}

/// An object that this peer holds, or held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectEntry {
    pub address: BlobAddress,
    pub root: [u8; 32],
    /// Chain time of the last whole reading: when it was stored, or scrubbed.
    pub read_at_secs: i64,
    pub condition: Condition,
}

/// Where the bytes of a CID are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// So many bytes of the object, from there.
    Leaf { offset: u64, len: u64 },
    /// A node above its leaves, which is computed.
    Node,
}

const NODE: u64 = u64::MAX;
const ENTRY_LEN: usize = 8 + 32 + 8 + 1;

impl ObjectEntry {
    fn encode(&self) -> [u8; ENTRY_LEN] {
        let mut bytes = [0; ENTRY_LEN];
        bytes[..8].copy_from_slice(&self.address.len.to_le_bytes());
        bytes[8..40].copy_from_slice(&self.root);
        bytes[40..48].copy_from_slice(&self.read_at_secs.to_le_bytes());
        bytes[48] = self.condition as u8;
        bytes
    }

    fn decode(digest: [u8; 32], bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; ENTRY_LEN] = bytes.try_into().ok()?;
        let (len, rest) = bytes.split_first_chunk::<8>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (read_at, rest) = rest.split_first_chunk::<8>()?;
        let condition = match rest {
            [0] => Condition::Sound,
            [1] => Condition::Rotten,
            _ => Condition::Missing,
        };
        Some(Self {
            address: BlobAddress { digest, len: u64::from_le_bytes(*len) },
            root: *root,
            read_at_secs: i64::from_le_bytes(*read_at),
            condition,
        })
    }
}

impl Index {
    pub fn object(&self, digest: &[u8; 32]) -> Result<Option<ObjectEntry>, IndexError> {
        let table = self.read()?.open_table(OBJECTS).map_err(|e| self.error(e))?;
        let value = table.get(digest).map_err(|e| self.error(e))?;
        Ok(value.and_then(|value| ObjectEntry::decode(*digest, value.value())))
    }

    pub fn objects(&self) -> Result<Vec<ObjectEntry>, IndexError> {
        let table = self.read()?.open_table(OBJECTS).map_err(|e| self.error(e))?;
        let mut all = Vec::new();
        for row in table.iter().map_err(|e| self.error(e))? {
            let (digest, value) = row.map_err(|e| self.error(e))?;
            all.extend(ObjectEntry::decode(digest.value(), value.value()));
        }
        Ok(all)
    }

    /// Notes an object with the digests of its leaves, and the nodes above them.
    pub fn object_put(
        &self,
        entry: &ObjectEntry,
        leaves: &[[u8; 32]],
        nodes: &[Node],
    ) -> Result<(), IndexError> {
        let digest = entry.address.digest;
        let write = self.write()?;
        {
            let mut objects = write.open_table(OBJECTS).map_err(|e| self.error(e))?;
            objects.insert(digest, entry.encode().as_slice()).map_err(|e| self.error(e))?;
            let mut blocks = write.open_multimap_table(BLOCKS).map_err(|e| self.error(e))?;
            let leaves = leaves.iter().zip((0..).step_by(BLOCK_LEN as usize));
            let nodes = nodes.iter().map(|node| (&node.cid.digest, NODE));
            for (block, offset) in leaves.chain(nodes) {
                blocks.insert(block, place(&digest, offset)).map_err(|e| self.error(e))?;
            }
        }
        self.commit(write)
    }

    /// How an object was found.
    pub fn object_read(
        &self,
        digest: &[u8; 32],
        condition: Condition,
        read_at_secs: i64,
    ) -> Result<(), IndexError> {
        let Some(mut entry) = self.object(digest)? else { return Ok(()) };
        (entry.condition, entry.read_at_secs) = (condition, read_at_secs);
        let write = self.write()?;
        {
            let mut objects = write.open_table(OBJECTS).map_err(|e| self.error(e))?;
            objects.insert(digest, entry.encode().as_slice()).map_err(|e| self.error(e))?;
        }
        self.commit(write)
    }

    /// Forgets an object whose bytes are deleted.
    pub fn object_remove(
        &self,
        digest: &[u8; 32],
        leaves: &[[u8; 32]],
        nodes: &[Node],
    ) -> Result<(), IndexError> {
        let write = self.write()?;
        {
            let mut objects = write.open_table(OBJECTS).map_err(|e| self.error(e))?;
            objects.remove(digest).map_err(|e| self.error(e))?;
            let mut blocks = write.open_multimap_table(BLOCKS).map_err(|e| self.error(e))?;
            let leaves = leaves.iter().zip((0..).step_by(BLOCK_LEN as usize));
            let nodes = nodes.iter().map(|node| (&node.cid.digest, NODE));
            for (block, offset) in leaves.chain(nodes) {
                blocks.remove(block, place(digest, offset)).map_err(|e| self.error(e))?;
            }
        }
        self.commit(write)
    }

    /// Every place where the block of that CID is.
    pub fn blocks(&self, cid: &Cid) -> Result<Vec<(ObjectEntry, Block)>, IndexError> {
        let table = self.read()?.open_multimap_table(BLOCKS).map_err(|e| self.error(e))?;
        let mut found = Vec::new();
        for row in table.get(cid.digest).map_err(|e| self.error(e))? {
            let row = row.map_err(|e| self.error(e))?.value();
            let Some((digest, offset)) = row.split_first_chunk::<32>() else { continue };
            let Ok(offset) = offset.try_into().map(u64::from_le_bytes) else { continue };
            let Some(entry) = self.object(digest)? else { continue };
            let block = match (offset, cid.codec) {
                (NODE, Codec::DagPb) => Block::Node,
                (offset, Codec::Raw) if offset < entry.address.len => {
                    Block::Leaf { offset, len: BLOCK_LEN.min(entry.address.len - offset) }
                }
                _ => continue,
            };
            found.push((entry, block));
        }
        Ok(found)
    }
}

fn place(digest: &[u8; 32], offset: u64) -> [u8; 40] {
    let mut place = [0; 40];
    place[..32].copy_from_slice(digest);
    place[32..].copy_from_slice(&offset.to_le_bytes());
    place
}
