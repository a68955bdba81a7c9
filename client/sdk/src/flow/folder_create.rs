//! Making, listing and closing folders.

use aceso_format::keyring::KeyringDraft;
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, FolderCreate, FolderCreated, FolderView, Receipt, Session, Step, session::entropy,
    staged::Unit, staged_part::Named,
};
use crate::{
    chain::{Folder, address, constants::NO_END, instruction},
    home::NameKind,
};

impl Session {
    pub async fn folder_create(&self, create: FolderCreate) -> Result<FolderCreated, FlowError> {
        if let Some(taken_by) = self.home().named(NameKind::Folder, &create.name)? {
            self.name_freed::<Folder>(NameKind::Folder, &create.name, taken_by).await?;
        }
        let me = self.profile()?;
        let (id, folder) = address::new_folder(&me)?;
        let owner = self.recipient(me).await?.recipient();
        let keys = self.my_keys().await?;
        let draft = KeyringDraft {
            program: aceso::ID.to_bytes(),
            folder: folder.to_bytes(),
            writer: keys.writer(),
            owner: &owner,
            readers: &[],
        };
        self.watch().step(Step::Sealing);
        let (bytes, _) = draft.create(&mut entropy()?)?;
        let actor = self.owner_actor()?;
        let payer = self.payer_address();
        // Before it is sent: a folder whose making was interrupted is found by its name.
        self.home().name_set(NameKind::Folder, &create.name, &folder)?;
        let sent = self
            .staged("folder", async |staged| {
                let keyring = staged.put(bytes.clone()).await?;
                let instructions = vec![instruction::folder::create(payer, &actor, id, keyring)];
                let unit = Unit {
                    instructions,
                    blobs: vec![Named::new(&keyring, folder)],
                    ..Unit::default()
                };
                staged.send(unit).await
            })
            .await;
        if sent.as_ref().is_err_and(|error| !error.may_have_taken_effect()) {
            self.home().name_remove(NameKind::Folder, &folder)?;
        }
        Ok(FolderCreated { folder, receipt: sent? })
    }

    /// One's own folders.
    pub async fn folder_list(&self) -> Result<Vec<FolderView>, FlowError> {
        let me = self.profile()?;
        let folders = self.chain().folders_by_owner(&me).await?;
        let now_secs = self.now_secs().await?;
        let view = |folder: &crate::chain::Fetched<Folder>| FolderView {
            folder: folder.address,
            name: self.name_of(&folder.address),
            owner: folder.owner,
            epoch: folder.epoch,
            records: folder.records,
            grants: folder.grants,
            rotate_due: folder.require_sealable(now_secs).is_err(),
            earliest_until_secs: (folder.earliest_until_secs != NO_END)
                .then_some(folder.earliest_until_secs),
            audit_count: folder.audit_count,
            keyring_by: (folder.keyring_by != folder.owner).then_some(folder.keyring_by),
        };
        Ok(folders.iter().map(view).collect())
    }

    /// Closes a folder that holds neither records nor grants; its keyring is let go.
    pub async fn folder_close(&self, folder: Pubkey) -> Result<Receipt, FlowError> {
        let receipt = self
            .staged("folder", async |staged| {
                let folder = self.folder_account(folder).await?;
                let instructions = vec![instruction::folder::close(&self.owner_actor()?, &folder)];
                // A digest by a delegate could be that of any blob, unless a keyring of this folder is there.
                let checked = self.keyring_checked(&folder).await.is_ok();
                let replaced = self.replaced_keyrings(&folder, checked)?;
                staged.send(Unit { instructions, replaced, ..Unit::default() }).await
            })
            .await?;
        if self.home().name_of(&folder)?.is_some() {
            self.home().name_remove(NameKind::Folder, &folder)?;
        }
        Ok(receipt)
    }
}
