//! Blobs that others have stored, and that one's own store is to hold as well.

use aceso_format::BlobAddress;

use super::{FlowError, Session};
use crate::blob::BlobError;

impl Session {
    /// Has one's own store keep a blob. Not in the journal: whoever stored it may use the same store, and letting it go
    /// after a crash would take it from them.
    pub(super) async fn keep(&self, blob: &BlobAddress) -> Result<(), FlowError> {
        match self.store().pin(blob).await {
            // A directory finds nothing by itself; the gateways behind it may.
            Err(BlobError::NotFound { .. }) => {
                let mut copy = self.store().get(*blob)?;
                self.store().put(&mut copy, Some(*blob)).await?;
                Ok(())
            }
            other => Ok(other?),
        }
    }
}
