use std::{
    io::{IoSliceMut, Write},
    iter,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use aceso_format::{
    Address32,
    content::{ContentLayout, PREFIX_LEN},
    key::ContentKey,
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};
use zeroize::Zeroizing;

use super::{
    FileError, Input, Progress, SealedContent,
    chunks::{Chunks, chunks_of},
    draft::{Draft, folder_of, sweep},
};
use crate::blob::{BlobStore, LEAF_LEN};

/// Sealed pieces that may wait to be opened.
const WAITING: usize = 2;

/// Where opened content goes.
pub enum Output {
    /// A file, which appears when the last chunk has authenticated and the digest is right; until
    /// then nothing does. Other people cannot read it. An existing one is kept unless `replace`.
    File { path: PathBuf, replace: bool },
    /// A pipe or the like: each byte is authentic, but whoever reads them learns only from our
    /// result whether all came.
    Writer(Box<dyn Write + Send>),
}

/// What an opening took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Bytes written.
    pub len: u64,
    /// Bytes of blocks that the store had to send.
    pub fetched: u64,
}

/// Fetches, verifies and opens the whole content.
pub async fn open(
    store: &Arc<dyn BlobStore>,
    record: &Address32,
    sealed: &SealedContent,
    output: Output,
    progress: Arc<dyn Progress>,
) -> Result<Opened, FileError> {
    layout(sealed)?;
    let range = 0..sealed.content_len;
    let opening = Opening::start(record, sealed, range, Some(sealed.sha256), output, progress);
    let mut reader = store.get(sealed.blob)?;
    let fed = async {
        while let Some(bytes) = reader.next().await? {
            if !opening.feed(bytes).await {
                break;
            }
        }
        Ok(())
    }
    .await;
    let len = opening.end(fed).await?;
    Ok(Opened { len, fetched: reader.fetched() })
}

/// Fetches, verifies and opens some bytes of the content, and no other blocks than they need. The
/// range is authentic; of the rest nothing is said.
pub async fn open_range(
    store: &Arc<dyn BlobStore>,
    record: &Address32,
    sealed: &SealedContent,
    range: Range<u64>,
    output: Output,
    progress: Arc<dyn Progress>,
) -> Result<Opened, FileError> {
    let layout = layout(sealed)?;
    if range.start > range.end || range.end > sealed.content_len {
        return Err(FileError::OutOfRange {
            from: range.start,
            to: range.end,
            len: sealed.content_len,
        });
    }
    let chunks = chunks_of(&layout, &range);
    let sealed_range =
        layout.chunk(chunks.start)?.sealed.start..layout.chunk(chunks.end - 1)?.sealed.end;
    let opening = Opening::start(record, sealed, range, None, output, progress);
    let mut fetched = 0;
    let fed = async {
        // The prefix and the first chunk are in one block, which is not fetched twice.
        let together = sealed_range.start < LEAF_LEN as u64;
        let first = 0..if together { sealed_range.end } else { PREFIX_LEN as u64 };
        let rest = (!together).then(|| sealed_range.clone());
        for part in iter::once(first).chain(rest) {
            let mut at = part.start;
            let mut reader = store.get_range(sealed.blob, part)?;
            while let Some(bytes) = reader.next().await? {
                let end = at + bytes.len() as u64;
                let prefix =
                    bytes.slice(..bytes.len().min((PREFIX_LEN as u64).saturating_sub(at) as usize));
                let skip = sealed_range.start.saturating_sub(at).min(bytes.len() as u64);
                let chunks = bytes.slice(skip as usize..);
                at = end;
                if !prefix.is_empty() && !opening.feed(prefix).await || !opening.feed(chunks).await
                {
                    return Ok(());
                }
            }
            fetched += reader.fetched();
        }
        Ok(())
    }
    .await;
    let len = opening.end(fed).await?;
    Ok(Opened { len, fetched })
}

/// Opens a sealed file that is at hand. Its address is not computed: key and record authenticate
/// every byte.
pub async fn open_file(
    input: Input,
    record: &Address32,
    sealed: &SealedContent,
    output: Output,
    progress: Arc<dyn Progress>,
) -> Result<Opened, FileError> {
    layout(sealed)?;
    let range = 0..sealed.content_len;
    let opening = Opening::start(record, sealed, range, Some(sealed.sha256), output, progress);
    let mut input = input;
    let fed = async {
        loop {
            let reading = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; LEAF_LEN];
                let read = input.read_full(&mut [IoSliceMut::new(&mut piece)])?;
                piece.truncate(read);
                Ok::<_, FileError>((input, piece))
            });
            let (back, piece) = reading.await.map_err(|e| FileError::Worker(e.to_string()))??;
            input = back;
            if piece.is_empty() || !opening.feed(piece.into()).await {
                return Ok(());
            }
        }
    }
    .await;
    let len = opening.end(fed).await?;
    Ok(Opened { len, fetched: 0 })
}

