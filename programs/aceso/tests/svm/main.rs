//! The real program in an in-process SVM.

#[path = "../support/mod.rs"]
mod support;

mod calls;
mod costs;
mod refusals;
