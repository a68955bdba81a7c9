//! Keyrings: fetching, checking by whom they are, opening.

use std::sync::Arc;

use aceso_format::{
    BlobAddress,
    keyring::{Keyring, MAX_KEYRING_LEN, OpenedKeyring, SignedKeyring},
};
use anchor_lang::prelude::Pubkey;

use super::{FlowError, Session};
use crate::chain::{Fetched, Folder};

const WHAT: &str = "keyring of folder";

pub(super) fn keyring_address(folder: &Folder) -> BlobAddress {
    BlobAddress { digest: folder.keyring_digest, len: u64::from(folder.keyring_len) }
}

/// The keyring that is kept while one by a delegate is in force.
pub(super) fn previous_keyring_address(folder: &Folder) -> Option<BlobAddress> {
    let previous = previous_keyring(folder);
    (previous.len > 0).then_some(previous)
}

fn previous_keyring(folder: &Folder) -> BlobAddress {
    let (digest, len) = (folder.previous_keyring_digest, u64::from(folder.previous_keyring_len));
    BlobAddress { digest, len }
}

impl Session {
    /// The keyring in force, signed by the writer whom the chain names and who may write it.
    pub(super) async fn keyring_checked(
        &self,
        folder: &Fetched<Folder>,
    ) -> Result<Keyring, FlowError> {
        let address = folder.address;
        self.require_writer(WHAT, address, &folder.owner, &address, folder.keyring_by, None)
            .await?;
        let keyring = self
            .keyring_read(folder, keyring_address, Some(folder.epoch), folder.keyring_by)
            .await?;
        self.home().folder_seen(folder)?;
        Ok(keyring)
    }

    /// The owner's own keyring that is kept beside a delegate's.
    pub(super) async fn keyring_kept(
        &self,
        folder: &Fetched<Folder>,
    ) -> Result<Keyring, FlowError> {
        self.keyring_read(folder, previous_keyring, None, folder.owner).await
    }

    /// A keyring that the folder names; without an epoch, of the one that it says.
    async fn keyring_read(
        &self,
        folder: &Fetched<Folder>,
        named: impl Fn(&Folder) -> BlobAddress,
        epoch: Option<u32>,
        writer: Pubkey,
    ) -> Result<Keyring, FlowError> {
        let address = folder.address;
        let untrue = |source| FlowError::Untrue { what: WHAT, address, source };
        self.reach().note_keyring(address, &named(folder));
        let bytes = self.named_bytes(folder, named, MAX_KEYRING_LEN as u64).await?;
        let signed = SignedKeyring::decode(&bytes).map_err(untrue)?;
        let claims = signed.claims();
        let other = |field| untrue(aceso_format::Error::OtherObject { what: "keyring", field });
        if claims.writer != writer.to_bytes() {
            return Err(other("writer"));
        }
        if claims.owner.0 != folder.owner.to_bytes() {
            return Err(other("owner"));
        }
        let epoch = epoch.unwrap_or(claims.epoch);
        let key = self.signing_key(writer, claims.writer_key_version).await?;
        signed.verify(&aceso::ID.to_bytes(), &address.to_bytes(), epoch, &key).map_err(untrue)
    }

    /// The keyring in force, opened with one's own keys. It must go on from the one opened before in this session, and a
    /// delegate's from the owner's own.
    pub(super) async fn keyring_opened(
        &self,
        folder: &Fetched<Folder>,
    ) -> Result<Arc<OpenedKeyring>, FlowError> {
        let blob = keyring_address(folder);
        let before = self.keyrings().get(&folder.address).cloned();
        if let Some((known, opened)) = &before
            && *known == blob
        {
            return Ok(opened.clone());
        }
        let keyring = self.keyring_checked(folder).await?;
        let opened = Arc::new(self.open_keyring(folder, keyring)?);
        if let Some((_, before)) = before {
            let address = folder.address;
            opened.continues(&before).map_err(|source| FlowError::Untrue {
                what: WHAT,
                address,
                source,
            })?;
        }
        if folder.keyring_by != folder.owner && folder.owner == self.profile()? {
            self.require_continues_own(folder, &opened).await?;
        }
        self.keyrings().insert(folder.address, (blob, opened.clone()));
        Ok(opened)
    }

    /// For an owner: a keyring by a delegate has the seeds of the owner's own, which is kept for that. Whoever writes
    /// another history would make all that was filed before unreadable, or be no delegate and not know it.
    async fn require_continues_own(
        &self,
        folder: &Fetched<Folder>,
        opened: &OpenedKeyring,
    ) -> Result<(), FlowError> {
        let address = folder.address;
        let untrue = |source| FlowError::Untrue { what: WHAT, address, source };
        let broken = aceso_format::Error::HistoryBroken { epoch: folder.epoch };
        previous_keyring_address(folder).ok_or(untrue(broken))?;
        let own = self.keyring_kept(folder).await?;
        let own = self.open_keyring(folder, own)?;
        let seen = self.home().folder_pin(&address)?.map_or(0, |pin| pin.own_epoch);
        if own.epoch() < seen {
            let (folder, found) = (address, own.epoch());
            return Err(crate::home::HomeError::EpochBelowSeen { folder, found, seen }.into());
        }
        opened.continues(&own).map_err(untrue)
    }

    /// A keyring that has the seed of an epoch. Seeds do not change, so one that was opened before will do.
    pub(super) async fn keyring_with(
        &self,
        folder: Pubkey,
        epoch: u32,
    ) -> Result<Arc<OpenedKeyring>, FlowError> {
        let known = self.keyrings().get(&folder).map(|(_, opened)| opened.clone());
        if let Some(opened) = known.filter(|opened| opened.epoch() >= epoch) {
            return Ok(opened);
        }
        let folder = self.folder_account(folder).await?;
        self.keyring_opened(&folder).await
    }

    /// Opens a checked keyring with one's own keys, as owner or reader.
    pub(super) fn open_keyring(
        &self,
        folder: &Fetched<Folder>,
        keyring: Keyring,
    ) -> Result<OpenedKeyring, FlowError> {
        let me = self.profile()?;
        let (address, claims) = (folder.address, keyring.claims());
        let writer = claims.writer;
        let is_me = |entry: &&([u8; 32], u32)| entry.0 == me.to_bytes();
        let mine = claims.readers.iter().chain([&claims.owner]).find(is_me).copied();
        let (_, key_version) = mine.ok_or(FlowError::NotListed { what: WHAT, address })?;
        let keys = self.own_keys(me, key_version)?;
        keyring
            .open(&me.to_bytes(), key_version, keys.xwing())
            .map_err(|source| self.sealing_fault(WHAT, address, writer, source))
    }
}
