use std::sync::Arc;

use anchor_lang::prelude::Pubkey;

use super::*;
use crate::{
    blob::BlobStore,
    chain::{Chain, Signer},
    home::Home,
};

/// What signs transactions, and the text in a profile's bundle.
pub type Wallet = Arc<dyn Signer + Send + Sync>;

pub struct SessionParts {
    pub chain: Chain,
    pub store: Arc<dyn BlobStore>,
    /// Unlocked: keystore, contacts and pins, journal.
    pub home: Home,
    pub wallet: Wallet,
    /// Pays fees and rent; `None` is the wallet.
    pub fee_payer: Option<Wallet>,
    /// Who acts; `None` is the keystore's only profile, if it has one.
    pub profile: Option<Pubkey>,
    pub watch: Arc<dyn Watch>,
    pub options: SessionOptions,
}

#[derive(Clone, Copy, Debug)]
pub struct SessionOptions {
    /// How often an action starts again when somebody else was faster.
    pub tries: u32,
    /// Whether an owner's command first rotates due folders and empties the inbox.
    pub maintain: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { tries: 4, maintain: true }
    }
}

/// One profile that acts, with all it needs.
pub struct Session;

/// The public API; each method moves to a file of its own as it is built.
#[allow(unused_variables)]
impl Session {
    /// Opens a session; first settles what an interrupted command has left in the journal.
    pub async fn open(parts: SessionParts) -> Result<Self, FlowError> { unbuilt() }
    /// Who acts.
    pub fn profile(&self) -> Result<Pubkey, FlowError> { unbuilt() }

    // Names: an address, a contact, a profile or folder of one's own, or the beginning of an address.
    pub async fn profile_named(&self, name: &str) -> Result<Pubkey, FlowError> { unbuilt() }
    /// `owner`: whose folder; `None` is one's own. Without a name it is the first folder.
    pub async fn folder_named(&self, owner: Option<Pubkey>, name: Option<&str>) -> Result<Pubkey, FlowError> { unbuilt() }
    /// A record that one owns, has filed or may read.
    pub async fn record_named(&self, name: &str) -> Result<Pubkey, FlowError> { unbuilt() }
    /// What to show for an address: its name here, if it has one.
    pub fn name_of(&self, address: &Pubkey) -> Option<String> { None }

    pub async fn profile_create(&mut self, create: ProfileCreate) -> Result<ProfileCreated, FlowError> { unbuilt() }
    pub async fn profile_keys_rotate(&mut self) -> Result<KeysRotated, FlowError> { unbuilt() }
    /// `None` takes a proposal back.
    pub async fn profile_authority_propose(&self, wallet: Option<Pubkey>) -> Result<Receipt, FlowError> { unbuilt() }
    /// Signed by the proposed wallet, which is the session's; publishes new keys.
    pub async fn profile_authority_accept(&mut self, profile: Pubkey) -> Result<KeysRotated, FlowError> { unbuilt() }
    pub async fn profile_retire(&self) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn profile_show(&self, profile: Pubkey) -> Result<ProfileView, FlowError> { unbuilt() }
    /// The profiles that this keystore holds.
    pub async fn profile_list(&self) -> Result<Vec<ProfileView>, FlowError> { unbuilt() }

    pub async fn contact_add(&self, add: ContactAdd) -> Result<ContactView, FlowError> { unbuilt() }
    /// Says that the fingerprint was compared; with changed keys, pins the new ones. `expected` is compared when given.
    pub async fn contact_verify(&self, profile: Pubkey, expected: Option<&str>) -> Result<ContactView, FlowError> { unbuilt() }
    pub async fn contact_list(&self) -> Result<Vec<ContactView>, FlowError> { unbuilt() }
    pub async fn contact_remove(&self, profile: Pubkey) -> Result<(), FlowError> { unbuilt() }
    /// Whether a profile can receive now: it exists, is not retired, and its keys are vouched for and pinned.
    pub async fn recipient_check(&self, profile: Pubkey) -> Result<(), FlowError> { unbuilt() }

