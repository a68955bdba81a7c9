use std::collections::HashMap;

use aceso::{
    instructions::Proof,
    state::{Lease, proof::leaf_count},
};
use aceso_sdk::chain::{Pubkey, instruction::proof};

use super::{Engine, execute::DutyError};
use crate::{chain::Sight, duty::in_force};

/// A challenge that cannot be answered: its lease, and whether that has been lost before.
struct Unanswered {
    k: u8,
    lease: Option<(Pubkey, bool)>,
}

impl Engine {
    /// Answers what can be answered, in as few transactions as it fits into. What cannot be is told, and given up only where
    /// the lease is lost already or its grace is over: until then the bytes may come back.
    pub(super) async fn prove(&mut self, sight: &Sight, ks: &[u8]) -> Result<(), DutyError> {
        let by_slot: HashMap<u32, (&Pubkey, &Lease)> = sight
            .leases
            .iter()
            .filter(|(_, entry)| entry.account.has_slot == 1)
            .map(|(at, entry)| (entry.account.slot, (at, &entry.account)))
            .collect();
        let (mut batch, mut unanswered) = (Vec::new(), Vec::new());
        for challenge in sight.ledger.challenges(&sight.beacon, ks)? {
            let k = challenge.k;
            let Some((at, lease)) = by_slot.get(&challenge.slot) else {
                tracing::error!(
                    slot = challenge.slot,
                    k,
                    "a challenge names a lease that is not known here"
                );
                unanswered.push(Unanswered { k, lease: None });
                continue;
            };
            let leased = in_force(lease);
            let leaf = challenge.rest.checked_rem(leaf_count(lease.stored_len)).unwrap_or(0);
            match self.service.holdings.prove(&leased, leaf).await {
                Ok(proven) => {
                    let proof = Proof { k, leaf: proven.leaf, path: proven.path };
                    batch = self.add(sight, batch, (**at, proof)).await?;
                }
                Err(error) => {
                    tracing::error!(lease = %at, k, %error, "a challenge cannot be answered");
                    self.tell_damaged(&leased.address.digest);
                    unanswered.push(Unanswered { k, lease: Some((**at, lease.is_lost())) });
                }
            }
        }
        self.submit(sight, batch).await?;
        self.give_up(sight, unanswered).await
    }

    /// Adds a proof, and sends those before it once they fill a transaction.
    async fn add(
        &mut self,
        sight: &Sight,
        mut batch: Vec<(Pubkey, Proof)>,
        next: (Pubkey, Proof),
    ) -> Result<Vec<(Pubkey, Proof)>, DutyError> {
        batch.push(next);
        if batch.len() == 1
            || self.sender.fits(&[proof::submit(&sight.peer.address, batch.clone())])
        {
            return Ok(batch);
        }
        let last = batch.pop();
        self.submit(sight, batch).await?;
        Ok(last.into_iter().collect())
    }

    async fn submit(
        &mut self,
        sight: &Sight,
        batch: Vec<(Pubkey, Proof)>,
    ) -> Result<(), DutyError> {
        if batch.is_empty() {
            return Ok(());
        }
        let count = batch.len();
        let sent = self.sender.send(vec![proof::submit(&sight.peer.address, batch)]).await?;
        tracing::info!(proofs = count, signature = %sent.signature, "proven");
        Ok(())
    }

    async fn give_up(
        &mut self,
        sight: &Sight,
        unanswered: Vec<Unanswered>,
    ) -> Result<(), DutyError> {
        let over = sight.ledger.head.is_past_grace(&sight.beacon);
        let (mut open, mut batch) = (0, Vec::new());
        for Unanswered { k, lease } in unanswered {
            let Some((at, lost)) = lease.filter(|(_, lost)| *lost || over) else {
                open += 1;
                continue;
            };
            match lost {
                true => tracing::warn!(lease = %at, k, "a challenge of a lost lease is given up"),
                false => {
                    tracing::error!(lease = %at, k, "a lease is lost: its bytes did not come back within the grace");
                }
            }
            let found = self.chain.fetch::<Lease>(&at).await?;
            batch.push(proof::debt_default(&found, k));
            if batch.len() > 1 && !self.sender.fits(&batch) {
                let last = batch.pop();
                self.sender.send(batch).await?;
                batch = last.into_iter().collect();
            }
        }
        if !batch.is_empty() {
            self.sender.send(batch).await?;
        }
        if open > 0 {
            return Err(DutyError::Lost(format!(
                "{open} challenges cannot be answered, because bytes are damaged or gone; `aceso-peer status` lists them, so let their owners send them again"
            )));
        }
        Ok(())
    }
}
