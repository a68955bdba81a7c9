use crate::file::Progress;

/// What a flow is doing now, in the order in which a user would name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Asking the chain and the blob store, and checking what they say.
    Checking,
    /// Sealing and storing content. [`Progress::advance`] counts its bytes.
    Storing,
    /// Storing heads, keyrings or bundles.
    Sealing,
    /// Sending the transaction that the signer approves, and waiting for its fate.
    Sending,
    /// Writing the receipt of an opening.
    Receipt,
    /// Fetching and opening content. [`Progress::advance`] counts its bytes.
    Opening,
    /// Somebody else was faster; starting again from the present state.
    Retrying,
    /// Letting go of what is no longer needed.
    Tidying,
    /// Making the bytes of leases, for their addresses. [`Progress::advance`] counts them.
    Copying,
    /// Bringing the bytes of leases to peers. [`Progress::advance`] counts them.
    Uploading,
    /// Waiting for peers to accept.
    Waiting,
    /// Asking peers for what they hold.
    Asking,
}

/// Hears what a flow does. Called from worker threads too, so it should return at once.
pub trait Watch: Progress {
    fn step(&self, step: Step);

    /// Item `index` (from 0) of `count` begins: files of a batch, records of a maintenance.
    fn item(&self, index: usize, count: usize);
}

impl Watch for crate::file::Silent {
    fn step(&self, _: Step) {}

    fn item(&self, _: usize, _: usize) {}
}
