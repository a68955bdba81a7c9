use crate::{
    error::AcesoError,
    prelude::*,
    state::{Entry, Folder, Grant, Link, Record},
};

/// What a grant is about: a folder, or a record that lies in it. The chain and the counters of that one move.
pub struct GrantScope<'a, 'info> {
    folder: &'a AccountLoader<'info, Folder>,
    record: Option<&'a AccountLoader<'info, Record>>,
}

impl<'a, 'info> GrantScope<'a, 'info> {
    /// Refuses a record that lies elsewhere.
    pub fn new(
        folder: &'a AccountLoader<'info, Folder>,
        record: Option<&'a AccountLoader<'info, Record>>,
    ) -> Result<Self> {
        if let Some(record) = record {
            record.load()?.require_in(&folder.key())?;
        }
        Ok(Self { folder, record })
    }

    pub fn folder(&self) -> &'a AccountLoader<'info, Folder> {
        self.folder
    }

    /// Nothing: the grant is on the folder.
    pub fn record(&self) -> Option<&'a AccountLoader<'info, Record>> {
        self.record
    }

    pub fn key(&self) -> Pubkey {
        self.record.map_or_else(|| self.folder.key(), |record| record.key())
    }

    fn created_slot(&self) -> Result<u64> {
        Ok(match self.record {
            Some(record) => record.load()?.meta.created_slot,
            None => self.folder.load()?.meta.created_slot,
        })
    }

    fn members_version(&self) -> Result<u32> {
        Ok(match self.record {
            Some(record) => record.load()?.members_version,
            None => self.folder.load()?.members_version,
        })
    }

    pub fn require_members_version(&self, expected: u32) -> Result<()> {
        if self.members_version()? == expected {
            return Ok(());
        }
        match self.record {
            Some(_) => err!(AcesoError::RecordChanged),
            None => err!(AcesoError::FolderChanged),
        }
    }

    pub fn require_grant(&self, grant: &Grant) -> Result<()> {
        grant.require_scope(&self.key(), self.created_slot()?)
    }

    pub fn grant_changed(&self, until_secs: i64) -> Result<()> {
        match self.record {
            Some(record) => record.load_mut()?.grant_changed(),
            None => self.folder.load_mut()?.grant_changed(until_secs),
        }
    }

    pub fn grant_removed(&self, until_secs: i64) -> Result<()> {
        match self.record {
            Some(record) => record.load_mut()?.grant_removed(),
            None => self.folder.load_mut()?.grant_removed(until_secs),
        }
    }

    /// Completes the entry with the epoch or version and the blob in force, and extends the scope's chain.
    pub fn append(&self, entry: Entry) -> Result<(Entry, Link)> {
        match self.record {
            Some(loader) => {
                let mut record = loader.load_mut()?;
                let entry = entry.number(record.version).digest(record.head_digest);
                let link = record.append(loader.key(), &entry)?;
                Ok((entry, link))
            }
            None => {
                let mut folder = self.folder.load_mut()?;
                let entry = entry.number(folder.epoch).digest(folder.keyring_digest);
                let link = folder.append(self.folder.key(), &entry)?;
                Ok((entry, link))
            }
        }
    }
}
