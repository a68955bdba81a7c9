use std::{io::Write, path::Path, sync::Arc};

use aceso_format::{
    Address32, BlobAddress, address::TreeBuilder, cobblestone::ChunkCipher, content,
    key::ContentKey, rand_core::UnwrapErr,
};
use async_trait::async_trait;
use getrandom::SysRng;

use super::{
    FileError, Input, Progress,
    draft::{Draft, folder_of, sweep},
    intake::Intake,
    pipeline::{Part, Pipeline},
};
use crate::blob::{BlobStore, Leaf, LeafSource, SourceError};

/// Content that is sealed and stored: what its manifest has to say, and what opens it again.
pub struct SealedContent {
    pub key: ContentKey,
    pub blob: BlobAddress,
    pub content_len: u64,
    /// SHA-256 of the content before sealing.
    pub sha256: [u8; 32],
}

/// Seals `input` under a fresh key and puts it into `store` in one pass. When this fails, nothing
/// is stored.
pub async fn seal(
    store: &dyn BlobStore,
    input: Input,
    record: &Address32,
    progress: Arc<dyn Progress>,
) -> Result<SealedContent, FileError> {
    seal_noted(store, input, record, progress, &mut |_| Ok(())).await
}

/// As [`seal`]; `note` hears the address when all is sealed and the store has yet to keep it. Who writes
/// it down there can let the blob go after a crash at any later moment.
pub async fn seal_noted(
    store: &dyn BlobStore,
    input: Input,
    record: &Address32,
    progress: Arc<dyn Progress>,
    note: &mut Note<'_>,
) -> Result<SealedContent, FileError> {
    let (key, pipeline) = start(input, record, Hashes { content: true, leaves: true }, progress)?;
    let mut source = Sealing { pipeline, tree: Some(TreeBuilder::new()), note };
    let blob = store.put(&mut source, None).await?;
    let content = source.pipeline.content()?;
    let sha256 = content.sha256.ok_or_else(|| FileError::Worker("hashing".to_owned()))?;
    Ok(SealedContent { key, blob, content_len: content.len, sha256 })
}

/// Seals `input` into a file, without a store. The file appears when it is whole.
pub async fn seal_to_file(
    input: Input,
    output: &Path,
    replace: bool,
    record: &Address32,
    progress: Arc<dyn Progress>,
) -> Result<SealedContent, FileError> {
    let (key, mut pipeline) =
        start(input, record, Hashes { content: true, leaves: true }, progress)?;
    let path = output.to_owned();
    let sealing = tokio::task::spawn_blocking(move || {
        let folder = folder_of(&path);
        sweep(folder).map_err(|e| FileError::io("sweep", folder, e))?;
        let mut draft = Draft::create(folder).map_err(|e| FileError::io("create", &path, e))?;
        let mut tree = TreeBuilder::new();
        write_parts(&mut pipeline, Some(&mut tree), &mut draft, &path)?;
        Ok::<_, FileError>((draft, path, tree.finish(|_| ()), pipeline.content()?))
    });
    let (draft, path, blob, content) =
        sealing.await.map_err(|e| FileError::Worker(e.to_string()))??;
    let sha256 = content.sha256.ok_or_else(|| FileError::Worker("hashing".to_owned()))?;
    draft.appear(&path, replace).map_err(|e| FileError::io("write", &path, e))?;
    Ok(SealedContent { key, blob, content_len: content.len, sha256 })
}

/// Which digests are made on the way. Without both it is encryption alone: what is measured beside
/// other tools.
#[derive(Clone, Copy, Debug)]
pub struct Hashes {
    pub content: bool,
    pub leaves: bool,
}

/// Seals `input` to a writer on this thread and others; gives the key and, with `hashes.leaves`,
/// the address.
pub fn seal_to_writer(
    input: Input,
    output: &mut dyn Write,
    record: &Address32,
    hashes: Hashes,
    progress: Arc<dyn Progress>,
) -> Result<(ContentKey, Option<BlobAddress>), FileError> {
    let (key, mut pipeline) = start(input, record, hashes, progress)?;
    let mut tree = TreeBuilder::new();
    let growing = hashes.leaves.then_some(&mut tree);
    write_parts(&mut pipeline, growing, output, Path::new("the output"))?;
    pipeline.content()?;
    Ok((key, hashes.leaves.then(|| tree.finish(|_| ()))))
}

fn start(
    input: Input,
    record: &Address32,
    hashes: Hashes,
    progress: Arc<dyn Progress>,
) -> Result<(ContentKey, Pipeline), FileError> {
    // Asked for once by hand, because the generators below can only panic.
    getrandom::fill(&mut [0; 1]).map_err(|e| FileError::Random(e.to_string()))?;
    let mut rng = UnwrapErr(SysRng);
    let key = ContentKey::generate(&mut rng);
    // One key and one salt for one pass: nothing here can seal a second time.
    let (message, prefix) = content::sealing_key(record, &key, &mut rng);
    let intake = Intake::new(input, &prefix, hashes.content, progress);
    let pipeline = Pipeline::start(intake, ChunkCipher::new(&message), hashes.leaves)?;
    Ok((key, pipeline))
}

fn write_parts(
    pipeline: &mut Pipeline,
    mut tree: Option<&mut TreeBuilder>,
    output: &mut dyn Write,
    path: &Path,
) -> Result<(), FileError> {
    while let Some(part) = pipeline.next_blocking()? {
        if let (Some(tree), Some(digest)) = (&mut tree, part.digest) {
            tree.push_leaf(digest, part.bytes.len(), |_| ())?;
        }
        output.write_all(&part.bytes).map_err(|e| FileError::io("write", path, e))?;
    }
    output.flush().map_err(|e| FileError::io("write", path, e))
}

/// What [`seal_noted`] tells the address; an error ends the put, and the store undoes it.
pub type Note<'a> = dyn FnMut(BlobAddress) -> Result<(), SourceError> + Send + 'a;

/// Sealed leaves on their way into a store. No store keeps a blob before its source has ended.
struct Sealing<'n, 'a> {
    pipeline: Pipeline,
    /// Gone once the address was noted.
    tree: Option<TreeBuilder>,
    note: &'n mut Note<'a>,
}

#[async_trait]
impl LeafSource for Sealing<'_, '_> {
    async fn next(&mut self) -> Result<Option<Leaf>, SourceError> {
        let Some(Part { bytes, digest }) = self.pipeline.next().await? else {
            if let Some(tree) = self.tree.take() {
                (self.note)(tree.finish(|_| ()))?;
            }
            return Ok(None);
        };
        let leaf = match digest {
            Some(digest) => Leaf::hashed(bytes, digest),
            None => Leaf::new(bytes),
        };
        if let Some(tree) = &mut self.tree {
            tree.push_leaf(leaf.digest(), leaf.bytes().len(), |_| ())?;
        }
        Ok(Some(leaf))
    }
}
