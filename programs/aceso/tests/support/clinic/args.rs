//! What arguments are made of, from the accounts as they stand.

use aceso::{constants::*, instructions::*, state::*};
use anchor_lang::prelude::Pubkey;

use super::{Clinic, DEPOSIT};
use crate::support::{
    action::Person,
    sample::{blob, swap, DAY_SECS},
};

impl Clinic {
    pub fn question(&self, scope_kind: ScopeKind, scope: Pubkey) -> Ask {
        Ask {
            scope_kind,
            scope,
            purpose: Purpose::Research as u8,
            permissions: PERMIT_OPEN | PERMIT_HISTORY,
            duration_secs: 90 * DAY_SECS,
            reason: blob("reason"),
            ttl_secs: 7 * DAY_SECS,
            deposit_lamports: DEPOSIT + 7,
        }
    }

    /// The folder's epoch as it stands.
    pub fn epoch_of(&self, folder: &Pubkey) -> SealedTo {
        let state = self.world.state::<Folder>(folder);
        SealedTo::Epoch { epoch: state.epoch, keyring_digest: state.keyring_digest }
    }

    /// A person's own key as it stands.
    pub fn inbox_of(&self, person: &Person) -> SealedTo {
        let state = self.world.state::<Profile>(&person.profile);
        SealedTo::Inbox { key_version: state.key_version, bundle_digest: state.bundle_digest }
    }

    /// A new head named `head` in place of the record's present one.
    pub fn head_swap(&self, record: &Pubkey, head: &str) -> HeadSwap {
        let state = self.world.state::<Record>(record);
        HeadSwap {
            version: state.version,
            members_version: state.members_version,
            swap: Swap { expected: state.head_digest, blob: blob(head) },
        }
    }

    /// A new keyring in place of the folder's present one.
    pub fn keyring_swap(&self, folder: &Pubkey, keyring: &str) -> Swap {
        let expected = self.world.state::<Folder>(folder).keyring_digest;
        Swap { expected, ..swap("", keyring) }
    }

    pub fn folder_grant_args(
        &self,
        folder: &Pubkey,
        reader: &Pubkey,
        terms: Terms,
    ) -> GrantCreateArgs {
        let state = self.world.state::<Folder>(folder);
        let keyring = format!("keyring of {folder} for {reader}");
        GrantCreateArgs {
            scope: *folder,
            reader_bundle_digest: self.bundle_digest(reader),
            terms,
            resealed: Resealed::Keyring {
                epoch: state.epoch,
                swap: self.keyring_swap(folder, &keyring),
            },
        }
    }

    pub fn record_grant_args(
        &self,
        record: &Pubkey,
        reader: &Pubkey,
        terms: Terms,
    ) -> GrantCreateArgs {
        let folder = self.world.state::<Record>(record).folder;
        GrantCreateArgs {
            scope: *record,
            reader_bundle_digest: self.bundle_digest(reader),
            terms,
            resealed: Resealed::Head {
                change: self.head_swap(record, &format!("head of {record} for {reader}")),
                sealed_to: self.epoch_of(&folder),
            },
        }
    }

    pub fn bundle_digest(&self, profile: &Pubkey) -> [u8; 32] {
        self.world.state::<Profile>(profile).bundle_digest
    }
}
