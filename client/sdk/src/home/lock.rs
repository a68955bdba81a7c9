use std::{
    fs::{File, OpenOptions, TryLockError},
    thread,
    time::{Duration, Instant},
};

use super::{HomeDir, HomeError, private};

/// The right to write to a home directory. Ends when dropped, or with the process, however that ends.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

const POLL: Duration = Duration::from_millis(20);

impl HomeDir {
    /// Waits for other commands to finish writing. Blocks the thread; a write takes milliseconds, a keystore a second.
    pub fn lock(&self, wait: Duration) -> Result<HomeLock, HomeError> {
        let path = self.root().join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private::private_mode(&mut options);
        let file = options.open(&path).map_err(|error| HomeError::io("open", &path, error))?;
        let end = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(HomeLock { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => {
                    return Err(HomeError::Busy {
                        path: self.root().to_owned(),
                        seconds: wait.as_secs(),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(HomeError::io("lock", &path, error)),
            }
        }
    }
}
