//! More epochs for a lease. It is in the journal, so that a command that was killed does not pay twice when it is run again.

use aceso::state::Lease;
use anchor_lang::prelude::Pubkey;
use serde::{Deserialize, Serialize};

use super::{
    ExtensionPlan, FlowError, LeaseExtended, Receipt, Session, Step, token::token_address,
};
use crate::{
    chain::{
        Fetched,
        instruction::lease::{self, Funds},
    },
    home::JournalAction,
};

/// Kind of the journal's actions that are made here.
const KIND: &str = "lease extend";

#[derive(Serialize, Deserialize)]
struct Intent {
    lease: String,
    epochs: u32,
    until_epoch: u64,
}

impl Session {
    /// What more epochs of a lease cost, at the price that it was opened at.
    pub async fn lease_extension(
        &self,
        lease: Pubkey,
        term_secs: i64,
    ) -> Result<ExtensionPlan, FlowError> {
        self.watch().step(Step::Checking);
        let market = self.market().await?;
        let epochs = market.epochs(term_secs)?;
        let view = self.lease_show(lease).await?;
        if !view.lease.is_live() {
            return Err(FlowError::LeaseOver { lease });
        }
        let mint = view.mint.ok_or(FlowError::Missing { what: "mint", address: lease })?;
        let is_done = self.interrupted_extension(&view.lease, epochs)?;
        let more = if is_done { 0 } else { u64::from(epochs) };
        let total = view.lease.price.checked_mul(more).ok_or(FlowError::CostOverflow)?;
        let source = token_address(&self.wallet_address(), &mint);
        let balance = self.token_balance(&source, &mint).await?.unwrap_or(0);
        let until_epoch = view.lease.until_epoch.saturating_add(more);
        let until_secs =
            i64::try_from(until_epoch).unwrap_or(i64::MAX).saturating_mul(view.epoch_secs);
        Ok(ExtensionPlan { lease, epochs, mint, total, balance, until_epoch, until_secs, is_done })
    }

    /// Whether an interrupted command was to extend it by as much, and has. (The fate of its transaction was settled when
    /// the session was opened.) What it has not done is forgotten.
    fn interrupted_extension(
        &self,
        lease: &Fetched<Lease>,
        epochs: u32,
    ) -> Result<bool, FlowError> {
        let mut is_done = false;
        for action in self.extensions()? {
            let intent: Intent = action.intent()?;
            if intent.lease == lease.address.to_string() && intent.epochs == epochs {
                is_done |= lease.until_epoch == intent.until_epoch;
                action.end()?;
            }
        }
        Ok(is_done)
    }

    fn extensions(&self) -> Result<impl Iterator<Item = JournalAction>, FlowError> {
        let unfinished = self.home().journal().unfinished()?.actions;
        Ok(unfinished.into_iter().filter(|action| action.kind() == KIND))
    }

    /// Does what the plan says, unless the lease has changed since.
    pub async fn lease_extend(&self, plan: ExtensionPlan) -> Result<LeaseExtended, FlowError> {
        let ExtensionPlan { mint, total, until_epoch, until_secs, .. } = plan.clone();
        let lease = plan.lease;
        let extended =
            |receipt| LeaseExtended { lease, until_epoch, until_secs, paid: total, mint, receipt };
        if plan.is_done {
            return Ok(extended(Receipt::default()));
        }
        let source = token_address(&self.wallet_address(), &plan.mint);
        if plan.balance < plan.total {
            return Err(FlowError::TokensShort {
                account: source,
                have: plan.mint.show(plan.balance),
                need: plan.mint.show(plan.total),
            });
        }
        let before = self.lease_account(lease).await?;
        if before.until_epoch.saturating_add(u64::from(plan.epochs)) != until_epoch {
            return Err(FlowError::LeaseChangedSince { lease });
        }
        let peer = self.chain().fetch(&before.peer).await?;
        let scope = self.scope_of(&before).await?;
        let actor = self.lessee(&before, &scope).await?;
        let funds = Funds { funder: self.wallet_address(), source };
        let extend = lease::extend(&actor, &scope.scope(), &peer, &before, funds, plan.epochs);
        let intent = Intent { lease: lease.to_string(), epochs: plan.epochs, until_epoch };
        let action = self.home().journal().begin(KIND, &intent, &[])?;
        let sent = self.send_leases(vec![vec![extend]]).await;
        if !sent.as_ref().is_err_and(FlowError::may_have_taken_effect) {
            action.end()?;
        }
        Ok(extended(sent?))
    }
}
