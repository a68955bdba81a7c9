//! Ctrl-C while a file is being decrypted: no plaintext stays behind.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const LEN: usize = 4 << 20;

fn aceso(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aceso"));
    command.args(args).current_dir(folder).env("ACESO_HOME", folder.join("home"));
    command
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into()).collect()
}

#[test]
fn what_was_decrypted_so_far_is_removed() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("out");
    fs::create_dir(&out).expect("a folder");
    fs::write(dir.path().join("scan"), vec![7; LEN]).expect("a file");
    let sealed = aceso(dir.path(), &["seal", "scan", "-o", "sealed"]).output().expect("it runs");
    assert!(sealed.status.success(), "{}", String::from_utf8_lossy(&sealed.stderr));
    let sealed = fs::read(dir.path().join("sealed")).expect("what was sealed");

    let unseal = ["unseal", "-", "--key", "sealed.key", "-o", "out/scan"];
    let mut child =
        aceso(dir.path(), &unseal).stdin(Stdio::piped()).spawn().expect("the binary runs");
    // All but the end: it decrypts what it has, and waits.
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(&sealed[..sealed.len() - 1]).expect("it reads");
    stdin.flush().expect("it reads");
    let patience = Instant::now() + Duration::from_secs(60);
    let decrypted = || {
        names(&out).iter().any(|name| {
            name.starts_with(".aceso-draft-")
                && fs::metadata(out.join(name)).is_ok_and(|draft| draft.len() > 0)
        })
    };
    while !decrypted() {
        assert!(Instant::now() < patience, "no draft: {:?}", names(&out));
        thread::sleep(Duration::from_millis(20));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert_eq!(names(&out), Vec::<String>::new());
    drop(stdin);
}