fn layout(sealed: &SealedContent) -> Result<ContentLayout, FileError> {
    let layout = ContentLayout::of(sealed.content_len)?;
    let (expected, found) = (layout.sealed_len(), sealed.blob.len);
    if expected != found {
        return Err(FileError::LengthMismatch { content_len: sealed.content_len, expected, found });
    }
    Ok(layout)
}

/// A thread that opens and writes what it is fed, beside the fetching and checking of blocks.
struct Opening {
    pieces: mpsc::Sender<Bytes>,
    work: JoinHandle<Result<(Sink, u64), FileError>>,
}

impl Opening {
    fn start(
        record: &Address32,
        sealed: &SealedContent,
        range: Range<u64>,
        sha256: Option<[u8; 32]>,
        output: Output,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let (pieces, mut fed) = mpsc::channel::<Bytes>(WAITING);
        let (record, key, content_len) = (*record, sealed.key.duplicate(), sealed.content_len);
        let work = tokio::task::spawn_blocking(move || {
            let mut sink = Sink::create(output)?;
            let mut digest = sha256.map(|expected| (expected, Sha256::new()));
            let mut opened = Zeroizing::new(Vec::with_capacity(LEAF_LEN + LEAF_LEN / 8));
            let (mut done, total) = (0, range.end - range.start);
            let mut pieces = std::iter::from_fn(move || fed.blocking_recv());
            let mut chunks = first(&mut pieces, &record, &key, content_len, range, &mut opened)?;
            loop {
                sink.write(&opened)?;
                if let Some((_, digest)) = &mut digest {
                    digest.update(&*opened);
                }
                done += opened.len() as u64;
                progress.advance(done, Some(total));
                opened.clear();
                let Some(piece) = pieces.next() else { break };
                chunks.open(&piece, &mut opened)?;
            }
            chunks.finish()?;
            let right = digest
                .is_none_or(|(expected, digest)| <[u8; 32]>::from(digest.finalize()) == expected);
            if right { Ok((sink, done)) } else { Err(FileError::DigestMismatch) }
        });
        Self { pieces, work }
    }

    /// False when opening has failed, which [`Opening::end`] explains.
    async fn feed(&self, piece: Bytes) -> bool {
        self.pieces.send(piece).await.is_ok()
    }

    /// Waits for the thread, and only then lets the file appear: a caller that gave up before
    /// leaves none.
    async fn end(self, fed: Result<(), FileError>) -> Result<u64, FileError> {
        drop(self.pieces);
        let worked = self.work.await.map_err(|e| FileError::Worker(e.to_string()))?;
        // A fetch that failed makes the thread see an early end; its own error is the cause.
        fed?;
        let (sink, len) = worked?;
        let appearing = tokio::task::spawn_blocking(move || sink.appear());
        appearing.await.map_err(|e| FileError::Worker(e.to_string()))??;
        Ok(len)
    }
}

/// The prefix may come in a piece of its own or together with the first chunks.
fn first(
    pieces: &mut impl Iterator<Item = Bytes>,
    record: &Address32,
    key: &ContentKey,
    content_len: u64,
    range: Range<u64>,
    opened: &mut Vec<u8>,
) -> Result<Chunks, FileError> {
    let piece = pieces.next().ok_or(aceso_format::Error::Truncated)?;
    let (prefix, rest) =
        piece.split_first_chunk::<PREFIX_LEN>().ok_or(aceso_format::Error::Truncated)?;
    let mut chunks = Chunks::new(record, key, content_len, prefix, range)?;
    chunks.open(rest, opened)?;
    Ok(chunks)
}

enum Sink {
    File { draft: Draft, path: PathBuf, replace: bool },
    Writer(Box<dyn Write + Send>),
}

impl Sink {
    fn create(output: Output) -> Result<Self, FileError> {
        match output {
            Output::Writer(writer) => Ok(Self::Writer(writer)),
            Output::File { path, replace } => {
                if !replace && path.symlink_metadata().is_ok() {
                    return Err(FileError::Exists { path });
                }
                let folder = folder_of(&path);
                sweep(folder).map_err(|e| FileError::io("sweep", folder, e))?;
                let draft = Draft::create(folder).map_err(|e| FileError::io("create", &path, e))?;
                Ok(Self::File { draft, path, replace })
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        match self {
            Self::File { draft, path, .. } => {
                draft.write_all(bytes).map_err(|e| FileError::io("write", &*path, e))
            }
            Self::Writer(writer) => writer
                .write_all(bytes)
                .map_err(|e| FileError::io("write", Path::new("the output"), e)),
        }
    }

    fn appear(self) -> Result<(), FileError> {
        match self {
            Self::File { draft, path, replace } => {
                draft.appear(&path, replace).map_err(|e| FileError::io("write", &path, e))
            }
            Self::Writer(mut writer) => {
                writer.flush().map_err(|e| FileError::io("write", Path::new("the output"), e))
            }
        }
    }
}
