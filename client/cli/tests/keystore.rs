//! Damaged files and wrong passwords: what cannot be a committed fixture, because a keystore must be its owner's alone.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery staple";

fn aceso(home: &Path, password: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aceso"))
        .args(args)
        .current_dir(home)
        .env("ACESO_HOME", home.join("home"))
        .env("ACESO_PASSWORD", password)
        .env("ACESO_KEYSTORE_WORK", "1")
        .output()
        .expect("the binary runs")
}

fn made() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let made = aceso(dir.path(), PASSWORD, &["init"]);
    assert!(made.status.success(), "{}", said(&made));
    dir
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Refused as the user's to put right, in two lines and without a word of the password.
#[track_caller]
fn refused(output: &Output, expected: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("error: ") && said.contains("hint: ") && said.contains(expected),
        "{said}"
    );
    assert!(!said.contains(PASSWORD) && !said.contains("panicked"), "{said}");
}

#[test]
fn a_wrong_password_opens_nothing() {
    let dir = made();
    let output = aceso(dir.path(), "another password", &["keystore", "export", "copy.age"]);
    refused(&output, "the password does not open");
    assert!(!said(&output).contains("another password"));
    assert!(!dir.path().join("copy.age").exists());
}

#[test]
fn a_damaged_keystore_is_told_from_a_wrong_password() {
    let dir = made();
    let path = dir.path().join("home/keystore.age");
    let whole = fs::read(&path).expect("a keystore");
    for (len, flip) in
        [(whole.len() / 2, None), (whole.len() - 60, None), (whole.len(), Some(whole.len() - 80))]
    {
        let mut bytes = whole[..len].to_vec();
        if let Some(at) = flip {
            bytes[at] ^= 1;
        }
        fs::write(&path, bytes).expect("written");
        let output = aceso(dir.path(), PASSWORD, &["keystore", "export", "copy.age"]);
        refused(&output, "keystore.age");
        assert!(!dir.path().join("copy.age").exists());
    }
}

#[test]
fn a_keystore_that_others_can_read_is_not_used() {
    let dir = made();
    fs::set_permissions(dir.path().join("home"), fs::Permissions::from_mode(0o755))
        .expect("changed");
    refused(
        &aceso(dir.path(), PASSWORD, &["keystore", "export", "copy.age"]),
        "can be read by others",
    );
}

#[test]
fn a_copy_opens_in_another_home() {
    let dir = made();
    assert!(aceso(dir.path(), PASSWORD, &["keystore", "export", "copy.age"]).status.success());
    let other = aceso(dir.path(), PASSWORD, &["--home", "other", "keystore", "import", "copy.age"]);
    assert!(other.status.success(), "{}", said(&other));
}

#[test]
fn nobody_else_can_read_what_init_makes() {
    let dir = made();
    for (name, mode) in [("home", 0o700), ("home/keystore.age", 0o600), ("home/wallet.json", 0o600)]
    {
        let found = fs::metadata(dir.path().join(name)).expect(name).permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}");
    }
    let key =
        aceso(dir.path(), PASSWORD, &["seal", "home/wallet.json", "-o", "sealed", "--key", "key"]);
    assert!(key.status.success(), "{}", said(&key));
    let found =
        fs::metadata(dir.path().join("key")).expect("a key file").permissions().mode() & 0o777;
    assert_eq!(found, 0o600);
}
