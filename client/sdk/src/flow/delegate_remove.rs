//! Ending a delegation, as the owner or as the delegate who resigns.

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, Receipt, Session, Step,
    folder_rotate::would_be_refused,
    staged::{Staged, Unit},
};
use crate::chain::{
    Delegate, Fetched, Folder, address,
    instruction::{self, Actor},
};

impl Session {
    /// Ends the delegation that oneself has given to `delegate`.
    ///
    /// A delegate that was to use the key of one folder leaves it due for rotation: the owner rotates it in the same
    /// transaction. A grant of the delegate is another matter, and is revoked by itself.
    pub async fn delegate_remove(&self, delegate: Pubkey) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        match self.chain().find::<Delegate>(&address::delegate(&me, &delegate)).await? {
            Some(found) => self.end_delegation(found).await,
            None => Err(FlowError::NotDelegated { owner: me, delegate }),
        }
    }

    /// Resigns: ends the delegation by which oneself acts for `owner`.
    pub async fn delegate_resign(&self, owner: Pubkey) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        match self.chain().find::<Delegate>(&address::delegate(&owner, &me)).await? {
            Some(found) => self.end_delegation(found).await,
            None => Err(FlowError::NotDelegated { owner, delegate: me }),
        }
    }

    async fn end_delegation(&self, delegate: Fetched<Delegate>) -> Result<Receipt, FlowError> {
        let me = self.profile()?;
        let actor = Actor::owner(self.wallet_address(), me);
        let remove = instruction::delegate::remove(&actor, &delegate);
        if delegate.owner != me || !delegate.needs_seed() || delegate.covers_all() {
            return self.send_alone(vec![remove]).await;
        }
        self.staged("folder", async |staged| {
            let mut unit = Unit { instructions: vec![remove.clone()], ..Unit::default() };
            match self.rotation_without(&delegate, staged).await {
                Ok(follow) => unit.append(follow),
                Err(error) if error.is_stale_state() => return Err(error),
                // Ending it never waits for a store or a reader's keys: the owner's next command rotates.
                Err(_) => {}
            }
            staged.send(unit).await
        })
        .await
    }

    /// The new epoch that follows the removal; nothing where the folder is gone or is another one by now.
    async fn rotation_without(
        &self,
        delegate: &Fetched<Delegate>,
        staged: &mut Staged<'_>,
    ) -> Result<Unit, FlowError> {
        let folder = self.chain().find::<Folder>(&delegate.folder).await?;
        let Some(folder) =
            folder.filter(|folder| folder.meta.created_slot == delegate.folder_created_slot)
        else {
            return Ok(Unit::default());
        };
        let mut after = self.folder_account(folder.address).await?;
        after.account.reader_left().map_err(would_be_refused)?;
        Ok(self.rotation(&after, None, staged).await?.unit)
    }
}
