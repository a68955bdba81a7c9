use std::{
    fs::{File, Metadata},
    io::{self, IoSliceMut, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::FileError;

/// Content to seal: a file, standard input, or any reader.
pub struct Input {
    reader: Box<dyn Read + Send>,
    path: PathBuf,
    watched: Option<Watched>,
}

/// A regular file as it was when reading began.
struct Watched {
    file: File,
    len: u64,
    modified: Option<SystemTime>,
}

impl Input {
    /// A file. Its length and time are compared when its end is reached, so what is sealed is one
    /// state of it.
    pub fn file(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let failed = |e| FileError::io("read", path, e);
        let file = File::open(path).map_err(failed)?;
        let before = file.metadata().map_err(failed)?;
        if before.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        // Pipes and devices have no length to compare.
        let watched = if before.is_file() {
            let (len, modified) = state(&before);
            Some(Watched { file: file.try_clone().map_err(failed)?, len, modified })
        } else {
            None
        };
        Ok(Self { reader: Box::new(file), path: path.to_owned(), watched })
    }

    pub fn stdin() -> Self {
        Self::reader(io::stdin(), "standard input")
    }

    /// Any reader; errors call it `name`.
    pub fn reader(reader: impl Read + Send + 'static, name: &str) -> Self {
        Self { reader: Box::new(reader), path: name.into(), watched: None }
    }

    /// Its length, when that is known before it is read.
    #[expect(clippy::len_without_is_empty, reason = "only reading tells whether a pipe is empty")]
    pub fn len(&self) -> Option<u64> {
        self.watched.as_ref().map(|file| file.len)
    }

    /// Where it is, if it is a file that can be read again.
    pub fn path(&self) -> Option<&Path> {
        self.watched.as_ref().map(|_| self.path.as_path())
    }

    /// Fills `pieces`, less than whole only at the end.
    pub(super) fn read_full(
        &mut self,
        mut pieces: &mut [IoSliceMut<'_>],
    ) -> Result<usize, FileError> {
        let mut filled = 0;
        while !pieces.is_empty() {
            match self.reader.read_vectored(pieces) {
                Ok(0) => break,
                Ok(read) => {
                    filled += read;
                    IoSliceMut::advance_slices(&mut pieces, read);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(FileError::io("read", &self.path, e)),
            }
        }
        Ok(filled)
    }

    /// Whether `read` bytes are more than the file had: one that is appended to faster than it is
    /// read has no end.
    pub(super) fn check_growth(&self, read: u64) -> Result<(), FileError> {
        match &self.watched {
            Some(before) if read > before.len => {
                Err(FileError::Changed { path: self.path.clone() })
            }
            _ => Ok(()),
        }
    }

    /// At its end: whether it is still the file of the beginning.
    pub(super) fn check_unchanged(&self, read: u64) -> Result<(), FileError> {
        let Some(before) = &self.watched else { return Ok(()) };
        let after = before.file.metadata().map_err(|e| FileError::io("read", &self.path, e))?;
        if state(&after) == (before.len, before.modified) && read == before.len {
            return Ok(());
        }
        Err(FileError::Changed { path: self.path.clone() })
    }
}

fn state(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}
