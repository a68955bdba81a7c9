//! Manifests: Borsh's bytes, bounds, and file names that are safe to write to.

use aceso_format::content::ContentLayout;
use aceso_format::key::{ContentKey, HeadKey};
use aceso_format::manifest::*;
use aceso_format::{BlobAddress, Error};
use proptest::prelude::*;

fn manifest() -> Manifest {
    let content =
        BlobAddress { digest: [4; 32], len: ContentLayout::of(5000).unwrap().sealed_len() };
    Manifest {
        version: 3,
        title: "Blutbild".into(),
        file_name: "Befund \u{1f9ec} 12/03.pdf".into(),
        media_type: "application/pdf".into(),
        fhir_type: "DiagnosticReport".into(),
        codes: vec![Code {
            system: "http://loinc.org".into(),
            code: "58410-2".into(),
            display: "CBC".into(),
        }],
        tags: vec!["lab".into(), "2026".into()],
        note: String::new(),
        created_secs: -5,
        plaintext_sha256: [1; 32],
        plaintext_len: 5000,
        content_key: ContentKey::from_bytes([2; 32]),
        content,
        previous: Some(PreviousVersion {
            version: 2,
            head: BlobAddress { digest: [5; 32], len: 9000 },
            head_key: Some(HeadKey::from_bytes([6; 32])),
        }),
    }
}

#[test]
fn the_encoding_is_borsh() {
    type Text = String;
    let borsh = borsh::to_vec(&(
        (
            1u8,
            3u32,
            Text::from("Blutbild"),
            Text::from("Befund \u{1f9ec} 12/03.pdf"),
            Text::from("application/pdf"),
        ),
        (
            Text::from("DiagnosticReport"),
            vec![(Text::from("http://loinc.org"), Text::from("58410-2"), Text::from("CBC"))],
        ),
        (
            vec![Text::from("lab"), Text::from("2026")],
            Text::new(),
            -5i64,
            [1u8; 32],
            5000u64,
            [2u8; 32],
        ),
        ([4u8; 32], ContentLayout::of(5000).unwrap().sealed_len()),
        Some((2u32, [5u8; 32], 9000u64, Some([6u8; 32]))),
    ));
    let encoded = manifest().encode().unwrap();
    assert_eq!(*encoded, borsh.unwrap());
    assert!(Manifest::decode(&encoded).unwrap() == manifest());
}

#[test]
fn every_cut_and_every_tail_is_refused() {
    let encoded = manifest().encode().unwrap();
    for cut in 0..encoded.len() {
        assert!(Manifest::decode(&encoded[..cut]).is_err());
    }
    let longer = [encoded.as_slice(), &[0]].concat();
    assert!(matches!(Manifest::decode(&longer), Err(Error::TrailingBytes { .. })));
}

#[test]
fn bounds_hold_on_both_ways() {
    let refuse = |change: fn(&mut Manifest)| {
        let mut changed = manifest();
        change(&mut changed);
        changed.encode().map(|_| ()).unwrap_err()
    };
    assert!(matches!(refuse(|m| m.title = "x".repeat(1025)), Error::TooLong { what: "title", .. }));
    assert!(matches!(refuse(|m| m.tags = vec![String::new(); 65]), Error::TooMany { .. }));
    assert!(matches!(refuse(|m| m.codes = vec![Code::default(); 65]), Error::TooMany { .. }));
    assert!(matches!(refuse(|m| m.note = "x".repeat(16_385)), Error::TooLong { .. }));
    assert!(matches!(refuse(|m| m.version = 0), Error::FieldInvalid { .. }));
    assert!(matches!(
        refuse(|m| m.content.len += 1),
        Error::FieldInvalid { field: "content length", .. }
    ));
    assert!(matches!(
        refuse(|m| m.version = 2),
        Error::FieldInvalid { field: "previous version", .. }
    ));
    // A count of four billion takes no memory.
    let mut encoded = manifest().encode().unwrap().to_vec();
    let at = 1 + 4;
    encoded[at..at + 4].fill(0xff);
    assert!(matches!(Manifest::decode(&encoded), Err(Error::TooLong { .. })));
}

#[test]
fn file_names_are_safe() {
    for (name, safe) in [
        ("Befund.pdf", "Befund.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\0b\nc", "a_b_c"),
        ("", "record"),
        ("...", "record"),
        (". .", "record"),
        ("NUL", "_NUL"),
        ("com1.txt", "_com1.txt"),
        ("compass.txt", "compass.txt"),
        ("x. ", "x"),
        ("C:\\x", "C__x"),
        ("fdp.\u{202e}exe", "fdp._exe"),
        ("\u{1f9ec}", "\u{1f9ec}"),
    ] {
        assert_eq!(safe_file_name(name), safe, "{name:?}");
    }
    assert!(safe_file_name(&"\u{1f9ec}".repeat(300)).len() <= 200);
}

proptest! {
    #[test]
    fn any_name_is_safe(name in any::<String>()) {
        let safe = safe_file_name(&name);
        prop_assert!(!safe.is_empty() && safe.len() <= 201 && !safe.starts_with('.') && !safe.ends_with('.'));
        prop_assert!(!safe.chars().any(|c| c.is_control() || "/\\:*?\"<>|".contains(c)));
        prop_assert_eq!(safe_file_name(&safe), safe);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Manifest::decode(&bytes);
    }
}
