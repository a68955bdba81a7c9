use std::{
    sync::{Arc, Mutex, OnceLock},
    thread,
};

use aceso_format::cobblestone::ChunkCipher;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::{
    FileError,
    intake::{Content, Intake},
};
use crate::blob::buffer;

/// Leaves that may wait for whoever takes them: with those in work, a few MiB at any size of the
/// file.
const WAITING: usize = 3;
/// More threads than this wait for the reading one.
const MOST_THREADS: usize = 4;

/// A sealed leaf; its digest when one was asked for.
pub(super) struct Part {
    pub bytes: Bytes,
    pub digest: Option<[u8; 32]>,
}

type Pending = oneshot::Receiver<Result<Part, FileError>>;

/// Sealing on several threads. Each in turn reads the plaintext of one leaf, then seals and hashes
/// that leaf while the next one reads; leaves come out in order, because a place in the queue is
/// taken while reading.
pub(super) struct Pipeline {
    parts: mpsc::Receiver<Pending>,
    content: Arc<OnceLock<Content>>,
}

struct Shared {
    intake: Mutex<Turn>,
    cipher: ChunkCipher,
    digest: bool,
    content: Arc<OnceLock<Content>>,
}

struct Turn {
    intake: Intake,
    /// Gone once the last leaf is queued, or nobody takes them any more.
    queue: Option<mpsc::Sender<Pending>>,
}

impl Pipeline {
    pub fn start(intake: Intake, cipher: ChunkCipher, digest: bool) -> Result<Self, FileError> {
        let (queue, parts) = mpsc::channel(WAITING);
        let content = Arc::new(OnceLock::new());
        let shared = Arc::new(Shared {
            intake: Mutex::new(Turn { intake, queue: Some(queue) }),
            cipher,
            digest,
            content: content.clone(),
        });
        let threads = thread::available_parallelism().map_or(2, |n| n.get().clamp(2, MOST_THREADS));
        for _ in 0..threads {
            let shared = shared.clone();
            let worker = thread::Builder::new().name("aceso-seal".to_owned());
            worker
                .spawn(move || while shared.work() {})
                .map_err(|e| FileError::Worker(e.to_string()))?;
        }
        Ok(Self { parts, content })
    }

    pub async fn next(&mut self) -> Result<Option<Part>, FileError> {
        match self.parts.recv().await {
            Some(part) => part.await.map_err(|_| stopped())?.map(Some),
            None => self.ended(),
        }
    }

    pub fn next_blocking(&mut self) -> Result<Option<Part>, FileError> {
        match self.parts.blocking_recv() {
            Some(part) => part.blocking_recv().map_err(|_| stopped())?.map(Some),
            None => self.ended(),
        }
    }

    /// What was read, once all of it was.
    pub fn content(&self) -> Result<Content, FileError> {
        self.content.get().copied().ok_or_else(stopped)
    }

    /// The queue also ends when a thread panics; then no content was noted.
    fn ended(&self) -> Result<Option<Part>, FileError> {
        self.content().map(|_| None)
    }
}

impl Shared {
    /// One leaf; false when there is none left.
    fn work(&self) -> bool {
        let (part, pending) = oneshot::channel();
        let job = {
            let Ok(mut turn) = self.intake.lock() else { return false };
            let Some(queue) = turn.queue.take() else { return false };
            let job = turn.intake.fill(&self.cipher, buffer::take_leaf());
            if queue.blocking_send(pending).is_err() {
                return false;
            }
            match &job {
                Err(_) => {}
                // Set once: only one thread sees the end.
                Ok(_) if turn.intake.is_done() => drop(self.content.set(turn.intake.content())),
                Ok(_) => turn.queue = Some(queue),
            }
            job
        };
        let sealed = job.and_then(|mut job| {
            let digest = job.seal(&self.cipher, self.digest)?;
            Ok(Part { bytes: buffer::lend(job.leaf), digest })
        });
        // A receiver that is gone has given the whole put up; the next turn notices.
        let _ = part.send(sealed);
        true
    }
}

fn stopped() -> FileError {
    FileError::Worker("sealing".to_owned())
}
