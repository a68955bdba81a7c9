//! The binary as an operator uses it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use aceso_sdk::home::FileWallet;
use tempfile::TempDir;

fn peer(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aceso-peer"))
        .args(arguments)
        .env("ACESO_PEER_CONFIG", folder.join("config.toml"))
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn init_writes_the_sample_once() {
    let folder = TempDir::new().unwrap();
    let first = peer(folder.path(), &["init"]);
    assert!(first.status.success(), "{}", text(&first));
    let written = fs::read_to_string(folder.path().join("config.toml")).unwrap();
    let printed = peer(folder.path(), &["init", "--print"]);
    assert_eq!(String::from_utf8_lossy(&printed.stdout), written);
    fs::write(folder.path().join("config.toml"), "mine").unwrap();
    let again = peer(folder.path(), &["init"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("try: edit it"), "{}", text(&again));
    assert_eq!(fs::read_to_string(folder.path().join("config.toml")).unwrap(), "mine");
    assert!(peer(folder.path(), &["init", "--force"]).status.success());
}

#[test]
fn check_finds_what_is_wrong_and_names_it() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let missing = peer(at, &["check"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing).contains("aceso-peer init"), "{}", text(&missing));
    let config = format!(
        "data_dir = \"{0}/data\"\nprofile = \"11111111111111111111111111111112\"\nrpc_url = \"http://127.0.0.1:1/?key=SECRET\"\n\
         operator = \"{0}/operator.json\"\nfee_payer = \"{0}/payer.json\"\nendpoint = \"http://127.0.0.1:1\"\nquota = \"1 GiB\"\n",
        at.display()
    );
    fs::write(at.join("config.toml"), config).unwrap();
    let no_keys = peer(at, &["check", "--offline"]);
    assert_eq!(no_keys.status.code(), Some(1));
    assert!(
        text(&no_keys).contains("FAIL  keys") && text(&no_keys).contains("ok    storage"),
        "{}",
        text(&no_keys)
    );
    FileWallet::create(&at.join("operator.json")).unwrap();
    fs::copy(at.join("operator.json"), at.join("payer.json")).unwrap();
    assert!(text(&peer(at, &["check", "--offline"])).contains("the same wallet"));
    fs::remove_file(at.join("payer.json")).unwrap();
    FileWallet::create(&at.join("payer.json")).unwrap();
    let fine = peer(at, &["check", "--offline"]);
    assert!(fine.status.success(), "{}", text(&fine));
    fs::set_permissions(at.join("payer.json"), fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = peer(at, &["check", "--offline"]);
    assert_eq!(exposed.status.code(), Some(1), "{}", text(&exposed));
    fs::set_permissions(at.join("payer.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let unreachable = peer(at, &["check"]);
    assert_eq!(unreachable.status.code(), Some(3));
    assert!(text(&unreachable).contains("FAIL  endpoint"), "{}", text(&unreachable));
    let secret = fs::read_to_string(at.join("payer.json")).unwrap();
    for output in [no_keys, fine, exposed, unreachable] {
        assert!(
            !text(&output).contains("SECRET")
                && !text(&output).contains(secret.trim_matches(['[', ']']))
        );
    }
}

#[test]
fn usage_is_explained() {
    let folder = TempDir::new().unwrap();
    assert_eq!(peer(folder.path(), &["dance"]).status.code(), Some(2));
    assert!(text(&peer(folder.path(), &["--help"])).contains("check"));
}
