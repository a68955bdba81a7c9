use std::{io::IoSliceMut, path::Path};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{FileError, Input};
use crate::blob::LEAF_LEN;

/// SHA-256 of a file: of one state of it, as when it is sealed.
pub async fn sha256(path: &Path) -> Result<[u8; 32], FileError> {
    let path = path.to_owned();
    let hashing = tokio::task::spawn_blocking(move || {
        let mut input = Input::file(path)?;
        let (mut digest, mut read) = (Sha256::new(), 0);
        let mut piece = Zeroizing::new(vec![0; LEAF_LEN]);
        loop {
            let len = input.read_full(&mut [IoSliceMut::new(&mut piece)])?;
            read += len as u64;
            input.check_growth(read)?;
            if len == 0 {
                input.check_unchanged(read)?;
                return Ok(digest.finalize().into());
            }
            digest.update(&piece[..len]);
        }
    });
    hashing.await.map_err(|error| FileError::Worker(error.to_string()))?
}
