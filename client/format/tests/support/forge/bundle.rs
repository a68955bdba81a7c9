//! Bundles, whole chains of them, and what a forger would try.

use aceso_format::BlobAddress;
use aceso_format::bundle::BundleKeys;
use aceso_format::key::SigningSeed;
use serde_json::{Value, json};

use super::{Book, GENESIS, PROGRAM, Person, with};
use crate::support::hex;

pub(super) fn bundles(book: &mut Book) {
    let owner = Person::new(0x01);
    let (wallet, heir) = (SigningSeed::from_bytes([0x77; 32]), SigningSeed::from_bytes([0x78; 32]));
    let keys = BundleKeys {
        genesis: GENESIS,
        program: PROGRAM,
        profile: owner.profile,
        key_version: 1,
        xwing: owner.seed.public(),
        signing: owner.signing.verifying_key(),
        wallet: *wallet.verifying_key().as_bytes(),
        previous: None,
    };
    let bundle = sign_bundle(&wallet, &keys);
    book.object("bundle", &bundle);
    let args = json!({
        "genesis": hex(&GENESIS), "program": hex(&PROGRAM), "profile": hex(&owner.profile),
        "wallet": hex(&keys.wallet), "keyVersion": 1,
    });
    let end = bundle.len();
    let mut case = |name: &str, parts: Value, args: &Value, expect: &str| {
        book.case(name, "bundle", "bundle", parts, args, expect);
    };
    let whole = json!([[0, end]]);
    let flip = |at: usize| json!([[0, at], hex(&[bundle[at] ^ 1]), [at + 1, end]]);
    case("bundle", whole.clone(), &args, "ok");
    case("bundle cut", json!([[0, end - 1]]), &args, "Truncated");
    case("bundle with a byte behind it", json!([[0, end], "00"]), &args, "TrailingBytes");
    case("bundle with a forged signature", flip(end - 1), &args, "SignatureForged");
    case("bundle with another profile in it", flip(72), &args, "SignatureForged");
    case("bundle of key version 1 that says 257", flip(105), &args, "FieldInvalid");
    case("bundle with another X25519 key", flip(108 + 1215), &args, "SignatureForged");
    let out_of_range = json!([[0, 108], "ffffff", [111, end]]);
    case("bundle with an ML-KEM key out of range", out_of_range, &args, "PublicKeyInvalid");
    case("bundle with an unknown flag", flip(7), &args, "FlagUnknown");
    case("bundle of key version 1 with a previous digest", flip(PREVIOUS), &args, "FieldInvalid");
    case(
        "bundle of key version 1 with a previous length",
        flip(PREVIOUS + 32),
        &args,
        "FieldInvalid",
    );
    for field in ["genesis", "program", "profile", "wallet"] {
        let other = with(&args, field, hex(&[0; 32]));
        case(&format!("bundle of another {field}"), whole.clone(), &other, "OtherObject");
    }
    case("bundle of another key version", whole, &with(&args, "keyVersion", 2), "OtherVersion");

    // The same profile with new keys, and then with the wallet of whoever took it over.
    let renewed = Person::new(0x11);
    let second = BundleKeys {
        key_version: 2,
        xwing: renewed.seed.public(),
        signing: renewed.signing.verifying_key(),
        previous: Some(BlobAddress::of(&bundle)),
        ..keys.clone()
    };
    let second_bytes = sign_bundle(&wallet, &second);
    let third = BundleKeys {
        key_version: 3,
        wallet: *heir.verifying_key().as_bytes(),
        previous: Some(BlobAddress::of(&second_bytes)),
        ..second.clone()
    };
    let third_bytes = sign_bundle(&heir, &third);
    book.object("bundle 2", &second_bytes);
    let mut case = |name: &str, parts: Value, expect: &str| {
        let args = with(&args, "keyVersion", 2);
        book.case(name, "bundle", "bundle 2", parts, &args, expect);
    };
    let flip = |at: usize| json!([[0, at], hex(&[second_bytes[at] ^ 1]), [at + 1, end]]);
    let absent = json!([[0, PREVIOUS], hex(&[0; 36]), [PREVIOUS + 36, end]]);
    let no_len = json!([[0, PREVIOUS + 32], hex(&[0; 4]), [PREVIOUS + 36, end]]);
    case("bundle 2", json!([[0, end]]), "ok");
    case("bundle 2 without a previous one", absent, "FieldInvalid");
    case("bundle 2 with a previous one of no length", no_len, "FieldInvalid");
    case("bundle 2 with another previous digest", flip(PREVIOUS), "SignatureForged");
    case("bundle 2 with another previous length", flip(PREVIOUS + 32), "SignatureForged");
    case("bundle 2 with another key version in it", flip(105), "SignatureForged");

    chains(
        book,
        (&wallet, &heir),
        [&keys, &second, &third],
        [&bundle, &second_bytes, &third_bytes],
    );
}

