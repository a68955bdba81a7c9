//! Refusals in words.
