//! Chain accounts and instructions, blob stores, and what users do with both: the only place that knows chain and bytes.

pub mod blob;
pub mod chain;
pub mod file;
pub mod flow;
pub mod home;
pub mod peer;
mod place;
pub mod watcher;
