//! The directory of one peer. One process at a time uses it: the daemon, or a command that writes while none runs.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use crate::failure::Failure;

/// The right to write there. Ends with the process, however that ends.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

/// Takes the directory, made where it is missing; `None` while another process has it.
pub fn lock(data_dir: &Path) -> Result<Option<DirLock>, Failure> {
    let failed = |e: std::io::Error| {
        let shown = data_dir.display();
        Failure::input(format!(
            "cannot use data_dir {shown} ({e}); make it, and give it to the user that the daemon runs as"
        ))
    };
    fs::create_dir_all(data_dir).map_err(failed)?;
    let file = File::create(data_dir.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(DirLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(failed(e)),
    }
}
