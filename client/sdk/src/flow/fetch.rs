//! What the node says, held against what was seen before. With a second node, both are asked for folders, records, grants
//! and requests that an action relies on, for the grants of a scope, and for profiles seen for the first time. Whose turn
//! it is (delegations of one's own, the keys of a profile known already) only the first node is asked.

use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;
use bytes::Bytes;

use super::{FlowError, Scope, Session};
use crate::{
    chain::{
        ChainError, Delegate, Fetched, Folder, Grant, Kind, Profile, Record, Request, address,
        constants::CAN_NEEDS_SEED, instruction::Actor,
    },
    home::HomeError,
};

/// A folder, or a record with its folder: what a grant may be about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub folder: Fetched<Folder>,
    pub record: Option<Fetched<Record>>,
}

impl Place {
    pub fn scope(&self) -> crate::chain::instruction::Scope<'_> {
        match &self.record {
            Some(record) => crate::chain::instruction::Scope::Record(record),
            None => crate::chain::instruction::Scope::Folder(&self.folder),
        }
    }
}

impl Session {
    pub(super) async fn profile_account(
        &self,
        profile: Pubkey,
    ) -> Result<Fetched<Profile>, FlowError> {
        match self.chain().fetch::<Profile>(&profile).await {
            Err(ChainError::AccountMissing { .. } | ChainError::AccountWrong { .. }) => {
                Err(FlowError::ProfileMissing { profile })
            }
            other => Ok(other?),
        }
    }

    /// Refused when older than what was seen. It is remembered itself only once its keyring was checked: one lie must
    /// not make the truth look old.
    pub(super) async fn folder_account(
        &self,
        folder: Pubkey,
    ) -> Result<Fetched<Folder>, FlowError> {
        let folder = self.existing::<Folder>(folder).await?;
        self.not_older(&folder.address, self.home().folder_check(&folder))?;
        Ok(folder)
    }

    /// As [`Session::folder_account`]; remembered once its head was checked.
    pub(super) async fn record_account(
        &self,
        record: Pubkey,
    ) -> Result<Fetched<Record>, FlowError> {
        let record = self.existing::<Record>(record).await?;
        self.not_older(&record.address, self.home().record_check(&record))?;
        Ok(record)
    }

    pub(super) async fn grant_account(&self, grant: Pubkey) -> Result<Fetched<Grant>, FlowError> {
        self.existing(grant).await
    }

    pub(super) async fn request_account(
        &self,
        request: Pubkey,
    ) -> Result<Fetched<Request>, FlowError> {
        self.existing(request).await
    }

    /// What a grant is about, as it is now: a record may have moved since.
    pub(super) async fn place(&self, scope: Scope) -> Result<Place, FlowError> {
        match scope {
            Scope::Folder(folder) => {
                Ok(Place { folder: self.folder_account(folder).await?, record: None })
            }
            Scope::Record(record) => {
                let record = self.record_account(record).await?;
                Ok(Place {
                    folder: self.folder_account(record.folder).await?,
                    record: Some(record),
                })
            }
        }
    }

    /// A blob that an account names, as the account names it now. Writers let go of what they have replaced, so a blob that
    /// is away may be away because the account was changed since it was read: a state to look at again, no lost blob.
    pub(super) async fn named_bytes<T: Kind>(
        &self,
        account: &Fetched<T>,
        named: impl Fn(&T) -> BlobAddress,
        most: u64,
    ) -> Result<Bytes, FlowError> {
        let (blob, what, address) = (named(account), T::NAME, account.address);
        let error = match self.store().get_bytes(blob, most).await {
            Ok(bytes) => return Ok(bytes),
            Err(error) => error,
        };
        match self.chain().find::<T>(&address).await {
            Ok(Some(now)) if named(&now) != blob => {
                Err(FlowError::ChangedMeanwhile { what, address })
            }
            Ok(None) => Err(FlowError::Missing { what, address }),
            // What the store said is what helps.
            _ => Err(error.into()),
        }
    }

    /// Grants on a folder or record. `count` is what the account says there are: a node that hides one is found out.
    pub(super) async fn grants_on(
        &self,
        scope: &Pubkey,
        count: u32,
    ) -> Result<Vec<Fetched<Grant>>, FlowError> {
        let mut tries = 0;
        loop {
            let grants = self.chain().grants_by_scope_confirmed(scope).await?;
            if grants.len() == count as usize {
                return Ok(grants);
            }
            tries += 1;
            // A grant may have come or gone between the two questions; the caller's state is stale then.
            if tries == 3 {
                let (found, seen) = (grants.len() as u64, u64::from(count));
                return Err(FlowError::ListIncomplete {
                    what: "grants",
                    scope: *scope,
                    found,
                    seen,
                });
            }
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    }

    /// Oneself, in the role that one has for `owner`'s folder: as the owner, or as a delegate with `capability`.
    pub(super) async fn actor(
        &self,
        owner: &Pubkey,
        folder: &Pubkey,
        capability: u16,
    ) -> Result<Actor, FlowError> {
        let me = self.profile()?;
        let wallet = self.wallet_address();
        if me == *owner {
            return Ok(Actor::owner(wallet, me));
        }
        let delegation = self.chain().find::<Delegate>(&address::delegate(owner, &me)).await?;
        let action = capability_name(capability);
        let allowed = delegation.is_some_and(|delegation| {
            (delegation.covers_all() || delegation.folder == *folder)
                && delegation.capabilities & capability != 0
        });
        if !allowed {
            return Err(FlowError::NotAllowed { actor: me, action });
        }
        let actor = Actor::delegate(wallet, me, owner);
        Ok(if capability & CAN_NEEDS_SEED != 0 { actor.reading(folder) } else { actor })
    }

    /// Oneself, as the owner of something.
    pub(super) fn owner_actor(&self) -> Result<Actor, FlowError> {
        Ok(Actor::owner(self.wallet_address(), self.profile()?))
    }

    pub(super) async fn now_secs(&self) -> Result<i64, FlowError> {
        Ok(self.chain().rpc.time().await?.unix_secs)
    }

    /// That an address was made anew, which this software never does, is believed when a second node has said so too: one
    /// that says it alone could show any old state.
    fn not_older(&self, scope: &Pubkey, checked: Result<(), HomeError>) -> Result<(), FlowError> {
        match checked {
            Err(HomeError::MadeAnew { .. }) if self.chain().verify_rpc.is_some() => {
                Ok(self.home().pin_forget(scope)?)
            }
            other => Ok(other?),
        }
    }

    async fn existing<T: Kind>(&self, at: Pubkey) -> Result<Fetched<T>, FlowError> {
        match self.chain().account_confirmed::<T>(&at).await {
            Err(ChainError::AccountMissing { kind, address }) => {
                Err(FlowError::Missing { what: kind, address })
            }
            other => Ok(other?),
        }
    }
}

fn capability_name(capability: u16) -> &'static str {
    use crate::chain::constants::*;
    match capability {
        CAN_CREATE => "file records",
        CAN_ANSWER => "answer requests",
        CAN_GRANT => "grant",
        CAN_REVOKE => "revoke",
        CAN_ROTATE => "rotate or reseal",
        _ => "act",
    }
}
