//! How a request ends without a grant: denied, taken back, or cleared away when nobody answered.
//!
//! Only the requester lets the reason go. The owner must not: the digest is the requester's word, and could be that of
//! any blob that the owner keeps.

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, Receipt, Session, Step, request_reason::reason_address, request_rules::refused,
    staged::Unit, staged_part::Named,
};
use crate::chain::{
    Fetched, Instruction, Request, address,
    constants::CAN_ANSWER,
    instruction::{self, Actor},
};

impl Session {
    /// Says no; deposit and rent go back to who paid them. Also after its end: then nothing is kept of the deposit.
    pub async fn request_deny(&self, request: Pubkey) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        let request = self.request_account(request).await?;
        let (wallet, me) = (self.wallet_address(), self.profile()?);
        let actor = if request.owner == me {
            Actor::owner(wallet, me)
        } else {
            self.require_answers(&request, &me).await?;
            // Saying no needs no key of the folder, so the delegate's own grant is not named.
            Actor::delegate(wallet, me, &request.owner)
        };
        self.send_alone(vec![instruction::request::deny(&actor, &request)]).await
    }

    /// Takes one's own request back, with deposit and rent.
    pub async fn request_cancel(&self, request: Pubkey) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        let request = self.request_account(request).await?;
        let me = self.profile()?;
        if request.requester != me {
            return Err(FlowError::NotAllowed { actor: me, action: "take back another's request" });
        }
        let actor = Actor::owner(self.wallet_address(), me);
        self.end_own(&request, instruction::request::cancel(&actor, &request)).await
    }

    /// Clears away a request that nobody answered in time: the network keeps its fee, the rest goes back to who paid it.
    /// Anybody may.
    pub async fn request_expire(&self, request: Pubkey) -> Result<Receipt, FlowError> {
        self.watch().step(Step::Checking);
        let request = self.request_account(request).await?;
        request.require_expired(self.now_secs().await?).map_err(refused)?;
        let instruction = instruction::request::expire(&request);
        if self.profile().is_ok_and(|me| me == request.requester) {
            return self.end_own(&request, instruction).await;
        }
        self.send_alone(vec![instruction]).await
    }

    async fn end_own(
        &self,
        request: &Fetched<Request>,
        instruction: Instruction,
    ) -> Result<Receipt, FlowError> {
        let receipt = self
            .staged("request", async |staged| {
                let (instructions, replaced) = (
                    vec![instruction.clone()],
                    vec![Named { blob: reason_address(request), by: request.address }],
                );
                staged.send(Unit { instructions, replaced, ..Unit::default() }).await
            })
            .await?;
        self.reasons_tidy().await;
        Ok(receipt)
    }

    /// A delegate of one folder answers only what was asked for that folder.
    async fn require_answers(
        &self,
        request: &Fetched<Request>,
        me: &Pubkey,
    ) -> Result<(), FlowError> {
        let at = address::delegate(&request.owner, me);
        let delegation = self.chain().find::<crate::chain::Delegate>(&at).await?;
        let allowed = delegation.is_some_and(|delegation| {
            delegation.capabilities & CAN_ANSWER != 0
                && (delegation.covers_all() || delegation.folder == request.scope)
        });
        if !allowed {
            return Err(FlowError::NotAllowed { actor: *me, action: "answer this request" });
        }
        Ok(())
    }
}
