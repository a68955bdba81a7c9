//! aceso-format for JavaScript: bytes in, bytes out, nothing decided here.
//!
//! Byte fields are `Uint8Array`, records are plain objects in camelCase, lengths are numbers (up to 2^53). Every refusal is
//! a JavaScript `Error` whose `name` is that of the Rust variant and whose `message` is its sentence.
//!
//! WASM memory is not wiped by the engine that runs it: keep secrets here for as short as the work takes, and call `free()`
//! on what holds seeds ([`keyring::OpenedKeyring`], [`content::ContentCipher`]).

mod address;
mod bundle;
mod content;
mod copy;
mod head;
mod key;
mod keyring;
mod packet;
mod reason;
mod value;
