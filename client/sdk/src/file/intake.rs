use std::{io::IoSliceMut, sync::Arc};

use aceso_format::{
    cobblestone::{CHUNK_LEN, ChunkCipher, SEALED_CHUNK_LEN, TAG_LEN},
    padding::{self, CONTENT_FLOOR},
};
use sha2::{Digest, Sha256};

use super::{FileError, Input, Progress};
use crate::blob::LEAF_LEN;

/// The part of sealing that happens in order: reading, the digest of the content, padding, and the
/// one chunk in 64 that lies across two leaves. One thread at a time has it.
pub(super) struct Intake {
    input: Input,
    progress: Arc<dyn Progress>,
    digest: Option<Sha256>,
    /// Sealed bytes that belong to the next leaf; at first the prefix of the blob.
    carry: Vec<u8>,
    next_chunk: u64,
    content_len: u64,
    /// Known once the content has ended.
    padded_len: Option<u64>,
    sealed_all: bool,
}

/// A leaf in which some chunks are still to be sealed.
pub(super) struct Job {
    pub leaf: Vec<u8>,
    first_chunk: u64,
    from: usize,
    to: usize,
}

/// What is known of the content when all of it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    pub len: u64,
    pub sha256: Option<[u8; 32]>,
}

impl Intake {
    pub fn new(input: Input, prefix: &[u8], digest: bool, progress: Arc<dyn Progress>) -> Self {
        let digest = digest.then(Sha256::new);
        let carry = prefix.to_vec();
        let (next_chunk, content_len, padded_len, sealed_all) = (0, 0, None, false);
        Self { input, progress, digest, carry, next_chunk, content_len, padded_len, sealed_all }
    }

    pub fn is_done(&self) -> bool {
        self.sealed_all && self.carry.is_empty()
    }

    pub fn content(&mut self) -> Content {
        Content {
            len: self.content_len,
            sha256: self.digest.take().map(|digest| digest.finalize().into()),
        }
    }

    /// Reads what the next leaf needs into `leaf`, a buffer of that length.
    pub fn fill(&mut self, cipher: &ChunkCipher, mut leaf: Vec<u8>) -> Result<Job, FileError> {
        let from = self.carry.len();
        leaf[..from].copy_from_slice(&self.carry);
        self.carry.clear();
        let first_chunk = self.next_chunk;
        let mut to = from;
        let slots = &mut leaf[from..];
        let whole = slots.len() - slots.len() % SEALED_CHUNK_LEN;
        // One call of the system reads into the front of every slot.
        let mut read = self.read(&mut slots[..whole])?;
        for slot in slots[..whole].as_chunks_mut::<SEALED_CHUNK_LEN>().0 {
            if self.sealed_all {
                break;
            }
            let content = read.min(CHUNK_LEN);
            read -= content;
            to += self.complete(slot, content)?;
        }
        let mut len = to;
        if !self.sealed_all && len < LEAF_LEN {
            let mut slot = [0; SEALED_CHUNK_LEN];
            let index = self.next_chunk;
            let content = self.read(&mut slot)?;
            let slot_len = self.complete(&mut slot, content)?;
            cipher.seal_in_place(index, self.sealed_all, &mut slot[..slot_len])?;
            let here = slot_len.min(LEAF_LEN - len);
            leaf[len..len + here].copy_from_slice(&slot[..here]);
            self.carry.extend_from_slice(&slot[here..slot_len]);
            len += here;
        }
        self.progress.advance(self.content_len, self.input.len());
        leaf.truncate(len);
        Ok(Job { leaf, first_chunk, from, to })
    }

    /// Reads content into the fronts of `slots`; less than fits only at its end.
    fn read(&mut self, slots: &mut [u8]) -> Result<usize, FileError> {
        if self.padded_len.is_some() {
            return Ok(0);
        }
        let slots = slots.as_chunks_mut::<SEALED_CHUNK_LEN>().0.iter_mut();
        let mut fronts: Vec<_> =
            slots.map(|slot| IoSliceMut::new(&mut slot[..CHUNK_LEN])).collect();
        self.input.read_full(&mut fronts)
    }

    /// Makes the next chunk's plaintext of the first `content` bytes of `slot`, with padding when
    /// the content has ended; gives the length that it will have sealed.
    fn complete(&mut self, slot: &mut [u8], content: usize) -> Result<usize, FileError> {
        let offset = self.next_chunk * CHUNK_LEN as u64;
        self.next_chunk += 1;
        if self.padded_len.is_none() {
            self.content_len += content as u64;
            self.input.check_growth(self.content_len)?;
            if let Some(digest) = &mut self.digest {
                digest.update(&slot[..content]);
            }
            if content < CHUNK_LEN {
                self.input.check_unchanged(self.content_len)?;
                self.padded_len = Some(padding::padded_len(self.content_len, CONTENT_FLOOR)?);
            }
        }
        let len = match self.padded_len {
            None => CHUNK_LEN,
            Some(padded_len) => {
                let len = (padded_len - offset).min(CHUNK_LEN as u64) as usize;
                padding::fill(self.content_len, padded_len, offset, &mut slot[..len]);
                len
            }
        };
        // The final chunk is the one that is short, maybe empty.
        self.sealed_all = len < CHUNK_LEN;
        Ok(len + TAG_LEN)
    }
}

impl Job {
    /// The part of sealing that any thread may do at any time: each chunk is sealed, and hashed
    /// while it is in the cache.
    pub fn seal(
        &mut self,
        cipher: &ChunkCipher,
        digest: bool,
    ) -> Result<Option<[u8; 32]>, FileError> {
        let (before, rest) = self.leaf.split_at_mut(self.from);
        let (slots, after) = rest.split_at_mut(self.to - self.from);
        let mut hasher = digest.then(Sha256::new);
        let mut hash = |bytes: &[u8]| {
            if let Some(hasher) = &mut hasher {
                hasher.update(bytes);
            }
        };
        hash(before);
        for (index, slot) in (self.first_chunk..).zip(slots.chunks_mut(SEALED_CHUNK_LEN)) {
            cipher.seal_in_place(index, slot.len() < SEALED_CHUNK_LEN, slot)?;
            hash(slot);
        }
        hash(after);
        Ok(hasher.map(|hasher| hasher.finalize().into()))
    }
}
