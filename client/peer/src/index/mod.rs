//! The daemon's own index: what it knows of leases and objects, in one `redb` file. Every change is one transaction, on disk
//! before it returns. All of it can be rebuilt: leases from the chain, objects from the storage.

mod error;
mod lease;
mod object;

use std::path::{Path, PathBuf};

use aceso_sdk::chain::{Pubkey, Signature};
use redb::{
    Database, MultimapTableDefinition, ReadTransaction, ReadableDatabase, ReadableTable,
    TableDefinition, WriteTransaction,
};

pub use error::IndexError;
pub use lease::{LeaseEntry, Seen};
pub use object::{Block, Condition, ObjectEntry};

type Digest = [u8; 32];

/// Lease address -> slot it was seen at, account bytes.
const LEASES: TableDefinition<Digest, &[u8]> = TableDefinition::new("leases");
/// Object digest -> the leases that need it, in force or pending.
const REFERENCES: MultimapTableDefinition<Digest, Digest> =
    MultimapTableDefinition::new("references");
/// Object digest -> [`ObjectEntry`].
const OBJECTS: TableDefinition<Digest, &[u8]> = TableDefinition::new("objects");
/// Digest of a block or node -> object digest and offset. Two objects may share a block.
const BLOCKS: MultimapTableDefinition<Digest, [u8; 40]> = MultimapTableDefinition::new("blocks");
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");

/// Counted up when a table changes: an index of another form is made anew.
const FORM: u8 = 1;

/// The index of one peer.
pub struct Index {
    database: Database,
    path: PathBuf,
}

impl Index {
    /// Opens the index of `peer`, or makes an empty one. One of another form, or damaged beyond what redb mends is moved
    /// aside: it is rebuilt from the chain. One of another peer is refused: its bytes lie beside it, and by this peer's
    /// leases they would belong to nobody.
    pub fn open(path: &Path, peer: &Pubkey) -> Result<Self, IndexError> {
        match Self::try_open(path, peer) {
            Ok(index) => Ok(index),
            Err(error @ (IndexError::Busy { .. } | IndexError::OtherPeer { .. })) => Err(error),
            Err(error) if path.exists() => {
                let aside = path.with_extension("damaged");
                tracing::warn!(%error, aside = %aside.display(), "the index cannot be used; made anew from the chain");
                std::fs::rename(path, &aside).map_err(|e| IndexError::io(path, e))?;
                Self::try_open(path, peer)
            }
            Err(error) => Err(error),
        }
    }

    /// For a command that only looks: nothing is moved aside.
    pub fn open_as_it_is(path: &Path, peer: &Pubkey) -> Result<Self, IndexError> {
        Self::try_open(path, peer)
    }

    fn try_open(path: &Path, peer: &Pubkey) -> Result<Self, IndexError> {
        let database = Database::create(path).map_err(|e| IndexError::open(path, e))?;
        let index = Self { database, path: path.to_owned() };
        let write = index.write()?;
        {
            write.open_table(LEASES).map_err(|e| index.error(e))?;
            write.open_multimap_table(REFERENCES).map_err(|e| index.error(e))?;
            write.open_table(OBJECTS).map_err(|e| index.error(e))?;
            write.open_multimap_table(BLOCKS).map_err(|e| index.error(e))?;
            let mut meta = write.open_table(META).map_err(|e| index.error(e))?;
            let mut expected = vec![FORM];
            expected.extend_from_slice(peer.as_ref());
            let found = meta.get("form").map_err(|e| index.error(e))?.map(|v| v.value().to_vec());
            match found {
                Some(found) if found == expected => {}
                Some(found) if found.first() == Some(&FORM) => {
                    return Err(IndexError::OtherPeer { path: path.to_owned() });
                }
                Some(_) => return Err(IndexError::OtherForm { path: path.to_owned() }),
                None => {
                    meta.insert("form", &*expected).map_err(|e| index.error(e))?;
                }
            }
        }
        index.commit(write)?;
        Ok(index)
    }

    /// The newest transaction of the peer's account that has been worked in; from here a walk through the chain goes on.
    pub fn cursor(&self) -> Result<Option<Signature>, IndexError> {
        let bytes = self.meta("cursor")?;
        Ok(bytes.and_then(|bytes| Signature::try_from(bytes).ok()))
    }

    /// The newest time of the chain that this peer has seen, in any run.
    pub fn clock_secs(&self) -> Result<i64, IndexError> {
        let bytes = self.meta("clock")?;
        let bytes = bytes.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        Ok(bytes.map_or(0, i64::from_le_bytes))
    }

    /// It never goes back.
    pub fn clock_saw(&self, now_secs: i64) -> Result<(), IndexError> {
        if now_secs > self.clock_secs()? {
            self.set_meta("clock", &now_secs.to_le_bytes())?;
        }
        Ok(())
    }

    /// First block of the chain that this index is of.
    pub fn genesis(&self) -> Result<Option<String>, IndexError> {
        let bytes = self.meta("genesis")?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    pub fn set_genesis(&self, genesis: &str) -> Result<(), IndexError> {
        self.set_meta("genesis", genesis.as_bytes())
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, IndexError> {
        let table = self.read()?.open_table(META).map_err(|e| self.error(e))?;
        let value = table.get(name).map_err(|e| self.error(e))?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    fn set_meta(&self, name: &str, value: &[u8]) -> Result<(), IndexError> {
        let write = self.write()?;
        {
            let mut meta = write.open_table(META).map_err(|e| self.error(e))?;
            meta.insert(name, value).map_err(|e| self.error(e))?;
        }
        self.commit(write)
    }

    fn read(&self) -> Result<ReadTransaction, IndexError> {
        self.database.begin_read().map_err(|e| self.error(e))
    }

    fn write(&self) -> Result<WriteTransaction, IndexError> {
        self.database.begin_write().map_err(|e| self.error(e))
    }

    fn commit(&self, write: WriteTransaction) -> Result<(), IndexError> {
        write.commit().map_err(|e| self.error(e))
    }

    fn error(&self, error: impl Into<redb::Error>) -> IndexError {
        IndexError::redb(&self.path, error.into())
    }
}