/// From a newer bundle back to the one before: `base` is the older one.
fn chains(
    book: &mut Book,
    (wallet, heir): (&SigningSeed, &SigningSeed),
    [first, second, third]: [&BundleKeys; 3],
    [first_bytes, second_bytes, third_bytes]: [&Vec<u8>; 3],
) {
    let end = second_bytes.len();
    let mut case = |name: &str, newer: &[u8], base: &str, parts: Value, expect: &str| {
        book.case(name, "previous", base, parts, &json!({ "newer": hex(newer) }), expect);
    };
    let whole = json!([[0, end]]);
    let cut = json!([[0, end - 1]]);
    let flipped = json!([[0, end - 1], hex(&[first_bytes[end - 1] ^ 1])]);
    case("bundle before 2", second_bytes, "bundle", whole.clone(), "ok");
    case("bundle before 3, of another wallet", third_bytes, "bundle 2", whole.clone(), "ok");
    case("bundle before 2, cut", second_bytes, "bundle", cut, "BlockMismatch");
    case("bundle before 2, changed", second_bytes, "bundle", flipped, "BlockMismatch");
    case(
        "bundle before 3, one step too far",
        third_bytes,
        "bundle",
        whole.clone(),
        "BlockMismatch",
    );
    case("bundle before 1", first_bytes, "bundle", whole.clone(), "FieldInvalid");
    // Newer bundles whose wallet vouches for something that is not the bundle before.
    let vouching = |key_version: u32, older: &[u8]| {
        let previous = Some(BlobAddress::of(older));
        sign_bundle(heir, &BundleKeys { key_version, previous, ..third.clone() })
    };
    let skips = vouching(3, first_bytes);
    case("bundle before 3, a version left out", &skips, "bundle", whole.clone(), "OtherVersion");
    let same = vouching(2, second_bytes);
    case("bundle before 2, of version 2", &same, "bundle 2", whole.clone(), "OtherVersion");
    for (field, keys) in [
        ("profile", BundleKeys { profile: [9; 32], ..first.clone() }),
        ("program", BundleKeys { program: [9; 32], ..first.clone() }),
        ("chain", BundleKeys { genesis: [9; 32], ..first.clone() }),
    ] {
        let other = sign_bundle(wallet, &keys);
        let newer = vouching(2, &other);
        let name = format!("bundle before 2, of another {field}");
        case(&name, &newer, "", json!([hex(&other)]), "OtherObject");
    }
    let mut forged = first_bytes.clone();
    forged[end - 1] ^= 1;
    let newer = vouching(2, &forged);
    case("bundle before 2, not signed", &newer, "", json!([hex(&forged)]), "SignatureForged");
    let previous = Some(BlobAddress { len: end as u64 + 1, ..second.previous.unwrap() });
    let newer = sign_bundle(wallet, &BundleKeys { previous, ..second.clone() });
    case("bundle before 2, of another length", &newer, "bundle", whole, "BlockMismatch");
}

/// Where the previous bundle's digest stands.
const PREVIOUS: usize = 1388;

fn sign_bundle(wallet: &SigningSeed, keys: &BundleKeys) -> Vec<u8> {
    let signature = wallet.sign(keys.message().as_bytes());
    keys.clone().sign_with(signature).unwrap().encode()
}
