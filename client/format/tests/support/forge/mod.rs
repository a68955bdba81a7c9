//! Makes the fixtures: a small clinic, its objects, and what a forger would try. One file for each object.

mod bundle;
mod content;
pub mod head;
mod keyring;

use aceso_format::Address32;
use aceso_format::key::{SigningSeed, XWingSeed};
use aceso_format::packet::{Recipient, Writer};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Map, Value, json};

use super::hex;

const PROGRAM: Address32 = [0x50; 32];
const GENESIS: Address32 = [0x47; 32];
const FOLDER: Address32 = [0xf0; 32];
const RECORD: Address32 = [0xec; 32];

struct Person {
    profile: Address32,
    seed: XWingSeed,
    signing: SigningSeed,
}

impl Person {
    fn new(name: u8) -> Self {
        Person {
            profile: [name; 32],
            seed: XWingSeed::from_bytes([name ^ 0x55; 32]),
            signing: SigningSeed::from_bytes([name ^ 0xaa; 32]),
        }
    }

    fn recipient(&self) -> Recipient {
        Recipient { profile: self.profile, key_version: 1, key: self.seed.public() }
    }

    fn writer(&self) -> Writer<'_> {
        Writer { profile: self.profile, key_version: 1, seed: &self.signing }
    }

    fn verifying(&self) -> String {
        hex(self.signing.verifying_key().as_bytes())
    }
}

#[derive(Default)]
struct Book {
    objects: Map<String, Value>,
    cases: Vec<Value>,
}

impl Book {
    fn object(&mut self, name: &str, bytes: &[u8]) {
        self.objects.insert(name.into(), hex(bytes).into());
    }

    fn case(&mut self, name: &str, op: &str, base: &str, parts: Value, args: &Value, expect: &str) {
        let case = json!({ "name": name, "op": op, "base": base, "parts": parts, "args": args, "expect": expect });
        self.cases.push(case);
    }
}

/// All fixtures, with the values of those that open.
pub fn all() -> Value {
    let mut book = Book::default();
    addresses(&mut book);
    content::contents(&mut book);
    bundle::bundles(&mut book);
    head::heads(&mut book);
    keyring::keyrings(&mut book);
    let mut all =
        json!({ "about": "see testdata/README.md", "objects": book.objects, "cases": book.cases });
    let frozen = all.clone();
    for case in all["cases"].as_array_mut().unwrap() {
        if case["expect"] == "ok" {
            case["value"] =
                super::run::case(&frozen, case).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
        }
    }
    all
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn with(args: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut args = args.clone();
    args[field] = value.into();
    args
}

fn addresses(book: &mut Book) {
    book.case("address of the empty blob", "address", "", json!([]), &json!({}), "ok");
    book.case("address of a small blob", "address", "", json!(["00010203"]), &json!({}), "ok");
}
