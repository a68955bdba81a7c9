//! Makes the fixtures: a small clinic, its objects, and what a forger would try.

use aceso_format::address::leaf_digest;
use aceso_format::cobblestone::{ChunkCipher, MessageKey, SEALED_CHUNK_LEN};
use aceso_format::content::{self, ContentLayout, PREFIX_LEN};
use aceso_format::head::{HeadDraft, HeadTarget};
use aceso_format::key::{ContentKey, SigningSeed, XWingSeed};
use aceso_format::keyring::KeyringDraft;
use aceso_format::manifest::{Code, Manifest, PreviousVersion};
use aceso_format::packet::{PacketContext, Purpose, Recipient, Writer};
use aceso_format::{Address32, BlobAddress, header, label};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Map, Value, json};

use super::{forge_bundle, hex};

pub(super) const PROGRAM: Address32 = [0x50; 32];
pub(super) const GENESIS: Address32 = [0x47; 32];
const FOLDER: Address32 = [0xf0; 32];
const RECORD: Address32 = [0xec; 32];

pub(super) struct Person {
    pub(super) profile: Address32,
    pub(super) seed: XWingSeed,
    pub(super) signing: SigningSeed,
}

impl Person {
    pub(super) fn new(name: u8) -> Self {
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
pub(super) struct Book {
    objects: Map<String, Value>,
    cases: Vec<Value>,
}

impl Book {
    pub(super) fn object(&mut self, name: &str, bytes: &[u8]) {
        self.objects.insert(name.into(), hex(bytes).into());
    }

    pub(super) fn case(
        &mut self,
        name: &str,
        op: &str,
        base: &str,
        parts: Value,
        args: &Value,
        expect: &str,
    ) {
        let case = json!({ "name": name, "op": op, "base": base, "parts": parts, "args": args, "expect": expect });
        self.cases.push(case);
    }
}

/// All fixtures, with the values of those that open.
pub fn all() -> Value {
    let mut book = Book::default();
    addresses(&mut book);
    contents(&mut book);
    forge_bundle::bundles(&mut book);
    heads(&mut book);
    keyrings(&mut book);
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

pub(super) fn with(args: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut args = args.clone();
    args[field] = value.into();
    args
}

fn addresses(book: &mut Book) {
    book.case("address of the empty blob", "address", "", json!([]), &json!({}), "ok");
    book.case("address of a small blob", "address", "", json!(["00010203"]), &json!({}), "ok");
}

fn contents(book: &mut Book) {
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

pub fn manifest() -> Manifest {
    Manifest {
        version: 2,
        title: "Complete blood count".into(),
        file_name: "Blutbild \u{1f9ea}.pdf".into(),
        media_type: "application/pdf".into(),
        fhir_type: "DiagnosticReport".into(),
        codes: vec![Code {
            system: "http://loinc.org".into(),
            code: "58410-2".into(),
            display: "CBC panel".into(),
        }],
        tags: vec!["lab".into()],
        note: "fasting".into(),
        created_secs: 1_795_000_000,
        plaintext_sha256: leaf_digest(b"plain"),
        plaintext_len: 40_000,
        content_key: ContentKey::from_bytes([0xc0; 32]),
        content: BlobAddress {
            digest: [0xdd; 32],
            len: ContentLayout::of(40_000).unwrap().sealed_len(),
        },
        previous: Some(PreviousVersion {
            version: 1,
            head: BlobAddress { digest: [0xd1; 32], len: 4000 },
            head_key: None,
        }),
    }
}

fn heads(book: &mut Book) {
    let (author, reader, junk, owner) =
        (Person::new(2), Person::new(3), Person::new(4), Person::new(1));
    let epoch = XWingSeed::from_bytes([0xee; 32]);
    // Sealed to a key that is not the reader's: listed, not sealed.
    let cheated = Recipient { key: author.seed.public(), ..junk.recipient() };
    let draft = HeadDraft {
        program: PROGRAM,
        record: RECORD,
        writer: author.writer(),
        target: HeadTarget::Folder { folder: FOLDER, epoch: 5 },
        target_key: &epoch.public(),
        grants: &[cheated, reader.recipient()],
        manifest: &manifest(),
    };
    let head = draft.seal(&mut rng(10)).unwrap();
    let inbox = HeadDraft {
        target: HeadTarget::Inbox { owner: owner.profile, key_version: 1 },
        target_key: &owner.seed.public(),
        grants: &[],
        ..draft
    };
    let inbox = inbox.seal(&mut rng(11)).unwrap();
    book.object("head", &head.bytes);
    book.object("inbox head", &inbox.bytes);
    let args = json!({
        "program": hex(&PROGRAM), "record": hex(&RECORD), "version": 2, "writer": author.verifying(),
        "as": "folder", "who": hex(&FOLDER), "whoVersion": 5, "seed": hex(epoch.expose()),
    });
    let become_ = |kind: &str, person: &Person| {
        let args = with(&args, "as", kind);
        let args = with(&args, "who", hex(&person.profile));
        let args = with(&args, "whoVersion", 1);
        with(&args, "seed", hex(person.seed.expose()))
    };
    let end = head.bytes.len();
    let whole = json!([[0, end]]);
    let flip = |at: usize| json!([[0, at], hex(&[head.bytes[at] ^ 1]), [at + 1, end]]);
    let mut case = |name: &str, parts: Value, args: &Value, expect: &str| {
        book.case(name, "head", "head", parts, args, expect);
    };
    case("head opened by the folder", whole.clone(), &args, "ok");
    case("head opened by a grant", whole.clone(), &become_("reader", &reader), "ok");
    let by_key = with(&with(&args, "as", "key"), "headKey", hex(head.head_key.expose()));
    case("head opened by its key", whole.clone(), &by_key, "ok");
    case(
        "head and another key",
        whole.clone(),
        &with(&by_key, "headKey", hex(&[1; 32])),
        "CommitmentMismatch",
    );
    case(
        "head that lists a reader and seals to another key",
        whole.clone(),
        &become_("reader", &junk),
        "ListedNotSealed",
    );
    case("head and one who is not listed", whole.clone(), &become_("reader", &owner), "NotListed");
    case(
        "head of the folder, opened as the inbox",
        whole.clone(),
        &become_("owner", &owner),
        "NotListed",
    );
    let later = with(&become_("reader", &reader), "whoVersion", 2);
    case("head sealed to an older key of the reader", whole.clone(), &later, "OtherVersion");
    case("head of another epoch", whole.clone(), &with(&args, "whoVersion", 6), "OtherVersion");
    case(
        "head of another folder",
        whole.clone(),
        &with(&args, "who", hex(&[9; 32])),
        "OtherObject",
    );
    case(
        "head under another seed",
        whole.clone(),
        &with(&args, "seed", hex(&[9; 32])),
        "ListedNotSealed",
    );
    case(
        "head of another record",
        whole.clone(),
        &with(&args, "record", hex(&[9; 32])),
        "OtherObject",
    );
    case("head of another version", whole.clone(), &with(&args, "version", 3), "OtherVersion");
    case(
        "head of another program",
        whole.clone(),
        &with(&args, "program", hex(&[9; 32])),
        "SignatureForged",
    );
    case(
        "head by another writer",
        whole,
        &with(&args, "writer", reader.verifying()),
        "SignatureForged",
    );
    case("head with a forged signature", flip(end - 1), &args, "SignatureForged");
    case("head with a changed manifest", flip(end - 70), &args, "SignatureForged");
    case("head with a changed packet", flip(82 + 60), &args, "SignatureForged");
    case("head with an unknown flag", flip(6), &args, "FlagUnknown");
    case("head with an unknown packet suite", flip(82 + 37), &args, "PacketSuite");
    let parts = json!([[0, 82], "07", [83, end]]);
    case("head with an unknown kind of recipient", parts, &args, "FieldInvalid");
    case("head cut", json!([[0, end - 1]]), &args, "Truncated");
    case("head with a byte behind it", json!([[0, end], "00"]), &args, "TrailingBytes");
    let (first, second) = (82 + 1206, 82 + 2 * 1206);
    let parts = json!([[0, first], [second, second + 1206], [first, second], [second + 1206, end]]);
    case("head with readers in another order", parts, &args, "FieldInvalid");
    let parts = json!([[0, first], [first, second], [first, second], [second + 1206, end]]);
    case("head that lists a reader twice", parts, &args, "RecipientRepeated");
    let end = inbox.bytes.len();
    book.case(
        "head in the inbox",
        "head",
        "inbox head",
        json!([[0, end]]),
        &become_("owner", &owner),
        "ok",
    );
    book.case(
        "head in the inbox, opened by the folder",
        "head",
        "inbox head",
        json!([[0, end]]),
        &args,
        "NotListed",
    );
}

fn keyrings(book: &mut Book) {
    let (owner, reader, junk) = (Person::new(1), Person::new(3), Person::new(4));
    let owner_recipient = owner.recipient();
    let cheated = Recipient { key: reader.seed.public(), ..junk.recipient() };
    let first = KeyringDraft {
        program: PROGRAM,
        folder: FOLDER,
        writer: owner.writer(),
        owner: &owner_recipient,
        readers: &[cheated],
    };
    let (one, opened) = first.create(&mut rng(20)).unwrap();
    let (two, opened) =
        KeyringDraft { readers: &[], ..first }.rotate(&opened, &mut rng(21)).unwrap();
    let (three, opened) =
        opened.with_reader_added(&owner.writer(), &reader.recipient(), &mut rng(22)).unwrap();
    let (four, _) = KeyringDraft { readers: &[reader.recipient()], ..first }
        .rotate(&opened, &mut rng(23))
        .unwrap();
    for (name, bytes) in [
        ("keyring 1", &one),
        ("keyring 2", &two),
        ("keyring 2 with a reader", &three),
        ("keyring 3", &four),
    ] {
        book.object(name, bytes);
    }
    let args = json!({
        "program": hex(&PROGRAM), "folder": hex(&FOLDER), "epoch": 3, "writer": owner.verifying(),
        "who": hex(&reader.profile), "whoVersion": 1, "seed": hex(reader.seed.expose()),
    });
    let as_owner = with(&with(&args, "who", hex(&owner.profile)), "seed", hex(owner.seed.expose()));
    let as_junk = with(&with(&args, "who", hex(&junk.profile)), "seed", hex(junk.seed.expose()));
    let end = four.len();
    let whole = json!([[0, end]]);
    let flip = |at: usize| json!([[0, at], hex(&[four[at] ^ 1]), [at + 1, end]]);
    {
        let mut case = |name: &str, parts: Value, args: &Value, expect: &str| {
            book.case(name, "keyring", "keyring 3", parts, args, expect);
        };
        case("keyring opened by a reader", whole.clone(), &args, "ok");
        case("keyring opened by the owner", whole.clone(), &as_owner, "ok");
        case("keyring and one who is not listed", whole.clone(), &as_junk, "NotListed");
        case(
            "keyring sealed to an older key of the reader",
            whole.clone(),
            &with(&args, "whoVersion", 2),
            "OtherVersion",
        );
        case(
            "keyring under another seed",
            whole.clone(),
            &with(&args, "seed", hex(&[9; 32])),
            "ListedNotSealed",
        );
        case("keyring of another epoch", whole.clone(), &with(&args, "epoch", 2), "OtherVersion");
        case(
            "keyring of another folder",
            whole.clone(),
            &with(&args, "folder", hex(&[9; 32])),
            "OtherObject",
        );
        case(
            "keyring of another program",
            whole.clone(),
            &with(&args, "program", hex(&[9; 32])),
            "SignatureForged",
        );
        case(
            "keyring by another writer",
            whole,
            &with(&args, "writer", reader.verifying()),
            "SignatureForged",
        );
        case("keyring with a forged signature", flip(end - 1), &args, "SignatureForged");
        case("keyring with another X25519 key", flip(44 + 1215), &args, "SignatureForged");
        case("keyring with an unknown flag", flip(6), &args, "FlagUnknown");
        case("keyring cut", json!([[0, end - 100]]), &args, "Truncated");
        case("keyring with a byte behind it", json!([[0, end], "00"]), &args, "TrailingBytes");
    }
    let all = |bytes: &[u8]| json!([[0, bytes.len()]]);
    let at = |args: &Value, epoch: u32| with(args, "epoch", epoch);
    book.case(
        "keyring of the first epoch",
        "keyring",
        "keyring 1",
        all(&one),
        &at(&as_owner, 1),
        "ok",
    );
    book.case(
        "keyring that lists a reader and seals to another key",
        "keyring",
        "keyring 1",
        all(&one),
        &at(&as_junk, 1),
        "ListedNotSealed",
    );
    book.case(
        "keyring before a reader was added",
        "keyring",
        "keyring 2",
        all(&two),
        &at(&args, 2),
        "NotListed",
    );
    book.case(
        "keyring after a reader was added",
        "keyring",
        "keyring 2 with a reader",
        all(&three),
        &at(&args, 2),
        "ok",
    );

    // What only a writer can forge: signed again after the change.
    let sign = |body: &[u8]| {
        let digest = leaf_digest(body);
        let signature = owner.signing.sign(&[label::KEYRING_SIGNATURE, &PROGRAM, &digest].concat());
        [body, &signature].concat()
    };
    let mut other_key = four[..end - 64].to_vec();
    other_key[44..44 + 1216].copy_from_slice(XWingSeed::from_bytes([8; 32]).public().as_bytes());
    book.case(
        "keyring whose seed does not make its key",
        "keyring",
        "",
        json!([hex(&sign(&other_key))]),
        &args,
        "SeedMismatch",
    );
    let public = {
        let signed = aceso_format::keyring::SignedKeyring::decode(&four).unwrap();
        signed.claims().public.clone()
    };
    let context = PacketContext {
        purpose: Purpose::History,
        program: PROGRAM,
        scope: FOLDER,
        version: 3,
        recipient: FOLDER,
    };
    let entry = |epoch: u32, seed: &XWingSeed, hash: [u8; 32]| {
        [epoch.to_le_bytes().as_slice(), seed.expose(), &hash].concat()
    };
    let (past, other) = (XWingSeed::from_bytes([6; 32]), XWingSeed::from_bytes([7; 32]));
    let (hash, other_hash) = (past.public().hash(), other.public().hash());
    let histories = [
        ("keyring without its history", vec![], "HistoryBroken"),
        ("keyring with a gap in its history", entry(2, &past, hash), "HistoryBroken"),
        (
            "keyring with its history in another order",
            [entry(2, &past, hash), entry(1, &other, other_hash)].concat(),
            "HistoryBroken",
        ),
        (
            "keyring with a past seed that does not make its key",
            [entry(1, &past, other_hash), entry(2, &other, other_hash)].concat(),
            "HistoryBroken",
        ),
        (
            "keyring with its own epoch in its history",
            [entry(1, &past, hash), entry(2, &other, other_hash), entry(3, &other, other_hash)]
                .concat(),
            "TrailingBytes",
        ),
    ];
    let history_at = 1296 + 2 + 2 * 1206;
    for (index, (name, history, expect)) in histories.into_iter().enumerate() {
        let packet = context.seal(&public, &history, &mut rng(30 + index as u64)).unwrap();
        let mut body = four[..history_at].to_vec();
        body.extend_from_slice(&(packet.as_bytes().len() as u32).to_le_bytes());
        body.extend_from_slice(packet.as_bytes());
        let signed = sign(&body);
        let parts = json!([[0, history_at], hex(&signed[history_at..])]);
        book.case(name, "keyring", "keyring 3", parts, &args, expect);
    }
}
