//! Who acts for whom.

use anchor_lang::prelude::Pubkey;

use super::{DelegateList, DelegateView, FlowError, Session, Step};
use crate::chain::{Delegate, Fetched, Folder, constants::NO_END};

impl Session {
    pub async fn delegate_list(&self, list: DelegateList) -> Result<Vec<DelegateView>, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        let delegates = match list {
            DelegateList::Given => self.chain().delegates_by_owner(&me).await?,
            DelegateList::Received => self.chain().delegates_by_profile(&me).await?,
        };
        let named = delegates
            .iter()
            .filter(|delegate| !delegate.covers_all())
            .map(|delegate| delegate.folder);
        let named: Vec<Pubkey> = named.collect();
        let folders: Vec<_> =
            self.chain().find_many::<Folder>(&named).await?.into_iter().flatten().collect();
        let now_secs = self.now_secs().await?;
        let view = |delegate: &Fetched<Delegate>| {
            // A delegation for a folder that is gone, or was created anew, lets nobody do anything.
            let stands = delegate.covers_all()
                || folders.iter().any(|folder| {
                    folder.address == delegate.folder
                        && folder.meta.created_slot == delegate.folder_created_slot
                });
            DelegateView {
                delegate: delegate.address,
                owner: delegate.owner,
                profile: delegate.profile,
                folder: (!delegate.covers_all()).then_some(delegate.folder),
                capabilities: delegate.capabilities,
                until_secs: (delegate.until_secs != NO_END).then_some(delegate.until_secs),
                ended: now_secs > delegate.until_secs || !stands,
            }
        };
        Ok(delegates.iter().map(view).collect())
    }
}
