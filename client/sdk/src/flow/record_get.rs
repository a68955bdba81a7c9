//! Opening: everything is checked first, the receipt is on the chain before the content is opened.

use std::{io, ops::Range, path::PathBuf};

use aceso_format::manifest::Manifest;
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, GetOutput, ManifestView, Receipt, RecordGet, RecordGot, RecordVerified, Session,
    Step, VerifiedDepth,
    grant_open::wanted,
    record_head::{Access, content_address},
};
use crate::{
    chain::{Fetched, Record},
    file::{self, FileError, Output, SealedContent},
};

/// A version that may be opened now: its receipt is written.
struct Opening {
    record: Fetched<Record>,
    writer: Pubkey,
    manifest: Manifest,
    receipt: Receipt,
}

impl Session {
    /// Fetches, verifies and opens a record, any version. For a reader, the receipt comes first.
    pub async fn record_get(&self, get: RecordGet) -> Result<RecordGot, FlowError> {
        // What cannot be written is no opening, and leaves no receipt.
        let (range, place) = (get.range, place_of(&get.output));
        let fits = |manifest: &Manifest| fits(&range, &place, manifest);
        let opening = self.opening(get.record, get.version, &fits).await?;
        let (record, manifest) = (opening.record.address, &opening.manifest);
        let (output, path) = match (get.output, place.path(manifest)) {
            (GetOutput::Named { replace, .. }, Some(path)) => {
                (Output::File { path: path.clone(), replace }, Some(path))
            }
            (GetOutput::Named { .. }, None) => (Output::Writer(Box::new(io::sink())), None),
            (GetOutput::To(output), path) => (output, path),
        };
        self.watch().step(Step::Opening);
        let (store, sealed, progress) = (self.store(), sealed_content(manifest), self.progress());
        let address = record.to_bytes();
        let opened = match range {
            None => file::open(store, &address, &sealed, output, progress).await?,
            Some(range) => {
                file::open_range(store, &address, &sealed, range, output, progress).await?
            }
        };
        Ok(RecordGot {
            record,
            version: manifest.version,
            manifest: ManifestView::of(manifest),
            len: opened.len,
            fetched: opened.fetched,
            path,
            receipt: opening.receipt,
        })
    }

    /// Checks all that can be checked, and writes nothing. A reader's check opens the content, so it leaves a receipt;
    /// whoever may not open it has the sealed bytes checked.
    pub async fn record_verify(
        &self,
        record: Pubkey,
        version: Option<u32>,
    ) -> Result<RecordVerified, FlowError> {
        let opening = match self.opening(record, version, &|_| Ok(())).await {
            Ok(opening) => opening,
            Err(FlowError::NoGrant { .. }) if version.is_none() => {
                return self.verify_sealed(record).await;
            }
            Err(error) => return Err(error),
        };
        self.watch().step(Step::Opening);
        let (sealed, progress) = (sealed_content(&opening.manifest), self.progress());
        let output = Output::Writer(Box::new(io::sink()));
        file::open(self.store(), &record.to_bytes(), &sealed, output, progress).await?;
        Ok(RecordVerified {
            record,
            version: opening.manifest.version,
            writer: opening.writer,
            content: opening.manifest.content,
            depth: VerifiedDepth::Opened,
            receipt: opening.receipt,
        })
    }

    async fn verify_sealed(&self, record: Pubkey) -> Result<RecordVerified, FlowError> {
        let record = self
            .unchanging("record", async || {
                let record = self.record_account(record).await?;
                self.head_checked(&record).await?;
                Ok(record)
            })
            .await?;
        self.home().record_seen(&record)?;
        self.watch().step(Step::Opening);
        let content = content_address(&record);
        let mut reader = self.store().get(content)?;
        while reader.next().await?.is_some() {}
        Ok(RecordVerified {
            record: record.address,
            version: record.version,
            writer: record.head_by,
            content,
            depth: VerifiedDepth::Sealed,
            receipt: Receipt::default(),
        })
    }

    /// Opens the head of the version, then writes the receipt: what cannot be opened, or does not fit what was asked, is
    /// not recorded as opened.
    async fn opening(
        &self,
        record: Pubkey,
        version: Option<u32>,
        fits: &(dyn Fn(&Manifest) -> Result<(), FileError> + Sync),
    ) -> Result<Opening, FlowError> {
        self.staged("record", async |staged| {
            self.watch().step(Step::Checking);
            let record = self.record_account(record).await?;
            let version = wanted(&record, version)?;
            let access: Access = self.access(&record).await?;
            let (head, newest) = self.head_opened(&record, &access).await?;
            self.home().record_seen(&record)?;
            let opened = self.older_head(&record, &access, newest, version).await?;
            fits(&opened.manifest)?;
            let receipt = self.receipt(&record, &access, version, staged).await?;
            let writer = Pubkey::new_from_array(head.claims().writer);
            Ok(Opening { record, writer, manifest: opened.manifest, receipt })
        })
        .await
    }
}

/// Where content goes.
enum Place {
    File { path: PathBuf, replace: bool },
    Named { folder: PathBuf, replace: bool },
    NoFile,
}

impl Place {
    fn path(&self, manifest: &Manifest) -> Option<PathBuf> {
        match self {
            Self::File { path, .. } => Some(path.clone()),
            Self::Named { folder, .. } => Some(folder.join(manifest.safe_file_name())),
            Self::NoFile => None,
        }
    }
}

fn place_of(output: &GetOutput) -> Place {
    match output {
        GetOutput::To(Output::File { path, replace }) => {
            Place::File { path: path.clone(), replace: *replace }
        }
        GetOutput::To(_) => Place::NoFile,
        GetOutput::Named { folder, replace } => {
            Place::Named { folder: folder.clone(), replace: *replace }
        }
    }
}

fn fits(range: &Option<Range<u64>>, place: &Place, manifest: &Manifest) -> Result<(), FileError> {
    let len = manifest.plaintext_len;
    if let Some(range) = range
        && (range.start > range.end || range.end > len)
    {
        return Err(FileError::OutOfRange { from: range.start, to: range.end, len });
    }
    let replace = match place {
        Place::File { replace, .. } | Place::Named { replace, .. } => *replace,
        Place::NoFile => true,
    };
    match place.path(manifest) {
        Some(path) if !replace && path.exists() => Err(FileError::Exists { path }),
        _ => Ok(()),
    }
}

pub(super) fn sealed_content(manifest: &Manifest) -> SealedContent {
    SealedContent {
        key: manifest.content_key.duplicate(),
        blob: manifest.content,
        content_len: manifest.plaintext_len,
        sha256: manifest.plaintext_sha256,
    }
}
