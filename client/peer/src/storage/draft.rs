use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The steps in which a file appears. A process that dies before or after any of them leaves no half of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Create,
    Write,
    SyncFile,
    MakeFolder,
    Rename,
    SyncFolder,
}

/// Called before each step; an error ends the put there. For tests, which also kill the process in it.
pub type Watch = Arc<dyn Fn(Step) -> io::Result<()> + Send + Sync>;

/// A file that is being written under a name of no meaning. Removed again unless it appears.
pub(crate) struct FileDraft {
    file: File,
    path: PathBuf,
    appeared: bool,
    watch: Watch,
}

impl FileDraft {
    pub fn create(folder: &Path, watch: Watch) -> io::Result<Self> {
        watch(Step::Create)?;
        let mut options = OpenOptions::new();
        options.write(true).read(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
        loop {
            let mut random = [0; 16];
            getrandom::fill(&mut random).map_err(io::Error::other)?;
            let path = folder.join(super::hex(&random));
            match options.open(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                file => return Ok(Self { file: file?, path, appeared: false, watch }),
            }
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (self.watch)(Step::Write)?;
        self.file.write_all(bytes)
    }

    pub fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        (self.watch)(Step::Write)?;
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, offset)
    }

    /// Bytes first, name second, and both on disk before anybody is told.
    pub fn appear(mut self, path: &Path) -> io::Result<()> {
        (self.watch)(Step::SyncFile)?;
        self.file.sync_all()?;
        let Some(folder) = path.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
        if !folder.exists() {
            (self.watch)(Step::MakeFolder)?;
            fs::create_dir_all(folder)?;
            if let Some(above) = folder.parent() {
                File::open(above)?.sync_all()?;
            }
        }
        (self.watch)(Step::Rename)?;
        fs::rename(&self.path, path)?;
        self.appeared = true;
        (self.watch)(Step::SyncFolder)?;
        File::open(folder)?.sync_all()
    }
}

impl Drop for FileDraft {
    fn drop(&mut self) {
        if !self.appeared {
            // Nothing can be told from here; the next start sweeps.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes what a process that died was writing. The data directory is locked: nobody else writes here.
pub(crate) fn sweep(incoming: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for entry in fs::read_dir(incoming)? {
        fs::remove_file(entry?.path())?;
        swept += 1;
    }
    Ok(swept)
}
