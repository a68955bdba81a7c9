//! Grants as the chain shows them; changing dates, and clearing away what has ended.

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, GrantList, GrantState, GrantTerms, GrantUpdate, GrantView, Receipt, Session,
    grant_revoke::scope_of,
};
use crate::chain::{
    Fetched, Folder, Grant, Purpose, Record, Terms,
    constants::{CAN_GRANT, NO_END},
    instruction,
};

impl Session {
    pub async fn grant_list(&self, list: GrantList) -> Result<Vec<GrantView>, FlowError> {
        let me = self.profile()?;
        let grants = match list {
            GrantList::Given { scope: None } => self.chain().grants_by_owner(&me).await?,
            GrantList::Given { scope: Some(scope) } => {
                self.chain().grants_by_scope(&scope.address()).await?
            }
            GrantList::Received => self.chain().grants_by_reader(&me).await?,
        };
        let now_secs = self.now_secs().await?;
        let mut views = Vec::with_capacity(grants.len());
        for grant in grants {
            let state = self.grant_state(&grant, now_secs).await?;
            views.push(view(&grant, state)?);
        }
        Ok(views)
    }

    async fn grant_state(
        &self,
        grant: &Fetched<Grant>,
        now_secs: i64,
    ) -> Result<GrantState, FlowError> {
        let created_slot = match scope_of(grant) {
            super::Scope::Folder(folder) => {
                self.chain().find::<Folder>(&folder).await?.map(|folder| folder.meta.created_slot)
            }
            super::Scope::Record(record) => {
                self.chain().find::<Record>(&record).await?.map(|record| record.meta.created_slot)
            }
        };
        Ok(if created_slot != Some(grant.scope_created_slot) {
            GrantState::Void
        } else if now_secs > grant.until_secs {
            GrantState::Ended
        } else if now_secs < grant.from_secs {
            GrantState::NotBegun
        } else {
            GrantState::Live
        })
    }

    /// Changes dates, purpose or permissions; no key moves.
    pub async fn grant_update(
        &self,
        grant: Pubkey,
        update: GrantUpdate,
    ) -> Result<Receipt, FlowError> {
        self.staged("grant", async |staged| {
            let grant = self.grant_account(grant).await?;
            let place = self.place(scope_of(&grant)).await?;
            let actor = self.actor(&place.folder.owner, &place.folder.address, CAN_GRANT).await?;
            let terms = Terms {
                purpose: update.purpose.map_or(grant.purpose, |purpose| purpose as u8),
                permissions: update.permissions.unwrap_or(grant.permissions),
                from_secs: update.from_secs.unwrap_or(grant.from_secs),
                until_secs: update
                    .until_secs
                    .map_or(grant.until_secs, |until| until.unwrap_or(NO_END)),
            };
            let instructions =
                vec![instruction::grant::update(&actor, place.scope(), &grant.reader, terms)];
            staged.send(super::staged::Unit { instructions, ..Default::default() }).await
        })
        .await
    }

    /// Clears away a grant whose last day is over. Anybody may.
    pub async fn grant_expire(&self, grant: Pubkey) -> Result<Receipt, FlowError> {
        let grant = self.grant_account(grant).await?;
        let place = self.place(scope_of(&grant)).await?;
        self.send_alone(vec![instruction::grant::expire(place.scope(), &grant)]).await
    }
}

fn view(grant: &Fetched<Grant>, state: GrantState) -> Result<GrantView, FlowError> {
    let what = "grant";
    let purpose = Purpose::try_from(grant.purpose)
        .map_err(|_| FlowError::Missing { what, address: grant.address })?;
    Ok(GrantView {
        grant: grant.address,
        scope: scope_of(grant),
        folder: grant.folder,
        owner: grant.owner,
        reader: grant.reader,
        granted_by: grant.granted_by,
        terms: GrantTerms {
            purpose,
            permissions: grant.permissions,
            from_secs: Some(grant.from_secs).filter(|from| *from > 0),
            until_secs: Some(grant.until_secs).filter(|until| *until != NO_END),
        },
        state,
        openings: grant.openings,
        last_opened_at_secs: Some(grant.last_opened_at_secs).filter(|at| *at > 0),
    })
}
