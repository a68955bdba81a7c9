//! Who acts for whom.

use anchor_lang::prelude::Pubkey;

use super::{DelegateList, DelegateView, FlowError, Session, Step};
use crate::chain::{Fetched, Folder, constants::NO_END};

impl Session {
    pub async fn delegate_list(&self, list: DelegateList) -> Result<Vec<DelegateView>, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        let delegates = match list {
            DelegateList::Given => self.chain().delegates_by_owner(&me).await?,
            DelegateList::Received => self.chain().delegates_by_profile(&me).await?,
        };
        let named: Vec<Pubkey> = delegates.iter().map(|delegate| delegate.folder).collect();
        let folders = self.chain().find_many::<Folder>(&named).await?;
        let now_secs = self.now_secs().await?;
        let view = |(delegate, folder): (&Fetched<crate::chain::Delegate>, &Option<Fetched<Folder>>)| {
            let same = |folder: &Fetched<Folder>| folder.meta.created_slot == delegate.folder_created_slot;
            // A delegation for a folder that is gone lets nobody do anything.
            let stands = delegate.covers_all() || folder.as_ref().is_some_and(same);
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
        Ok(delegates.iter().zip(&folders).map(view).collect())
    }
}
