//! What chain tests share: a chain of their own, a node that lies, and people to act.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod localnet;
pub mod people;
pub mod proxy;
