//! What the binary does without a chain, as readable cases in `cmd/`. `TRYCMD=overwrite cargo test -p aceso-cli` writes
//! them anew; read what changed.

/// What needs no home folder.
#[test]
fn plumbing() {
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "100").env("TZ", "UTC");
    for name in ["help", "usage", "seal", "inspect"] {
        cases.case(format!("tests/cmd/{name}.trycmd"));
    }
}

#[test]
fn home() {
    let cases = trycmd::TestCases::new();
    cases.env("TZ", "UTC").env("ACESO_HOME", "home").env("ACESO_KEYSTORE_WORK", "1");
    cases.env("ACESO_PASSWORD", "correct horse battery staple");
    for name in ["init", "settings"] {
        cases.case(format!("tests/cmd/{name}.trycmd"));
    }
}
