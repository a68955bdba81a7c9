//! New epochs: everybody whose grant is live is sealed to again, everybody else is shut out of what comes.

use std::{collections::HashSet, sync::Arc};

use aceso_format::{
    keyring::{KeyringDraft, OpenedKeyring},
    packet::Recipient,
};
use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, stream};

use super::{
    FlowError, FolderRotated, LeftOut, Session, Step,
    folder_keyring::{keyring_address, previous_keyring_address},
    session::entropy,
    staged::{Staged, Unit},
    staged_part::Named,
};
use crate::chain::{
    Fetched, Folder, Grant, Swap,
    constants::{CAN_ROTATE, NO_END},
    instruction,
};

/// How many bundles are fetched at a time.
const AT_ONCE: usize = 16;

/// What a new epoch goes on from.
#[derive(Clone, Copy)]
enum From {
    InForce,
    Own,
}

/// The folder or record whose readers are asked for.
pub(super) struct ScopeState {
    pub address: Pubkey,
    pub created_slot: u64,
    /// Number of grants on it.
    pub grants: u32,
}

/// Those who stay, with their keys.
pub(super) struct Members {
    pub recipients: Vec<Recipient>,
    pub left_out: Vec<LeftOut>,
    /// First end of a grant among them.
    pub earliest_until_secs: i64,
}

impl Members {
    pub fn addresses(&self) -> Vec<Pubkey> {
        self.recipients.iter().map(|reader| Pubkey::new_from_array(reader.profile)).collect()
    }
}

/// A new epoch, sealed and stored, not yet sent.
pub(super) struct Rotation {
    pub unit: Unit,
    pub opened: Arc<OpenedKeyring>,
    /// The folder as it will be.
    pub after: Fetched<Folder>,
    pub members: Members,
}

impl Session {
    /// Begins a new epoch.
    pub async fn folder_rotate(&self, folder: Pubkey) -> Result<FolderRotated, FlowError> {
        self.rotate_from(folder, From::InForce).await
    }

    /// Begins a new epoch from the keyring that the owner wrote last, passing over one that a delegate has put in force
    /// and whose store does not answer. What was sealed to the delegate's epoch only, the owner cannot open then.
    pub async fn folder_rotate_from_own(&self, folder: Pubkey) -> Result<FolderRotated, FlowError> {
        self.rotate_from(folder, From::Own).await
    }

    async fn rotate_from(&self, folder: Pubkey, from: From) -> Result<FolderRotated, FlowError> {
        self.staged("folder", async |staged| {
            self.watch().step(Step::Checking);
            let folder = self.folder_account(folder).await?;
            let previous = match from {
                From::InForce => self.keyring_or_recovered(&folder).await?,
                From::Own => (self.own_keyring(&folder).await?, false),
            };
            let rotation = self.rotation_from(previous, &folder, None, staged).await?;
            let receipt = staged.send(rotation.unit).await?;
            Ok(FolderRotated {
                folder: folder.address,
                epoch: rotation.after.epoch,
                readers: rotation.members.addresses(),
                left_out: rotation.members.left_out,
                receipt,
            })
        })
        .await
    }

    /// Seals and stores the keyring of the next epoch. `folder` is the state when the instruction will run: after a
    /// revocation in the same transaction, for instance, whose reader is `without`.
    pub(super) async fn rotation(
        &self,
        folder: &Fetched<Folder>,
        without: Option<Pubkey>,
        staged: &mut Staged<'_>,
    ) -> Result<Rotation, FlowError> {
        let previous = self.keyring_or_recovered(folder).await?;
        self.rotation_from(previous, folder, without, staged).await
    }

    async fn rotation_from(
        &self,
        (previous, is_in_force): (Arc<OpenedKeyring>, bool),
        folder: &Fetched<Folder>,
        without: Option<Pubkey>,
        staged: &mut Staged<'_>,
    ) -> Result<Rotation, FlowError> {
        let keys = self.my_keys().await?;
        let actor = self.actor(&folder.owner, &folder.address, CAN_ROTATE).await?;
        let listed = previous.claims().readers.iter().map(|(reader, _)| *reader).collect();
        // The grant that goes is still there when they are counted.
        let grants = folder.grants + u32::from(without.is_some());
        let scope =
            ScopeState { address: folder.address, created_slot: folder.meta.created_slot, grants };
        let members = self.members(&scope, &listed, without).await?;
        let owner = self.recipient(folder.owner).await?.recipient();
        self.watch().step(Step::Sealing);
        let draft = KeyringDraft {
            program: aceso::ID.to_bytes(),
            folder: folder.address.to_bytes(),
            writer: keys.writer(),
            owner: &owner,
            readers: &members.recipients,
        };
        let mut rng = entropy()?;
        let (mut bytes, mut opened) = draft.rotate(&previous, &mut rng)?;
        // Epochs of a delegate whose keyrings do not open are skipped: nobody can have their keys from the owner.
        while opened.epoch() <= folder.epoch {
            (bytes, opened) = draft.rotate(&opened, &mut rng)?;
        }
        let opened = Arc::new(opened);
        let keyring = staged.put(bytes).await?;
        let earliest = members.earliest_until_secs;
        let unit = Unit {
            instructions: vec![instruction::folder::rotate(&actor, folder, keyring, earliest)],
            blobs: vec![Named::new(&keyring, folder.address)],
            replaced: self.replaced_keyrings(folder, is_in_force)?,
        };
        let mut after = *folder;
        let swap = Swap { expected: folder.keyring_digest, blob: keyring };
        let (epoch, members_version, now_secs) =
            (folder.epoch, folder.members_version, self.now_secs().await?);
        // A delegate's own grant is among the members: `earliest` is no later than its end.
        let writer = aceso::state::Writer { profile: actor.profile, reads_until_secs: earliest };
        let rotated =
            after.account.rotate(&swap, epoch, members_version, earliest, writer, now_secs);
        rotated.map_err(would_be_refused)?;
        Ok(Rotation { unit, opened, after, members })
    }