    pub async fn folder_create(&self, create: FolderCreate) -> Result<FolderCreated, FlowError> { unbuilt() }
    pub async fn folder_list(&self) -> Result<Vec<FolderView>, FlowError> { unbuilt() }
    pub async fn folder_rotate(&self, folder: Pubkey) -> Result<FolderRotated, FlowError> { unbuilt() }
    pub async fn folder_close(&self, folder: Pubkey) -> Result<Receipt, FlowError> { unbuilt() }
    /// Rotates what is due and empties the inbox. Owners' commands do this first, unless the options say otherwise.
    pub async fn maintain(&self) -> Result<Maintained, FlowError> { unbuilt() }

    pub async fn record_put(&self, put: RecordPut) -> Result<RecordPutDone, FlowError> { unbuilt() }
    pub async fn record_update(&self, update: RecordUpdate) -> Result<RecordUpdated, FlowError> { unbuilt() }
    pub async fn record_list(&self, list: RecordList) -> Result<Vec<RecordView>, FlowError> { unbuilt() }
    pub async fn record_show(&self, record: Pubkey) -> Result<RecordView, FlowError> { unbuilt() }
    /// For a reader, the receipt is on the chain before the content is opened.
    pub async fn record_get(&self, get: RecordGet) -> Result<RecordGot, FlowError> { unbuilt() }
    /// Checks all that can be checked without writing anything; a reader's check leaves a receipt, as an opening does.
    pub async fn record_verify(&self, record: Pubkey, version: Option<u32>) -> Result<RecordVerified, FlowError> { unbuilt() }
    pub async fn record_move(&self, record: Pubkey, to_folder: Pubkey) -> Result<RecordChanged, FlowError> { unbuilt() }
    pub async fn record_reseal(&self, record: Pubkey) -> Result<RecordChanged, FlowError> { unbuilt() }
    pub async fn record_archive(&self, record: Pubkey, archived: bool) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn record_erase(&self, record: Pubkey) -> Result<RecordErased, FlowError> { unbuilt() }

    pub async fn grant_create(&self, create: GrantCreate) -> Result<GrantCreated, FlowError> { unbuilt() }
    pub async fn grant_update(&self, grant: Pubkey, update: GrantUpdate) -> Result<Receipt, FlowError> { unbuilt() }
    /// Ends a grant and shuts its reader out of what comes after, in one transaction.
    pub async fn grant_revoke(&self, grant: Pubkey) -> Result<GrantRevoked, FlowError> { unbuilt() }
    /// Writes the receipt of an opening, and opens nothing.
    pub async fn grant_open(&self, record: Pubkey, version: Option<u32>) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn grant_expire(&self, grant: Pubkey) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn grant_list(&self, list: GrantList) -> Result<Vec<GrantView>, FlowError> { unbuilt() }

    pub async fn request_create(&self, create: RequestCreate) -> Result<RequestCreated, FlowError> { unbuilt() }
    pub async fn request_list(&self, list: RequestList) -> Result<Vec<RequestView>, FlowError> { unbuilt() }
    /// The reason in words; only the owner can read it.
    pub async fn request_reason(&self, request: Pubkey) -> Result<String, FlowError> { unbuilt() }
    pub async fn request_approve(&self, request: Pubkey, approve: RequestApprove) -> Result<GrantCreated, FlowError> { unbuilt() }
    pub async fn request_deny(&self, request: Pubkey) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn request_cancel(&self, request: Pubkey) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn request_expire(&self, request: Pubkey) -> Result<Receipt, FlowError> { unbuilt() }

    pub async fn delegate_add(&self, add: DelegateAdd) -> Result<Receipt, FlowError> { unbuilt() }
    /// As owner by the delegate's profile, as delegate by the owner's.
    pub async fn delegate_remove(&self, other: Pubkey) -> Result<Receipt, FlowError> { unbuilt() }
    pub async fn delegate_list(&self, list: DelegateList) -> Result<Vec<DelegateView>, FlowError> { unbuilt() }

    /// The whole trail, recomputed, and equal to the head on the chain. Lines that were seen are kept in the archive.
    pub async fn audit_history(&self, scope: Scope) -> Result<AuditHistory, FlowError> { unbuilt() }
    /// The trail from the archive alone, without asking a node.
    pub fn audit_archived(&self, scope: Scope) -> Result<AuditArchived, FlowError> { unbuilt() }
}

fn unbuilt<T>() -> Result<T, FlowError> {
    Err(FlowError::NotBuilt)
}
