//! What the binary does without a chain, as readable cases in `cmd/`. `TRYCMD=overwrite cargo test -p aceso-cli` writes
//! them anew; read what changed.

#[test]
fn cases() {
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("TZ", "UTC")
        .env("ACESO_KEYSTORE_WORK", "1")
        .env("ACESO_PASSWORD", "correct horse battery staple")
        .env("ACESO_HOME", "home")
        .case("tests/cmd/*.trycmd");
}
