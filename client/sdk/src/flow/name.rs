//! What users call things: addresses, names that they gave, or the beginning of an address.

use anchor_lang::prelude::Pubkey;

use super::{FIRST_FOLDER_ID, FlowError, Session};
use crate::{chain::address, home::NameKind};

/// Fewer characters of an address than this are taken for a mistake.
const LEAST_PREFIX: usize = 4;

impl Session {
    /// What to show for an address: its name here, if it has one.
    pub fn name_of(&self, address: &Pubkey) -> Option<String> {
        // A name is a convenience: a book that cannot be read is told of by what needs it.
        self.home().name_of(address).ok().flatten()
    }

    pub async fn profile_named(&self, name: &str) -> Result<Pubkey, FlowError> {
        if let Ok(address) = name.trim().parse() {
            return Ok(address);
        }
        for kind in [NameKind::Contact, NameKind::Profile] {
            if let Some(profile) = self.home().named(kind, name)? {
                return Ok(profile);
            }
        }
        Err(FlowError::NameUnknown { name: name.to_owned() })
    }

    /// `owner`: whose folder; `None` is one's own. Without a name it is the first folder.
    pub async fn folder_named(
        &self,
        owner: Option<Pubkey>,
        name: Option<&str>,
    ) -> Result<Pubkey, FlowError> {
        let owner = match owner {
            Some(owner) => owner,
            None => self.profile()?,
        };
        let Some(name) = name else { return Ok(address::folder(&owner, &FIRST_FOLDER_ID)) };
        if let Ok(address) = name.trim().parse() {
            return Ok(address);
        }
        if let Some(folder) = self.home().named(NameKind::Folder, name)?
            && self
                .chain()
                .find::<crate::chain::Folder>(&folder)
                .await?
                .is_some_and(|found| found.owner == owner)
        {
            return Ok(folder);
        }
        let folders = self.chain().folders_by_owner(&owner).await?;
        one(name, "folder", folders.iter().map(|folder| folder.address))
    }

    /// A record that one owns, has filed or may read: its address, or the beginning of it.
    pub async fn record_named(&self, name: &str) -> Result<Pubkey, FlowError> {
        if let Ok(address) = name.trim().parse() {
            return Ok(address);
        }
        let me = self.profile()?;
        let mut records = self.chain().records_by_owner(&me).await?;
        records.extend(self.chain().records_by_author(&me).await?);
        let mut addresses: Vec<Pubkey> = records.iter().map(|record| record.address).collect();
        addresses.extend(self.shared_records(None).await?.iter().map(|(record, _)| record.address));
        addresses.sort();
        addresses.dedup();
        one(name, "record", addresses.into_iter())
    }
}

pub(super) fn one(
    name: &str,
    what: &'static str,
    among: impl Iterator<Item = Pubkey>,
) -> Result<Pubkey, FlowError> {
    let unknown = || FlowError::NameUnknown { name: name.to_owned() };
    if name.len() < LEAST_PREFIX {
        return Err(unknown());
    }
    let found: Vec<Pubkey> =
        among.filter(|address| address.to_string().starts_with(name)).collect();
    match found.as_slice() {
        [] => Err(unknown()),
        [only] => Ok(*only),
        many => Err(FlowError::NameAmbiguous { name: name.to_owned(), what, count: many.len() }),
    }
}
