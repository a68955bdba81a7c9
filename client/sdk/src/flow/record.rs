//! Records: what their flows take and give.

use std::path::PathBuf;

use aceso_format::BlobAddress;
use anchor_lang::prelude::Pubkey;

use super::{
    About, FlowError, GrantTerms, LeftOut, Maintained, ManifestView, Receipt,
    record_put_run::PutRuns,
};
use crate::file::{Input, Output};

/// Files to put into a folder: one's own, or somebody's who lets one file there.
pub struct RecordPut {
    pub folder: Pubkey,
    /// One record each.
    pub items: Vec<PutItem>,
    /// Shared with these as part of the same action: a grant on each record.
    pub share: Vec<Share>,
    /// Files what an interrupted put of the same has filed once more, instead of leaving it out.
    pub again: bool,
    /// Something follows for the records: until [`RecordPutDone::end`], a put of the same goes on with these.
    pub goes_on: bool,
}

pub struct PutItem {
    pub input: Input,
    pub about: About,
}

/// Whom to share with, and how.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub reader: Pubkey,
    pub terms: GrantTerms,
}

/// Where a head is sealed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// The folder's readers open it.
    Epoch(u32),
    /// Only the owner opens it, until it is resealed.
    Inbox,
}

#[derive(Clone, Debug)]
pub struct Filed {
    pub record: Pubkey,
    pub version: u32,
    pub content: BlobAddress,
    pub head: BlobAddress,
    pub plaintext_len: u64,
    pub sealed_to: Sealing,
}

#[derive(Debug)]
pub struct RecordPutDone {
    pub folder: Pubkey,
    pub records: Vec<Filed>,
    /// Grants made, in the order of records, then shares.
    pub grants: Vec<Pubkey>,
    /// Files that an earlier put of the same, which was interrupted, has filed. They are filed no second time.
    pub already: Vec<AlreadyFiled>,
    pub receipt: Receipt,
    pub maintained: Maintained,
    pub(super) runs: Option<PutRuns>,
}

impl RecordPutDone {
    pub(super) fn none(folder: Pubkey) -> Self {
        let (records, grants, already) = Default::default();
        let (receipt, maintained, runs) = Default::default();
        Self { folder, records, grants, already, receipt, maintained, runs }
    }

    /// What was to follow is done: whoever puts the same again means it.
    pub fn end(&mut self) -> Result<(), FlowError> {
        self.runs.take().map_or(Ok(()), PutRuns::end)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlreadyFiled {
    pub path: PathBuf,
    pub record: Pubkey,
}

/// A new version of a record, under a new key.
pub struct RecordUpdate {
    pub record: Pubkey,
    pub input: Input,
    /// `None` keeps what the version before said, but for what the content changes. A filer cannot read that, so it
    /// has to say.
    pub about: Option<About>,
}

#[derive(Debug)]
pub struct RecordUpdated {
    pub filed: Filed,
    /// Readers of grants on this record to whom the new version could not be sealed.
    pub left_out: Vec<LeftOut>,
    pub receipt: Receipt,
    pub maintained: Maintained,
}

/// Which records to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordList {
    /// One's own, of one folder or all.
    Own { folder: Option<Pubkey> },
    /// Those that live grants let one open, of one owner or all.
    Shared { owner: Option<Pubkey> },
    /// Those that one has filed for others.
    Filed,
}

/// A record as the chain shows it, and its manifest where one can open it.
#[derive(Debug)]
pub struct RecordView {
    pub record: Pubkey,
    pub owner: Pubkey,
    pub folder: Pubkey,
    pub author: Pubkey,
    /// Who wrote the head in force.
    pub head_by: Pubkey,
    pub version: u32,
    pub sealed_to: Sealing,
    pub archived: bool,
    pub content: BlobAddress,
    pub head: BlobAddress,
    pub grants: u32,
    pub created_at_secs: i64,
    pub updated_at_secs: i64,
    pub audit_count: u64,
    /// The grant by which one reads it, when it is not one's own.
    pub grant: Option<Pubkey>,
    /// Or why it cannot be shown.
    pub manifest: Result<ManifestView, FlowError>,
}

/// One version of a record.
#[derive(Debug)]
pub struct VersionView {
    pub version: u32,
    /// Or why it cannot be shown, and with it none that is older.
    pub manifest: Result<ManifestView, FlowError>,
}

pub struct RecordGet {
    pub record: Pubkey,
    /// `None` is the current one.
    pub version: Option<u32>,
    /// `None` opens all of it.
    pub range: Option<std::ops::Range<u64>>,
    /// The file appears when all of it is authentic.
    pub output: GetOutput,
}

/// Where opened content goes.
pub enum GetOutput {
    To(Output),
    /// Into this folder, under the name that the author gave it, made safe.
    Named {
        folder: PathBuf,
        replace: bool,
    },
}

#[derive(Debug)]
pub struct RecordGot {
    pub record: Pubkey,
    pub version: u32,
    pub manifest: ManifestView,
    /// Bytes written.
    pub len: u64,
    /// Bytes that the store had to send.
    pub fetched: u64,
    /// The file, when one was written.
    pub path: Option<PathBuf>,
    /// Empty for one's own records: owners leave no receipt.
    pub receipt: Receipt,
}

/// That a record is whole: head signed by who may write it, content as its digest says, and openable where one may.
#[derive(Debug)]
pub struct RecordVerified {
    pub record: Pubkey,
    pub version: u32,
    pub writer: Pubkey,
    pub content: BlobAddress,
    /// What the content's bytes were checked against.
    pub depth: VerifiedDepth,
    /// Empty unless a reader opened it.
    pub receipt: Receipt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifiedDepth {
    /// The sealed bytes are those that the chain names. Without a key nothing more can be said.
    Sealed,
    /// And every byte opens and is what the manifest describes.
    Opened,
}

#[derive(Debug)]
pub struct RecordChanged {
    pub record: Pubkey,
    pub head: BlobAddress,
    pub sealed_to: Sealing,
    pub receipt: Receipt,
}

#[derive(Debug)]
pub struct RecordErased {
    pub record: Pubkey,
    /// Grants that were ended first.
    pub revoked: Vec<Pubkey>,
    /// Blobs that this client has let go of in its store.
    pub unpinned: Vec<BlobAddress>,
    /// Blobs that its store could not let go of; try again later.
    pub still_pinned: Vec<BlobAddress>,
    /// Versions, counted from the first, whose heads do not open: which blobs are theirs is not known, so what is stored of
    /// them stays.
    pub unknown_versions: u32,
    pub receipt: Receipt,
}

impl RecordErased {
    /// What erasing means and does not mean: to be shown with the result.
    pub const MEANING: &'static str = "The record is off the chain and its store was told to let its bytes go. \
        Whoever has opened it may have kept a copy, and other stores may still hold the sealed bytes. The trail of the \
        folder shows that it was erased, when and by whom.";
}
