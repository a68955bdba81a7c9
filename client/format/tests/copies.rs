//! Masked copies, packs and proof trees: frozen fixtures, with one-step mutations and the error that each must give.
//!
//! `ACESO_BLESS=1` writes `testdata/copies.json`, and an input for each of the fuzz targets `pack` and `proof`; otherwise its
//! bytes must be the ones made here. `client/wasm` runs the same file.

#[allow(dead_code)]
mod support;

use aceso_format::address::leaf_digest;
use aceso_format::key::{ContentKey, MaskKey, ReplicaSecret};
use aceso_format::mask::Mask;
use aceso_format::pack::{self, PackPart, PackTable};
use aceso_format::proof_tree::{self, ProofShape, UpperTree};
use aceso_format::{Error, content};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Map, Value, json};
use support::{array, assemble, hex, unhex};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/copies.json");
const FOLDER: [u8; 32] = [0xf0; 32];
const LEASE: [u8; 32] = [0x1e; 32];
const RECORD: [u8; 32] = [0xec; 32];
const CONTENT_KEY: [u8; 32] = [0xc0; 32];

/// One test, so that blessing and reading do not race.
#[test]
fn copies_are_frozen_and_give_what_they_say() {
    let fixtures = forge();
    let made = serde_json::to_string_pretty(&fixtures).unwrap() + "\n";
    if std::env::var_os("ACESO_BLESS").is_some() {
        std::fs::write(PATH, &made).unwrap();
        bless_seeds(&fixtures);
    }
    let frozen = std::fs::read_to_string(PATH).unwrap();
    assert!(
        made == frozen,
        "the bytes of the format changed: if that is meant, bless them and say so in SPEC.md"
    );
    let frozen: Value = serde_json::from_str(&frozen).unwrap();
    for case in frozen["cases"].as_array().unwrap() {
        let (name, expect) = (&case["name"], case["expect"].as_str().unwrap());
        match run(&frozen, case) {
            Ok(value) => {
                assert_eq!(expect, "ok", "{name} must be refused");
                assert_eq!(value, case["value"], "{name}");
            }
            Err(error) => assert_eq!(error.name(), expect, "{name}: {error}"),
        }
    }
}

