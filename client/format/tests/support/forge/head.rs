//! Heads, a manifest, and what a forger would try.

use aceso_format::BlobAddress;
use aceso_format::address::leaf_digest;
use aceso_format::content::ContentLayout;
use aceso_format::head::{HeadDraft, HeadTarget};
use aceso_format::key::{ContentKey, XWingSeed};
use aceso_format::manifest::{Code, Manifest, PreviousVersion};
use aceso_format::packet::Recipient;
use serde_json::{Value, json};

use super::{Book, FOLDER, PROGRAM, Person, RECORD, rng, with};
use crate::support::hex;

pub(super) fn heads(book: &mut Book) {
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
