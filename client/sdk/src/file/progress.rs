/// Hears how far a transfer is. Called from worker threads about once a MiB, so it should return at
/// once.
pub trait Progress: Send + Sync {
    /// `total` is `None` for input of unknown length.
    fn advance(&self, done: u64, total: Option<u64>);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _: u64, _: Option<u64>) {}
}

impl<F: Fn(u64, Option<u64>) + Send + Sync> Progress for F {
    fn advance(&self, done: u64, total: Option<u64>) {
        self(done, total);
    }
}
