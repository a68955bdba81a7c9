//! Saying yes: the grant that was asked for, or less.

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, GrantCreated, RequestApprove, Session, Step,
    request_rules::{scope_asked, terms_given},
};
use crate::chain::{constants::CAN_ANSWER, instruction};

impl Session {
    /// Makes the grant that was asked for, or less, and gives the deposit back, in one transaction. Sealing to the
    /// requester is the same as in [`Session::grant_create`].
    pub async fn request_approve(
        &self,
        request: Pubkey,
        approve: RequestApprove,
    ) -> Result<GrantCreated, FlowError> {
        let owner = self.request_account(request).await?.owner;
        let maintained = self.maintain_first(&owner).await?;
        let approved = self
            .staged("folder or record", async |staged| {
                self.watch().step(Step::Checking);
                let request = self.request_account(request).await?;
                let scope = approve.scope.or(scope_asked(&request));
                let scope = scope.ok_or(FlowError::ScopeNeeded { request: request.address })?;
                let terms = terms_given(&request, scope, approve.terms, self.now_secs().await?)?;
                let owner = self.place(scope).await?.scope().owner();
                if owner != request.owner {
                    return Err(FlowError::OtherOwner { scope, owner: request.owner });
                }
                let mut prepared =
                    self.prepare_grant(scope, request.requester, CAN_ANSWER, staged).await?;
                let grant = prepared.grant();
                let actor = self.actor(&owner, &grant.scope().folder(), CAN_ANSWER).await?;
                let (payer, reader) = (self.payer_address(), &prepared.reader.account);
                let answer = instruction::request::approve(
                    payer,
                    &actor,
                    &request,
                    &grant,
                    reader,
                    terms.to_chain(),
                );
                let mut unit = std::mem::take(&mut prepared.unit);
                unit.instructions.push(answer);
                let receipt = staged.send(unit).await?;
                Ok(prepared.created(receipt))
            })
            .await?;
        Ok(GrantCreated { maintained, ..approved })
    }
}
