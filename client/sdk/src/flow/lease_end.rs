//! The ends of leases, and longer ones: cancel, extend, and get back what is one's own.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, LeaseClaimed, LeaseDue, LeaseList, LeaseState, LeaseView, MintView, Session, Step,
};
use crate::chain::{
    Instruction,
    instruction::{lease_end, proof},
};

impl Session {
    /// Ends a lease now. What the peer has proven stays paid; the rest comes back with it. Its account is closed when the
    /// peer owes no proof any more: [`Session::lease_claim`] does it later.
    pub async fn lease_cancel(&self, lease: Pubkey) -> Result<LeaseClaimed, FlowError> {
        self.watch().step(Step::Checking);
        let view = self.lease_show(lease).await?;
        if view.lease.is_ended() {
            return Err(FlowError::LeaseOver { lease });
        }
        let mut claimed = LeaseClaimed::default();
        let (before, scope) = (view.lease, self.scope_of(&view.lease).await?);
        let actor = self.lessee(&before, &scope).await?;
        let mut group = vec![lease_end::cancel(&actor, &scope.scope(), &before)];
        let offered = !before.is_live();
        if offered {
            group.extend(self.claim_instructions(&before, before.escrow).await?);
            group.push(lease_end::close(&before));
        }
        claimed.receipt.extend(self.send_leases(vec![group]).await?);
        claimed.ended.push(lease);
        if offered {
            claimed.closed.push(lease);
            claimed.rent_lamports = before.lamports;
            claimed.tokens.extend(view.mint.map(|mint| (mint, before.escrow)));
            return Ok(claimed);
        }
        let rest = self.lease_claim(Some(vec![lease])).await?;
        claimed.receipt.extend(rest.receipt);
        Ok(LeaseClaimed {
            receipt: claimed.receipt,
            ended: claimed.ended,
            closed: rest.closed,
            tokens: rest.tokens,
            rent_lamports: rest.rent_lamports,
            left: rest.left,
        })
    }

    /// Ends every lease of one's own on a record, a folder or a profile: of what is gone, nobody keeps paying for copies.
    pub async fn lease_cancel_all(&self, scope: Pubkey) -> Result<LeaseClaimed, FlowError> {
        let me = self.profile()?;
        let mut claimed = LeaseClaimed::default();
        for lease in self.leases_by("scope", &scope).await? {
            if lease.owner != me || lease.is_ended() {
                continue;
            }
            match self.lease_cancel(lease.address).await {
                Ok(cancelled) => claimed.add(cancelled),
                Err(error) if error.stops_everything() => return Err(error),
                Err(error) => claimed.left.push((lease.address, error.to_string())),
            }
        }
        Ok(claimed)
    }

    /// Takes back what can be had of leases: expired offers, leases that are over, refunds and penalties, rent. Of all of
    /// one's own, or of these. What cannot be done yet is named, and keeps nothing else from being done.
    pub async fn lease_claim(
        &self,
        leases: Option<Vec<Pubkey>>,
    ) -> Result<LeaseClaimed, FlowError> {
        self.watch().step(Step::Tidying);
        let mut claimed = LeaseClaimed::default();
        let mut tokens: BTreeMap<Pubkey, (MintView, u64)> = BTreeMap::new();
        let views = match &leases {
            None => self.lease_list(LeaseList::Own).await?,
            Some(leases) => self.lease_views_of(leases).await?,
        };
        for mut view in views {
            let lease = view.lease.address;
            if matches!(view.state, LeaseState::Ended(_)) && view.due.is_none() {
                let why = "its peer still owes proofs; its rent comes back after that".to_owned();
                claimed.left.push((lease, why));
            }
            // Each step makes the next one possible.
            while let Some(due) = view.due {
                let owed = view.lease.owed;
                match self.settle_due(&view, due).await {
                    Ok(receipt) => claimed.receipt.extend(receipt),
                    Err(error) if error.stops_everything() => return Err(error),
                    Err(error) => {
                        claimed.left.push((lease, error.to_string()));
                        break;
                    }
                }
                match due {
                    LeaseDue::Claim => {
                        if let Some(mint) = &view.mint {
                            let entry =
                                tokens.entry(mint.mint).or_insert_with(|| (mint.clone(), 0));
                            entry.1 = entry.1.saturating_add(owed);
                        }
                    }
                    LeaseDue::Expire | LeaseDue::End => claimed.ended.push(lease),
                    LeaseDue::Close => {
                        claimed.closed.push(lease);
                        claimed.rent_lamports += view.lease.lamports;
                        break;
                    }
                    LeaseDue::Apply => {}
                }
                let before = due;
                view = self.lease_show(lease).await?;
                if view.due == Some(before) {
                    // The node lags behind its own answer; the next command goes on.
                    break;
                }
            }
        }
        claimed.tokens = tokens.into_values().collect();
        Ok(claimed)
    }

    async fn settle_due(
        &self,
        view: &LeaseView,
        due: LeaseDue,
    ) -> Result<super::Receipt, FlowError> {
        let lease = &view.lease;
        let group: Vec<Instruction> = match due {
            LeaseDue::Expire => vec![lease_end::expire(lease)],
            LeaseDue::End => vec![lease_end::end(lease)],
            LeaseDue::Claim => self.claim_instructions(lease, lease.owed).await?,
            LeaseDue::Apply => vec![proof::set_apply(&lease.peer, &[lease.address])],
            LeaseDue::Close => vec![lease_end::close(lease)],
        };
        self.send_leases(vec![group]).await
    }
}
