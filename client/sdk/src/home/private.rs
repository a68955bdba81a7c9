//! Files that only their owner may read, written whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::HomeError;

#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
#[cfg(unix)]
const DIR_MODE: u32 = 0o700;

/// Makes a directory, and those above it, for the owner alone. One that exists already must be the owner's alone.
pub(crate) fn make_dir(path: &Path) -> Result<(), HomeError> {
    make_dir_if_missing(path)?;
    require_private(path)
}

/// As [`make_dir`], but one that exists already may be of any mode: for what is not secret.
pub(crate) fn make_dir_if_missing(path: &Path) -> Result<(), HomeError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIR_MODE);
    builder.create(path).map_err(|error| HomeError::io("make", path, error))
}

/// Refuses what others may read: the keys in it may be known to them.
pub(crate) fn require_private(path: &Path) -> Result<(), HomeError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let meta = fs::metadata(path).map_err(|error| HomeError::io("look at", path, error))?;
        let mode = meta.permissions().mode() & 0o777;
        let want = if meta.is_dir() { DIR_MODE } else { FILE_MODE };
        if mode & 0o077 != 0 {
            return Err(HomeError::Exposed { path: path.to_owned(), mode, want });
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A file that must not exist yet.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private_mode(&mut options);
    options.open(path)
}

pub(crate) fn private_mode(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, FILE_MODE);
    #[cfg(not(unix))]
    let _ = options;
}

/// Puts `bytes` at `path`: whoever looks sees the old file or the new one, also after a power cut.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let draft = write_draft(path, bytes)?;
    fs::rename(&draft, path).map_err(|error| {
        let _ = fs::remove_file(&draft);
        HomeError::io("put in place", path, error)
    })?;
    sync_dir(path)
}

/// Makes a file with `bytes` where there is none yet: all of it or nothing, on a full disk too.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let draft = write_draft(path, bytes)?;
    // Unlike a rename, a link takes nobody's place.
    let made = fs::hard_link(&draft, path);
    let _ = fs::remove_file(&draft);
    made.map_err(|error| HomeError::io("make", path, error))?;
    sync_dir(path)
}

/// Writes `bytes` beside `path`, down to the disk.
pub(crate) fn write_draft(path: &Path, bytes: &[u8]) -> Result<PathBuf, HomeError> {
    let draft = beside(path, "new");
    // Left over from a command that was killed: the lock is ours, so nobody is writing it.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(HomeError::io("clear away", draft, error));
        }
        _ => {}
    }
    let written = create_new(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(draft),
        Err(error) => {
            let _ = fs::remove_file(&draft);
            Err(HomeError::io("write", path, error))
        }
    }
}

/// `path` with another ending: in the same directory, so that a rename is atomic.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// A rename lasts only when its directory is written too.
pub(crate) fn sync_dir(path: &Path) -> Result<(), HomeError> {
    let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) else { return Ok(()) };
    #[cfg(unix)]
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| HomeError::io("write", dir, error))?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}
