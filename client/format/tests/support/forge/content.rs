//! Content, and what a forger would try.

use aceso_format::cobblestone::{ChunkCipher, MessageKey, SEALED_CHUNK_LEN};
use aceso_format::content::{self, ContentLayout, PREFIX_LEN};
use aceso_format::key::ContentKey;
use aceso_format::{header, label};
use serde_json::{Value, json};

use super::{Book, RECORD, rng, with};
use crate::support::hex;

pub(super) fn contents(book: &mut Book) {
    let key = ContentKey::from_bytes([0xc0; 32]);
    let plain: Vec<u8> = (0..40_000u32).map(|i| (i * 7 + i / 256) as u8).collect();
    let blob = content::seal(&RECORD, &key, &plain, &mut rng(1)).unwrap();
    book.object("content", &blob);
    let args =
        json!({ "record": hex(&RECORD), "key": hex(key.expose()), "contentLen": plain.len() });
    let (start, one, end) = (PREFIX_LEN, SEALED_CHUNK_LEN, blob.len());
    let (second, third) = (start + one, start + 2 * one);
    let mut case = |name: &str, parts: Value, args: &Value, expect: &str| {
        book.case(name, "content", "content", parts, args, expect);
    };
    let whole = json!([[0, end]]);
    case("content", whole.clone(), &args, "ok");
    case("content cut in its prefix", json!([[0, 60]]), &args, "Truncated");
    case("content without its final chunk", json!([[0, third]]), &args, "Truncated");
    case("content cut in a chunk", json!([[0, end - 1]]), &args, "Truncated");
    let swapped = json!([[0, start], [second, third], [start, second], [third, end]]);
    case("content with chunks in another order", swapped, &args, "ChunkForged");
    case("content with two final chunks", json!([[0, end], [third, end]]), &args, "TrailingBytes");
    case("content with a byte behind it", json!([[0, end], "00"]), &args, "TrailingBytes");
    let other = with(&args, "record", hex(&[0xed; 32]));
    case("content of another record", whole.clone(), &other, "CommitmentMismatch");
    let other = with(&args, "key", hex(&[0xc1; 32]));
    case("content under another key", whole.clone(), &other, "CommitmentMismatch");
    let flip = |at: usize| json!([[0, at], hex(&[blob[at] ^ 1]), [at + 1, end]]);
    case("content with another commitment", flip(start - 1), &args, "CommitmentMismatch");
    case("content with another salt", flip(16), &args, "CommitmentMismatch");
    case("content with an unknown flag", flip(6), &args, "FlagUnknown");
    case("content of an unknown version", flip(4), &args, "VersionUnknown");
    case("content of an unknown suite", flip(5), &args, "SuiteUnknown");
    case("content with other magic", flip(0), &args, "MagicMismatch");
    case("content with a reserved byte", flip(8), &args, "FieldInvalid");
    case("content with a changed byte", flip(start + 5), &args, "ChunkForged");
    case("content with a changed tag", flip(end - 1), &args, "ChunkForged");
    let shorter = with(&args, "contentLen", plain.len() - 1);
    case("content of another length by the manifest", whole, &shorter, "PaddingInvalid");

    // What a writer could make who does not use this crate: a byte in the zeros, and 512 bytes more padding than needed.
    let layout = ContentLayout::of(plain.len() as u64).unwrap();
    let mut padded = plain.clone();
    padded.resize(layout.padded_len() as usize - 8, 0);
    padded.extend_from_slice(&(plain.len() as u64).to_be_bytes());
    padded[plain.len() + 1] = 1;
    let dirty = seal_raw(&key, &padded, 2);
    book.case(
        "content with a byte in its padding",
        "content",
        "",
        json!([hex(&dirty)]),
        &args,
        "PaddingInvalid",
    );
    let small = json!({ "record": hex(&RECORD), "key": hex(key.expose()), "contentLen": 10 });
    let mut wide = vec![7; 10];
    wide.resize(4096 + 512 - 8, 0);
    wide.extend_from_slice(&10u64.to_be_bytes());
    let wide = seal_raw(&key, &wide, 3);
    book.case(
        "content with more padding than needed",
        "content",
        "",
        json!([hex(&wide)]),
        &small,
        "ChunkForged",
    );
}

/// Header and Cobblestone message of any plaintext.
fn seal_raw(key: &ContentKey, plaintext: &[u8], seed: u64) -> Vec<u8> {
    let header = header::content_header();
    let context = [label::CONTENT, &header, &RECORD].concat();
    let keys = MessageKey::for_sealing(key.expose(), &context, &mut rng(seed));
    let cipher: ChunkCipher = ChunkCipher::new(&keys);
    let mut out = [header.as_slice(), &keys.prefix()].concat();
    for index in 0..=plaintext.len() / 16_384 {
        let chunk = &plaintext[index * 16_384..plaintext.len().min((index + 1) * 16_384)];
        let mut slot = [chunk, &[0; 16]].concat();
        cipher.seal_in_place(index as u64, chunk.len() < 16_384, &mut slot).unwrap();
        out.extend_from_slice(&slot);
    }
    out
}
