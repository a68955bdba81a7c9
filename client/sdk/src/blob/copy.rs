//! The bytes of a lease, made while they are read (format/SPEC.md §11, §12): no copy of them lies on this disk, and memory
//! does not grow with them.

use std::{collections::VecDeque, sync::Arc};

use aceso_format::{BlobAddress, copy::CopyAddress, mask::Mask};
use bytes::Bytes;

use super::{BlobError, BlobReader, BlobStore, CopyHasher, buffer};
use crate::file::Progress;

/// A stretch of a lease's bytes.
#[derive(Clone)]
pub enum CopyPart {
    /// As it is: heads, keyrings, bundles, the table of a pack.
    Plain(Bytes),
    /// Content as it is stored, under the mask of the record in this lease.
    Masked { content: BlobAddress, mask: Arc<Mask> },
}

impl CopyPart {
    fn len(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Masked { content, .. } => content.len,
        }
    }
}

/// What a lease stores, and where its content comes from. It may be read as often as one likes: once for what the chain
/// is told, once for the peer.
#[derive(Clone)]
pub struct CopyRecipe {
    store: Arc<dyn BlobStore>,
    parts: Vec<CopyPart>,
}

impl CopyRecipe {
    /// `store`: has the content.
    pub fn new(store: Arc<dyn BlobStore>, parts: Vec<CopyPart>) -> Self {
        Self { store, parts }
    }

    /// Length of the stored bytes.
    pub fn stored_len(&self) -> u64 {
        self.parts.iter().map(CopyPart::len).sum()
    }

    pub fn read(&self) -> CopyReader {
        let parts = self.parts.iter().cloned().collect();
        CopyReader { store: self.store.clone(), parts, masking: None }
    }

    /// Address and root: one pass over everything.
    pub async fn address(&self, progress: &dyn Progress) -> Result<CopyAddress, BlobError> {
        let (mut hasher, mut reader) = (CopyHasher::new(), self.read());
        let (mut done, total) = (0, self.stored_len());
        while let Some(bytes) = reader.next().await? {
            done += bytes.len() as u64;
            hasher.push(bytes).await?;
            progress.advance(done, Some(total));
        }
        hasher.finish().await
    }
}

/// Reads a lease's bytes in order, at most a MiB at a time. What it masks was verified by its own address before.
pub struct CopyReader {
    store: Arc<dyn BlobStore>,
    parts: VecDeque<CopyPart>,
    masking: Option<Masking>,
}

struct Masking {
    reader: BlobReader,
    mask: Arc<Mask>,
    offset: u64,
}

impl CopyReader {
    pub async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        loop {
            if let Some(masking) = &mut self.masking {
                match masking.reader.next().await? {
                    Some(bytes) => {
                        let offset = masking.offset;
                        masking.offset += bytes.len() as u64;
                        return masked(masking.mask.clone(), offset, bytes).await.map(Some);
                    }
                    None => self.masking = None,
                }
            }
            match self.parts.pop_front() {
                None => return Ok(None),
                Some(CopyPart::Plain(bytes)) if bytes.is_empty() => {}
                Some(CopyPart::Plain(bytes)) => return Ok(Some(bytes)),
                Some(CopyPart::Masked { content, mask }) => {
                    let reader = self.store.get(content)?;
                    self.masking = Some(Masking { reader, mask, offset: 0 });
                }
            }
        }
    }
}

/// Masks, or unmasks, bytes of content that start at `offset` in it.
pub(super) async fn masked(mask: Arc<Mask>, offset: u64, bytes: Bytes) -> Result<Bytes, BlobError> {
    let work = move || {
        let mut copy = buffer::take(bytes.len());
        copy.extend_from_slice(&bytes);
        mask.apply(offset, &mut copy);
        buffer::lend(copy)
    };
    tokio::task::spawn_blocking(work).await.map_err(worker)
}

pub(super) fn worker(error: tokio::task::JoinError) -> BlobError {
    BlobError::Worker(error.to_string())
}
