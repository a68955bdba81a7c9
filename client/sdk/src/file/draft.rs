use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

/// What the name of every draft starts with, so that a sweep touches nothing else.
const PREFIX: &str = ".aceso-draft-";
/// A draft is created a moment before it is locked; no sweep looks at one this young.
const YOUNG: Duration = Duration::from_secs(60);

/// Drafts of this process. What they hold may be decrypted, so they do not outlive it ([`discard_drafts`]).
static DRAFTS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file that is being written, in the folder where it will appear. It is locked while its process
/// lives, readable by its owner alone, and removed unless it appears.
pub(crate) struct Draft {
    file: File,
    path: PathBuf,
    appeared: bool,
}

impl Draft {
    pub fn create(folder: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        loop {
            let now = SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
                .as_nanos();
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{PREFIX}{}-{now:x}-{count}", process::id()));
            let mut drafts = open_drafts();
            match options.open(&path) {
                // Containers that share the folder may share process ids too.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(e),
                Ok(file) => {
                    drafts.insert(path.clone());
                    let draft = Self { file, path, appeared: false };
                    // A file system without locks loses the sweep's protection, not the file.
                    let _ = draft.file.try_lock();
                    return Ok(draft);
                }
            }
        }
    }

    /// Gives the file its name, on disk before anybody is told. Without `replace`, an existing file
    /// stays and this fails.
    pub fn appear(mut self, path: &Path, replace: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if replace {
            fs::rename(&self.path, path)?;
            self.appeared = true;
        } else {
            match fs::hard_link(&self.path, path) {
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(e),
                // No hard links here (FAT, some network drives): the check and the rename are two
                // steps then.
                Err(_) if path.try_exists()? => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => {
                    fs::rename(&self.path, path)?;
                    self.appeared = true;
                }
            }
        }
        sync_folder(folder_of(path))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.appeared {
            // Nothing can be told from here; the next sweep tries again.
            let _ = fs::remove_file(&self.path);
        }
        open_drafts().remove(&self.path);
    }
}

/// Removes every file that this process has begun and not finished. For a process that is about to exit without
/// unwinding: none is begun any more until it has.
pub fn discard_drafts() {
    let drafts = open_drafts();
    for path in drafts.iter() {
        // Gone already, or it has its name by now; else the next sweep tries again.
        let _ = fs::remove_file(path);
    }
    // Held until the process ends: no thread may begin another.
    std::mem::forget(drafts);
}

fn open_drafts() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the drafts of processes that died: a lock that can be had belongs to nobody.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Another process may sweep too, or finish: a draft that is gone is as good as removed.
        let Ok(file) = File::open(entry.path()) else { continue };
        let age = file.metadata().and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
        if age.is_some_and(|age| age > YOUNG) && file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name is on disk when its folder is; only Unix has a way to ask for that.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
