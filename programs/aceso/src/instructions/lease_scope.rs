use crate::{
    error::AcesoError,
    prelude::*,
    state::{Folder, Lease, LeaseKind, Named, Record},
};

/// What a lease covers: a folder, or a record and its folder. Neither for a profile's bundle.
#[derive(Accounts)]
pub struct LeaseScope<'info> {
    /// The folder, or that of the record, by which a delegate of one folder is known.
    pub folder: Option<AccountLoader<'info, Folder>>,
    pub record: Option<AccountLoader<'info, Record>>,
}

impl LeaseScope<'_> {
    /// Scope of a new lease on something of `owner`, and the folder by which its delegates are known.
    pub fn of_new(&self, kind: LeaseKind, owner: Named) -> Result<(Named, Option<Named>)> {
        match kind {
            LeaseKind::Bundle => Ok((owner, None)),
            LeaseKind::Record => {
                let loader = self.record.as_ref().ok_or(AcesoError::WrongScope)?;
                let record = loader.load()?;
                require_keys_eq!(record.owner, owner.key, AcesoError::WrongOwner);
                let scope = Named { key: loader.key(), created_slot: record.meta.created_slot };
                Ok((scope, self.folder_of(&record)?))
            }
            LeaseKind::Keyring | LeaseKind::Pack => {
                let loader = self.folder.as_ref().ok_or(AcesoError::WrongScope)?;
                let folder = loader.load()?;
                require_keys_eq!(folder.owner, owner.key, AcesoError::WrongOwner);
                let scope = Named { key: loader.key(), created_slot: folder.meta.created_slot };
                Ok((scope, Some(scope)))
            }
        }
    }

    /// The folder by which the delegates of a standing lease are known. Its owner, and whoever may act for every folder,
    /// need none: the scope may be gone long since.
    pub fn folder_of_lease(&self, lease: &Lease) -> Result<Option<Named>> {
        let named = Named { key: lease.scope, created_slot: lease.scope_created_slot };
        let (scope, folder) = if let Some(loader) = &self.record {
            let record = loader.load()?;
            let scope = Named { key: loader.key(), created_slot: record.meta.created_slot };
            (scope, self.folder_of(&record)?)
        } else if let Some(loader) = &self.folder {
            let scope = Named { key: loader.key(), created_slot: loader.load()?.meta.created_slot };
            (scope, Some(scope))
        } else {
            return Ok(None);
        };
        require!(scope == named, AcesoError::WrongScope);
        Ok(folder)
    }

    fn folder_of(&self, record: &Record) -> Result<Option<Named>> {
        let Some(loader) = &self.folder else { return Ok(None) };
        record.require_in(&loader.key())?;
        Ok(Some(Named { key: loader.key(), created_slot: loader.load()?.meta.created_slot }))
    }
}
