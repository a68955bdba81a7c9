//! Keyrings of three epochs, and what a forger would try.

use aceso_format::address::leaf_digest;
use aceso_format::key::XWingSeed;
use aceso_format::keyring::{KeyringDraft, SignedKeyring};
use aceso_format::label;
use aceso_format::packet::{PacketContext, Purpose, Recipient};
use serde_json::{Value, json};

use super::{Book, FOLDER, PROGRAM, Person, rng, with};
use crate::support::hex;

pub(super) fn keyrings(book: &mut Book) {
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
        let signed = SignedKeyring::decode(&four).unwrap();
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
