//! The real program in an in-process SVM.

#[path = "../support/mod.rs"]
mod support;

mod calls;
mod conservation;
mod costs;
mod lifecycle;
mod refusals;