fn bless_seeds(fixtures: &Value) {
    let write = |target: &str, name: &str, bytes: Vec<u8>| {
        let folder = format!("{}/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(format!("{folder}/{name}"), bytes).unwrap();
    };
    let pack = unhex(&fixtures["objects"]["pack"]);
    let len = pack.len() as u64;
    write("pack", "valid", [len.to_le_bytes().as_slice(), &pack[..44 + 2 * 44]].concat());
    for (name, index) in [("first", 0), ("carried-up", 136)] {
        let cases = fixtures["cases"].as_array().unwrap();
        let case = cases.iter().find(|case| case["name"] == format!("leaf {index}")).unwrap();
        let (args, leaf) = (&case["args"], assemble(fixtures, case));
        let (root, path) = (unhex(&args["root"]), unhex(&args["path"]));
        let len = args["len"].as_u64().unwrap().to_le_bytes();
        let index = args["index"].as_u64().unwrap().to_le_bytes();
        let count = [(path.len() / 32) as u8];
        write("proof", name, [len.as_slice(), &index, &root, &count, &path, &leaf].concat());
    }
}

/// Runs one fixture. `client/wasm/tests/copies.test.mjs` does the same in JavaScript.
fn run(fixtures: &Value, case: &Value) -> Result<Value, Error> {
    let mut bytes = assemble(fixtures, case);
    let args = &case["args"];
    let number = |field: &str| args[field].as_u64().unwrap();
    match case["op"].as_str().unwrap() {
        "mask" => {
            let secret = ReplicaSecret::of(&ContentKey::from_bytes(array(&args["contentKey"])));
            let key = MaskKey::of(&secret, &array(&args["lease"]), &array(&args["record"]));
            Mask::with_key(&key).apply(number("offset"), &mut bytes);
            Ok(json!({ "maskKey": hex(key.expose()), "sha256": hex(&leaf_digest(&bytes)) }))
        }
        "root" => Ok(json!({ "root": hex(&proof_tree::root(&bytes)?) })),
        "stored" => proof_tree::verify_stored(&array(&args["root"]), &bytes).map(|()| json!({})),
        "proof" => {
            let path = unhex(&args["path"]);
            let (root, path) = (array(&args["root"]), path.as_chunks().0);
            proof_tree::verify(&root, number("len"), number("index"), &bytes, path)?;
            Ok(json!({}))
        }
        "pack" => {
            let table = PackTable::decode(&bytes, number("packLen"))?;
            table.check(&array(&args["folder"]))?;
            let records = table.entries().iter().map(|entry| {
                json!({
                    "record": hex(&entry.record), "offset": entry.offset,
                    "contentLen": entry.content_len, "headLen": entry.head_len,
                })
            });
            Ok(json!({ "records": records.collect::<Vec<_>>() }))
        }
        op => panic!("no operation {op}"),
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

fn forge() -> Value {
    let mut book = Book::default();
    let sealed = masks(&mut book);
    trees(&mut book);
    packs(&mut book, &sealed);
    let mut all =
        json!({ "about": "see testdata/README.md", "objects": book.objects, "cases": book.cases });
    let frozen = all.clone();
    for case in all["cases"].as_array_mut().unwrap() {
        if case["expect"] == "ok" {
            case["value"] = run(&frozen, case).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
        }
    }
    all
}

fn with(args: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut args = args.clone();
    args[field] = value.into();
    args
}

/// Gives the content as it is stored.
fn masks(book: &mut Book) -> Vec<u8> {
    let key = ContentKey::from_bytes(CONTENT_KEY);
    let sealed =
        content::seal(&RECORD, &key, b"blood count", &mut ChaCha20Rng::seed_from_u64(3)).unwrap();
    let mut masked = sealed.clone();
    Mask::new(&ReplicaSecret::of(&key), &LEASE, &RECORD).apply(0, &mut masked);
    book.object("content", &sealed);
    book.object("masked content", &masked);
    let args = json!({ "contentKey": hex(&CONTENT_KEY), "lease": hex(&LEASE), "record": hex(&RECORD), "offset": 0 });
    let all = json!([[0, masked.len()]]);
    book.case("content, masked", "mask", "content", all.clone(), &args, "ok");
    book.case("content, unmasked", "mask", "masked content", all.clone(), &args, "ok");
    for offset in [1, 16, 4001] {
        let (args, parts) = (with(&args, "offset", offset), json!([[offset, offset + 99]]));
        book.case(
            &format!("content from byte {offset}"),
            "mask",
            "masked content",
            parts,
            &args,
            "ok",
        );
    }
    let far = with(&args, "offset", (1u64 << 51) - 7);
    book.case("the end of the longest content", "mask", "", json!(["00".repeat(40)]), &far, "ok");
    let other = with(&args, "lease", hex(&[0x1f; 32]));
    book.case("content in another lease", "mask", "content", all, &other, "ok");
    sealed
}

fn trees(book: &mut Book) {
    let stored: Vec<u8> = (0..70_000u32).map(|i| (i * 7 + i / 256) as u8).collect();
    book.object("stored", &stored);
    for len in [1, 511, 512, 513, 1024, 1537, 65_535, 65_536, 65_537, 70_000] {
        let name = format!("root over {len} bytes");
        book.case(&name, "root", "stored", json!([[0, len]]), &json!({}), "ok");
    }
    book.case("root over nothing", "root", "", json!([]), &json!({}), "ProofShape");

    let root = proof_tree::root(&stored).unwrap();
    let args = json!({ "root": hex(&root) });
    book.case("stored bytes", "stored", "stored", json!([[0, 70_000]]), &args, "ok");
    book.case("stored bytes, cut", "stored", "stored", json!([[0, 69_999]]), &args, "ProofForged");
    let changed = json!([[0, 500], "ff", [501, 70_000]]);
    book.case("stored bytes, changed", "stored", "stored", changed, &args, "ProofForged");

    let shape = ProofShape::of(70_000).unwrap();
    let mut level = Vec::new();
    let mut builder = proof_tree::ProofBuilder::new();
    let mut keep = |node: proof_tree::ProofNode| {
        if node.level == proof_tree::UPPER_LEVEL {
            level.push(node.hash);
        }
    };
    builder.push(&stored, &mut keep);
    builder.finish(&mut keep).unwrap();
    let tree = UpperTree::from_level(shape, level).unwrap();
    book.object("upper tree", tree.as_bytes());
    for index in [0, 127, 128, 136] {
        let block = shape.block(index).unwrap();
        let proof = tree.prove(index, &stored[block.start as usize..block.end as usize]).unwrap();
        let range = shape.leaf(index).unwrap();
        let parts = json!([[range.start, range.end]]);
        let path = hex(proof.path.as_flattened());
        let args = json!({ "root": hex(&root), "len": 70_000, "index": index, "path": path });
        let mut case = |name: &str, parts: &Value, args: &Value, expect: &str| {
            let name = format!("leaf {index}{name}");
            book.case(&name, "proof", "stored", parts.clone(), args, expect);
        };
        case("", &parts, &args, "ok");
        case(", a byte short", &json!([[range.start + 1, range.end]]), &args, "ProofShape");
        case(", a byte too many", &json!([[range.start, range.end], "00"]), &args, "ProofShape");
        case(", path a hash short", &parts, &with(&args, "path", &path[64..]), "ProofShape");
        let long = with(&args, "path", path.clone() + &path[..64]);
        case(", path a hash too long", &parts, &long, "ProofShape");
        let changed = with(&args, "path", "00".to_string() + &path[2..]);
        case(", path changed", &parts, &changed, "ProofForged");
        case(", of another root", &parts, &with(&args, "root", hex(&[1; 32])), "ProofForged");
        case(", past the end", &parts, &with(&args, "index", 137), "ProofShape");
    }
    let (range, path) = (shape.leaf(3).unwrap(), "00".repeat(8 * 32));
    let args = json!({ "root": hex(&root), "len": 70_000, "index": 3, "path": path });
    let parts = json!([[range.start, range.end]]);
    book.case("an invented path", "proof", "stored", parts, &args, "ProofForged");
    book.case("a proof of nothing", "proof", "", json!([]), &with(&args, "len", 0), "ProofShape");
}

fn packs(book: &mut Book, sealed: &[u8]) {
    let secret = ReplicaSecret::of(&ContentKey::from_bytes(CONTENT_KEY));
    let part = |record: u8, head: &'static [u8]| PackPart {
        record: [record; 32],
        secret: &secret,
        content: sealed,
        head,
    };
    let mut parts = [part(0xed, b"head of b"), part(0xec, b"head of a, longer")];
    let bytes = pack::pack(FOLDER, &LEASE, &mut parts).unwrap();
    book.object("pack", &bytes);
    let (len, table) = (bytes.len(), 44 + 2 * 44);
    let args = json!({ "folder": hex(&FOLDER), "packLen": len });
    let mut case = |name: &str, parts: Value, args: &Value, expect: &str| {
        book.case(name, "pack", "pack", parts, args, expect);
    };
    let (all, rest) = (json!([[0, len]]), json!([table, len]));
    case("pack", all.clone(), &args, "ok");
    case("pack, its table only", json!([[0, table]]), &args, "ok");
    case("pack, table cut", json!([[0, table - 1]]), &args, "Truncated");
    case("pack, prefix cut", json!([[0, 43]]), &args, "Truncated");
    case("pack, shorter", all.clone(), &with(&args, "packLen", len - 1), "Truncated");
    case("pack, longer", all.clone(), &with(&args, "packLen", len + 1), "TrailingBytes");
    let other = with(&args, "folder", hex(&[0xf1; 32]));
    case("pack of another folder", all, &other, "OtherObject");
    for (at, value, expect) in [
        (0, "00", "MagicMismatch"),
        (4, "02", "VersionUnknown"),
        (5, "00", "SuiteUnknown"),
        (6, "01", "FlagUnknown"),
        (40, "00", "FieldInvalid"), // no records
        (40, "01", "TrailingBytes"),
        (40, "03", "FieldInvalid"), // of masked bytes is made a record out of order
        (41, "10", "TooMany"),
        (76, "01", "FieldInvalid"), // content of a length that none has
        (84, "00", "FieldInvalid"), // a head of nothing
        (84, "12", "Truncated"),
        (87, "01", "TooLong"),
        (83, "01", "FieldInvalid"), // content of a length far out of range
    ] {
        let parts = json!([[0, at], value, [at + 1, len]]);
        case(&format!("pack, byte {at} is {value}"), parts, &args, expect);
    }
    let swapped = json!([[0, 44], [88, 132], [44, 88], rest]);
    case("pack, records in another order", swapped, &args, "FieldInvalid");
    let twice = json!([[0, 44], [44, 88], [44, 88], rest]);
    case("pack, a record twice", twice, &args, "FieldInvalid");
}
