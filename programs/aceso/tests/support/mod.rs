//! A chain in this process with the real program on it, the people of a small clinic, and one valid call per path of
//! every instruction. The tests in `../svm` run the calls as they are, and broken in every way.

pub mod action;
pub mod address;
pub mod call;
pub mod clinic;
pub mod event;
pub mod fixture;
pub mod fixtures;
pub mod market;
pub mod market_action;
pub mod mutation;
pub mod outcome;
pub mod refusal;
pub mod sample;
pub mod slot;
pub mod stored;
pub mod token;
pub mod world;
