//! What a writer's signature covers: label ‖ program ‖ SHA-256(everything before the signature) (SPEC §1).

use alloc::vec::Vec;

use crate::Address32;
use crate::error::{Error, Result};
use crate::hash;
use crate::key::{SIGNATURE_LEN, SigningSeed, VerifyingKey};

/// Appends the signature of `body` to it.
pub(crate) fn append(label: &[u8], program: &Address32, body: &mut Vec<u8>, seed: &SigningSeed) {
    let signature = seed.sign(&message(label, program, body));
    body.extend_from_slice(&signature);
}

/// Splits an object into its body and its signature.
pub(crate) fn split(bytes: &[u8]) -> Result<(&[u8], &[u8; SIGNATURE_LEN])> {
    bytes.split_last_chunk().ok_or(Error::Truncated)
}

/// Checks the signature at the end of `bytes`.
pub(crate) fn verify(
    what: &'static str,
    label: &[u8],
    program: &Address32,
    bytes: &[u8],
    key: &VerifyingKey,
) -> Result<()> {
    let (body, signature) = split(bytes)?;
    key.verify(what, &message(label, program, body), signature)
}

fn message(label: &[u8], program: &Address32, body: &[u8]) -> Vec<u8> {
    [label, program, &hash::sha256(&[body])].concat()
}
