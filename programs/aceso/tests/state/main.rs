//! The rules of the accounts without a chain: random histories, and what must hold after every step.

mod audit;
mod bounds;
mod folder;
mod layout;
mod readme;
mod request;