    /// The keyring in force; or, for an owner whose delegate has put one in force that does not open, the last that the
    /// owner wrote or accepted.
    async fn keyring_or_recovered(
        &self,
        folder: &Fetched<Folder>,
    ) -> Result<(Arc<OpenedKeyring>, bool), FlowError> {
        let error = match self.keyring_opened(folder).await {
            Ok(opened) => return Ok((opened, true)),
            Err(error) => error,
        };
        match previous_keyring_address(folder) {
            Some(_) if error.is_about_sealing() && folder.owner == self.profile()? => {
                Ok((self.own_keyring(folder).await?, false))
            }
            _ => Err(error),
        }
    }

    /// The last keyring that the owner wrote itself.
    async fn own_keyring(&self, folder: &Fetched<Folder>) -> Result<Arc<OpenedKeyring>, FlowError> {
        if previous_keyring_address(folder).is_none() {
            return self.keyring_opened(folder).await;
        }
        let keyring = self.keyring_kept(folder).await?;
        Ok(Arc::new(self.open_keyring(folder, keyring)?))
    }

    /// Keyrings that nothing needs once oneself has written a new one. What the owner wrote stays while a delegate's is
    /// in force: the owner has to be able to fall back on it. `checked`: the one in force is a keyring of this folder;
    /// else its digest is somebody's word, and could be that of any blob.
    pub(super) fn replaced_keyrings(
        &self,
        folder: &Fetched<Folder>,
        checked: bool,
    ) -> Result<Vec<Named>, FlowError> {
        let is_owner = folder.owner == self.profile()?;
        let in_force = keyring_address(folder);
        let goes = checked && (is_owner || folder.keyring_by != folder.owner);
        let previous = previous_keyring_address(folder).filter(|_| is_owner);
        let replaced = previous.into_iter().chain(goes.then_some(in_force));
        Ok(replaced.map(|blob| Named { blob, by: folder.address }).collect())
    }

    /// Readers of a folder or record whose grants are live or still to begin, with keys that may be sealed to.
    ///
    /// `listed` is whom the keyring or head in force, signed by its writer, is sealed to. A node cannot smuggle in a
    /// stranger by inventing a grant, nor the reader who goes (`without`), nor hide a grant, because the account has their
    /// number. Show one that has ended in place of one that stands it can: a second node, where one is set, is asked.
    pub(super) async fn members(
        &self,
        scope: &ScopeState,
        listed: &HashSet<[u8; 32]>,
        without: Option<Pubkey>,
    ) -> Result<Members, FlowError> {
        let now_secs = self.now_secs().await?;
        let mut grants = self.grants_on(&scope.address, scope.grants).await?;
        grants.retain(|grant| {
            grant.scope_created_slot == scope.created_slot
                && grant.until_secs >= now_secs
                && Some(grant.reader) != without
        });
        let earliest_until_secs =
            grants.iter().map(|grant| grant.until_secs).min().unwrap_or(NO_END);
        let found = stream::iter(grants)
            .map(|grant: Fetched<Grant>| async move {
                let known =
                    listed.contains(&grant.reader.to_bytes()) || self.verified(&grant.reader)?;
                if !known {
                    return Ok((
                        grant.reader,
                        Err(FlowError::ReaderUnlisted { reader: grant.reader }),
                    ));
                }
                let reader = self.recipient(grant.reader).await;
                Ok::<_, FlowError>((grant.reader, reader.map(|reader| reader.recipient())))
            })
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut members =
            Members { recipients: Vec::new(), left_out: Vec::new(), earliest_until_secs };
        for found in found {
            let (reader, result) = found?;
            match result {
                Ok(recipient) => members.recipients.push(recipient),
                // Shutting somebody out must not wait for what the others do with their keys. A store or node that is
                // down is another matter: it would shut out everybody.
                Err(reason) if reason.is_about_recipient() => {
                    let name = self.name_of(&reader);
                    members.left_out.push(LeftOut { reader, name, reason });
                }
                Err(reason) => return Err(reason),
            }
        }
        Ok(members)
    }
}

/// The program's own rules, applied to the state that was fetched.
pub(super) fn would_be_refused(error: anchor_lang::error::Error) -> FlowError {
    FlowError::WouldBeRefused { sentence: error.to_string() }
}
