//! Revoking: the grant ends and its reader is shut out of what comes after, in one transaction.

use std::collections::HashSet;

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, GrantRevoked, LeftOut, Receipt, Scope, Session, Step,
    fetch::Place,
    folder_rotate::{ScopeState, would_be_refused},
    record_head::{Target, head_address},
    staged::{Staged, Unit},
    staged_part::Named,
};
use crate::chain::{
    Fetched, Grant, ScopeKind,
    constants::{CAN_REVOKE, CAN_ROTATE},
    instruction,
};

/// What follows a revocation in its transaction.
#[derive(Default)]
struct Follow {
    unit: Unit,
    epoch: Option<u32>,
    remaining: Vec<Pubkey>,
    left_out: Vec<LeftOut>,
}

impl Session {
    /// Ends a grant and shuts its reader out of what comes after, in one transaction.
    ///
    /// Ending it never waits: when the new epoch or head cannot be made (a delegate without the key, a store that is
    /// down), the grant ends all the same, and `unfinished` says what is left to do.
    pub async fn grant_revoke(&self, grant: Pubkey) -> Result<GrantRevoked, FlowError> {
        self.staged("folder or record", async |staged| {
            self.watch().step(Step::Checking);
            let grant = self.grant_account(grant).await?;
            let place = self.place(scope_of(&grant)).await?;
            let actor = self.actor(&place.folder.owner, &place.folder.address, CAN_REVOKE).await?;
            let mut unit = Unit::default();
            unit.instructions.push(instruction::grant::revoke(&actor, place.scope(), &grant));
            let follow = match place.record {
                None => self.shut_out_of_folder(&place, &grant, staged).await,
                Some(_) => self.shut_out_of_record(&place, &grant, staged).await,
            };
            let (follow, unfinished) = match follow {
                Ok(follow) => (follow, None),
                Err(error) if error.is_stale_state() => return Err(error),
                Err(error) => (Follow::default(), Some(error)),
            };
            unit.append(follow.unit);
            let receipt: Receipt = staged.send(unit).await?;
            Ok(GrantRevoked {
                grant: grant.address,
                reader: grant.reader,
                epoch: follow.epoch,
                remaining: follow.remaining,
                left_out: follow.left_out,
                unfinished,
                receipt,
            })
        })
        .await
    }

    async fn shut_out_of_folder(
        &self,
        place: &Place,
        grant: &Fetched<Grant>,
        staged: &mut Staged<'_>,
    ) -> Result<Follow, FlowError> {
        let mut after = place.folder;
        after.account.grant_removed(grant.until_secs).map_err(would_be_refused)?;
        if after.require_sealable(self.now_secs().await?).is_ok() {
            // It had run out before this epoch began: its reader does not know the key.
            return Ok(Follow::default());
        }
        self.require_key_stays(grant)?;
        let rotation = self.rotation(&after, Some(grant.reader), staged).await?;
        let remaining = rotation.members.addresses();
        let (epoch, left_out) = (Some(rotation.after.epoch), rotation.members.left_out);
        Ok(Follow { unit: rotation.unit, epoch, remaining, left_out })
    }

    async fn shut_out_of_record(
        &self,
        place: &Place,
        grant: &Fetched<Grant>,
        staged: &mut Staged<'_>,
    ) -> Result<Follow, FlowError> {
        let Some(record) = place.record else { return Ok(Follow::default()) };
        self.require_key_stays(grant)?;
        let actor = self.actor(&place.folder.owner, &place.folder.address, CAN_ROTATE).await?;
        let access = self.access(&record).await?;
        let (head, opened) = self.head_opened(&record, &access).await?;
        let listed: HashSet<[u8; 32]> =
            head.claims().grants.iter().map(|(reader, _)| *reader).collect();
        let scope = ScopeState {
            address: record.address,
            created_slot: record.meta.created_slot,
            grants: record.grants,
        };
        let members = self.members(&scope, &listed, Some(grant.reader)).await?;
        let mut unit = Unit::default();
        let (_, target) = self.epoch_target(&place.folder, &mut unit, staged).await?;
        self.watch().step(Step::Sealing);
        let keys = self.my_keys().await?;
        let sealed = self.head_sealed(
            &keys,
            &record.address,
            &target,
            &members.recipients,
            &opened.manifest,
        )?;
        let blob = staged.put(sealed.bytes).await?;
        let mut after = record;
        after.account.grant_removed().map_err(would_be_refused)?;
        unit.instructions.push(instruction::record::reseal(&actor, &after, blob, target.sealed_to));
        unit.blobs.push(Named::new(&blob, record.address));
        unit.replaced.push(Named { blob: head_address(&record), by: record.address });
        let remaining = members.addresses();
        Ok(Follow { unit, epoch: None, remaining, left_out: members.left_out })
    }

    /// A delegate that gives up the grant by which it reads cannot seal anything in the same transaction.
    fn require_key_stays(&self, grant: &Fetched<Grant>) -> Result<(), FlowError> {
        let me = self.profile()?;
        if grant.reader == me {
            return Err(FlowError::NotAllowed {
                actor: me,
                action: "rotate or reseal after giving up its own grant",
            });
        }
        Ok(())
    }

    /// The epoch that a new head is sealed to, by one who reads the folder; a new one where that is due.
    pub(super) async fn epoch_target(
        &self,
        folder: &Fetched<crate::chain::Folder>,
        unit: &mut Unit,
        staged: &mut Staged<'_>,
    ) -> Result<(Fetched<crate::chain::Folder>, Target), FlowError> {
        if folder.require_sealable(self.now_secs().await?).is_ok() {
            let opened = self.keyring_opened(folder).await?;
            return Ok((*folder, Target::epoch(folder, opened.public())));
        }
        let rotation = self.rotation(folder, None, staged).await?;
        unit.append(rotation.unit);
        let target = Target::epoch(&rotation.after, rotation.opened.public());
        Ok((rotation.after, target))
    }
}

pub(super) fn scope_of(grant: &Grant) -> Scope {
    if grant.scope_kind == ScopeKind::Record as u8 {
        Scope::Record(grant.scope)
    } else {
        Scope::Folder(grant.scope)
    }
}
