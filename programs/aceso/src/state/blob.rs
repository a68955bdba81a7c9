use crate::{constants::MAX_BLOB_LEN, error::AcesoError, prelude::*};

/// Where a head, keyring or bundle is: SHA-256 and length of its bytes. The length fixes the CID.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    pub digest: [u8; 32],
    pub len: u32,
}

impl Blob {
    pub fn validate(&self) -> Result<()> {
        require!(self.digest != [0; 32], AcesoError::DigestMissing);
        require!((1..=MAX_BLOB_LEN).contains(&self.len), AcesoError::BlobLength);
        Ok(())
    }
}

/// Compare and swap: `blob` replaces the blob whose digest is `expected`, and nothing else.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swap {
    pub expected: [u8; 32],
    pub blob: Blob,
}

impl Swap {
    pub fn validate(&self) -> Result<()> {
        self.blob.validate()?;
        require!(self.expected != self.blob.digest, AcesoError::BlobUnchanged);
        Ok(())
    }
}

/// Whose key a head is sealed to, and the state of it that the writer relied on.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedTo {
    /// The folder's epoch key, as this keyring publishes it.
    Epoch { epoch: u32, keyring_digest: [u8; 32] },
    /// The owner's own key (the inbox), as this bundle publishes it.
    Inbox { key_version: u32, bundle_digest: [u8; 32] },
}
