//! Letting others act for one.

use super::{DelegateAdd, FlowError, Receipt, Scope, Session, Step, staged::Unit};
use crate::chain::{
    AcesoError, ChainError, Delegate, Folder, address,
    constants::NO_END,
    instruction::{self, Actor},
};

impl Session {
    /// Lets another profile act for one's folders, or one of them.
    pub async fn delegate_add(&self, add: DelegateAdd) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        if add.profile == me {
            return Err(ChainError::Program(AcesoError::ToOneself).into());
        }
        // Whether one may sign at all.
        self.my_keys().await?;
        // Whoever acts for one signs heads and keyrings: its keys are checked and pinned now.
        self.recipient(add.profile).await?;
        if let Some(folder) = add.folder
            && self.folder_account(folder).await?.owner != me
        {
            return Err(FlowError::OtherOwner { scope: Scope::Folder(folder), owner: me });
        }
        let mut unit = Unit::default();
        if let Some(before) =
            self.chain().find::<Delegate>(&address::delegate(&me, &add.profile)).await?
        {
            if before.until_secs >= self.now_secs().await? && self.folder_stands(&before).await? {
                return Err(FlowError::DelegateExists { profile: add.profile });
            }
            // One that has ended makes room in the same transaction.
            let owner = Actor::owner(self.wallet_address(), me);
            unit.instructions.push(instruction::delegate::remove(&owner, &before));
        }
        let owner = self.profile_account(me).await?;
        let until_secs = add.until_secs.unwrap_or(NO_END);
        unit.instructions.push(instruction::delegate::add(
            self.payer_address(),
            &owner,
            add.profile,
            add.folder,
            add.capabilities,
            until_secs,
        ));
        self.send_alone(unit.instructions).await
    }

    /// Whether the one folder of a delegation is still the one that it was given for.
    pub(super) async fn folder_stands(&self, delegate: &Delegate) -> Result<bool, FlowError> {
        if delegate.covers_all() {
            return Ok(true);
        }
        let folder = self.chain().find::<Folder>(&delegate.folder).await?;
        Ok(folder.is_some_and(|folder| folder.meta.created_slot == delegate.folder_created_slot))
    }
}
