//! A patient, a cardiologist, a laboratory and a stranger on a real chain, through the binary alone, as a program that
//! uses it would: --json in, JSON out, exit codes.

mod localnet;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use localnet::Localnet;
use serde_json::Value;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery staple";

/// Everybody's files, and the store that all use.
struct World {
    net: Localnet,
    dir: TempDir,
}

/// Somebody with a home of their own.
struct Person<'w> {
    world: &'w World,
    name: &'static str,
}

impl World {
    fn start() -> Self {
        let world = Self { net: Localnet::start(), dir: tempfile::tempdir().expect("a directory") };
        let admin = Person { world: &world, name: "admin" };
        let keypair = world.net.admin_keypair(world.dir.path());
        admin.ok(&["init", "--keypair", text(&keypair)]);
        admin.ok(&["config", "program", "init"]);
        world
    }

    fn person(&self, name: &'static str) -> Person<'_> {
        let person = Person { world: self, name };
        person.ok(&["init", "--airdrop", "10"]);
        person.ok(&["profile", "create", "--name", name]);
        person
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    }
}

impl Person<'_> {
    fn run(&self, args: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_aceso"))
            .args(["--json", "--yes", "--cluster", &self.world.net.url])
            .args(args)
            .env("ACESO_HOME", self.world.dir.path().join(self.name))
            .env("ACESO_STORE", self.world.dir.path().join("blobs"))
            .env("ACESO_PASSWORD", PASSWORD)
            .env("ACESO_KEYSTORE_WORK", "1")
            .current_dir(self.world.dir.path())
            .output()
            .expect("the binary runs");
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            assert!(!said.contains(PASSWORD), "{args:?} said the password");
            assert!(!said.contains("panicked"), "{args:?}: {said}");
        }
        output
    }

    /// What a command that has to succeed prints.
    fn ok(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {args:?}: {said}", self.name);
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// The kind of failure, and its exit code.
    fn refused(&self, args: &[&str]) -> (String, i32) {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().last().unwrap_or_default();
        let value: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("{} {args:?}: {said}", self.name));
        assert!(value["error"]["hint"].is_string(), "{args:?} says not what to do: {line}");
        (string(&value["error"]["kind"]), output.status.code().unwrap_or(-1))
    }

    fn profile(&self) -> String {
        string(&self.ok(&["profile", "show"])["profile"])
    }

    fn knows(&self, name: &str, other: &Person) {
        self.ok(&["contact", "add", name, &other.profile()]);
        let fingerprint = string(&other.ok(&["profile", "show"])["fingerprint"]);
        assert_eq!(
            self.ok(&["contact", "verify", name, "--fingerprint", &fingerprint])["verified"],
            true
        );
    }
}

#[test]
fn a_chart_is_shared_read_and_closed_again() {
    let world = World::start();
    let (patient, cardiologist) = (world.person("patient"), world.person("cardiologist"));
    let (laboratory, stranger) = (world.person("laboratory"), world.person("stranger"));
    patient.knows("Dr. Heart", &cardiologist);
    patient.knows("Lab", &laboratory);
    for other in [&cardiologist, &laboratory, &stranger] {
        other.knows("Alice", &patient);
    }

    // Two files in one transaction, with what they are.
    let ecg = world.file("ecg.dcm", &[&[0; 128][..], b"DICM", &[7; 300_000]].concat());
    let report =
        world.file("report.json", br#"{"resourceType":"DiagnosticReport","status":"final"}"#);
    let put = patient.ok(&["record", "put", text(&ecg), text(&report), "--tag", "cardiology"]);
    assert_eq!(put["transactions"].as_array().map(Vec::len), Some(1), "{put}");
    let record = string(&put["records"][0]["record"]);
    let shown = patient.ok(&["record", "show", "report.json"]);
    assert_eq!(shown["manifest"]["fhir_type"], "DiagnosticReport");

    // One title twice is no title: the candidates are named.
    let twin = patient.ok(&["record", "put", text(&report), "--title", "ecg.dcm"]);
    let (kind, code) = patient.refused(&["record", "show", "ecg.dcm"]);
    assert_eq!((kind.as_str(), code), ("name-ambiguous", 1));
    patient.ok(&["record", "erase", &string(&twin["records"][0]["record"])]);
    // And a yes that nobody gave compares no fingerprint.
    assert_eq!(
        patient.refused(&["contact", "verify", "Lab"]),
        ("fingerprint-needed".to_owned(), 1)
    );

    // Nobody else sees them.
    assert_eq!(stranger.refused(&["record", "get", &record]), ("no-grant".to_owned(), 1));
    assert_eq!(cardiologist.ok(&["record", "list", "--shared"]), Value::Array(Vec::new()));

    // One grant opens the folder, and each opening leaves a receipt.
    let grant =
        patient.ok(&["grant", "create", "Dr. Heart", "--folder", "Chart", "--until", "30d"]);
    assert_eq!(grant["transactions"].as_array().map(Vec::len), Some(1));
    let shared = cardiologist.ok(&["record", "list", "--shared"]);
    assert_eq!(shared.as_array().map(Vec::len), Some(2));
    let got = cardiologist.ok(&["record", "get", &record[..12], "-o", "got.dcm"]);
    assert_eq!(got["transactions"].as_array().map(Vec::len), Some(1), "a receipt");
    assert_eq!(fs::read(world.dir.path().join("got.dcm")).ok(), fs::read(&ecg).ok());
    assert_eq!(
        cardiologist.refused(&["record", "get", &record, "-o", "got.dcm"]),
        ("exists".to_owned(), 1)
    );
    cardiologist.ok(&["record", "get", &record, "--range", "128..132", "-o", "range.bin"]);
    assert_eq!(fs::read(world.dir.path().join("range.bin")).ok().as_deref(), Some(&b"DICM"[..]));

    // The laboratory files what it cannot read back.
    patient.ok(&["delegate", "add", "Lab", "--can", "create"]);
    let result = world.file("blood.txt", b"potassium 4.1");
    let filed = laboratory.ok(&[
        "record",
        "put",
        text(&result),
        "--delegate-of",
        "Alice",
        "--title",
        "Blood panel",
    ]);
    let filed = string(&filed["records"][0]["record"]);
    assert_eq!(laboratory.refused(&["record", "get", &filed, "-o", "lab.txt"]).1, 1);
    assert_eq!(
        cardiologist.run(&["record", "get", "Blood panel", "-o", "-"]).stdout,
        b"potassium 4.1"
    );

    // Versions: the new one by default, the old one by number.
    let second =
        world.file("second.json", br#"{"resourceType":"DiagnosticReport","status":"amended"}"#);
    patient.ok(&["record", "update", "report.json", text(&second), "--name", "report.json"]);
    patient.ok(&["record", "get", "report.json", "--version", "1", "-o", "first.json"]);
    assert_eq!(fs::read(world.dir.path().join("first.json")).ok(), fs::read(&report).ok());
    assert_eq!(patient.ok(&["record", "verify", "report.json"])["depth"], "opened");

    // A question, and an answer that gives less.
    stranger.ok(&[
        "request",
        "create",
        "Alice",
        "--reason",
        "a second opinion",
        "--duration",
        "7d",
    ]);
    let asked = patient.ok(&["request", "list"]);
    let request = string(&asked[0]["request"]);
    assert_eq!(patient.ok(&["request", "show", &request])["reason"], "a second opinion");
    assert_eq!(patient.refused(&["request", "approve", &request]), ("scope-needed".to_owned(), 1));
    patient.ok(&["request", "approve", &request, "--record", &record, "--until", "1d"]);
    stranger.ok(&["record", "get", &record, "-o", "stranger.dcm"]);

    // Revoked: nothing more, in one transaction, while the others stay.
    let revoked = patient.ok(&["grant", "revoke", "Dr. Heart", "--folder", "Chart"]);
    assert_eq!(
        (&revoked["epoch"], revoked["transactions"].as_array().map(Vec::len)),
        (&Value::from(2), Some(1))
    );
    assert_eq!(
        cardiologist.refused(&["record", "get", &record, "-o", "again.dcm"]),
        ("no-grant".to_owned(), 1)
    );

    // All of it is in the trail, which is recomputed, kept and checked.
    let trail = patient.ok(&["audit", "show", &record]);
    let actions: Vec<String> =
        trail["entries"].as_array().into_iter().flatten().map(|e| string(&e["action"])).collect();
    assert_eq!(
        actions.iter().filter(|action| *action == "record-opened").count(),
        3,
        "{actions:?}"
    );
    assert_eq!(patient.ok(&["audit", "verify", "Chart"])["verified"], true);
    patient.ok(&["record", "erase", "report.json"]);
    let csv = patient.run(&["audit", "show", "Chart", "--output", "trail.csv", "--format", "csv"]);
    assert!(csv.status.success());
}

#[test]
fn a_wallet_without_sol_and_a_node_that_is_down_are_named() {
    let world = World::start();
    let poor = Person { world: &world, name: "poor" };
    poor.ok(&["init"]);
    assert_eq!(poor.refused(&["profile", "create"]), ("wallet-without-sol".to_owned(), 1));
    let (kind, code) = poor.refused(&["--rpc", "http://127.0.0.1:9", "profile", "list"]);
    assert_eq!((kind.as_str(), code), ("rpc-down", 3));
}

#[test]
fn a_profile_is_handed_over_and_what_it_is_about_is_listed() {
    let world = World::start();
    let (patient, laboratory) = (world.person("patient"), world.person("laboratory"));
    patient.knows("Lab", &laboratory);
    laboratory.knows("Alice", &patient);

    // Type, codes and versions.
    let scan = world.file("scan.pdf", b"%PDF-1.7 one");
    let code = "http://loinc.org|58410-2|Blood count";
    let about = ["--fhir-type", "DiagnosticReport", "--code", code];
    patient.ok(&[&["record", "put", text(&scan)][..], &about].concat());
    let second = world.file("second.pdf", b"%PDF-1.7 number two");
    patient.ok(&["record", "update", "scan.pdf", text(&second)]);
    let shown = patient.ok(&["record", "show", "scan.pdf", "--versions"]);
    assert_eq!(shown["manifest"]["fhir_type"], "DiagnosticReport");
    assert_eq!(shown["manifest"]["codes"][0]["display"], "Blood count");
    let names = ["/versions/0/file_name", "/versions/1/file_name"].map(|at| shown.pointer(at));
    assert_eq!(names, [Some(&"second.pdf".into()), Some(&"scan.pdf".into())]);
    let first =
        patient.run(&["record", "get", "scan.pdf", "--version", "1", "--range", "9..", "-o", "-"]);
    assert_eq!(first.stdout, b"one");

    // Each acts for the other: who resigns ends the delegation that was given to it.
    patient.ok(&["delegate", "add", "Lab"]);
    laboratory.ok(&["delegate", "add", "Alice"]);
    laboratory.ok(&["delegate", "remove", "--of", "Alice"]);
    assert_eq!(patient.ok(&["delegate", "list"]), Value::Array(Vec::new()));
    assert_eq!(laboratory.ok(&["delegate", "list"]).as_array().map(Vec::len), Some(1));
    assert_eq!(
        laboratory.refused(&["delegate", "remove", "--of", "Alice"]),
        ("not-delegated".to_owned(), 1)
    );

    // Who takes a profile over acts as it from then on.
    let heir = Person { world: &world, name: "heir" };
    let wallet = string(&heir.ok(&["init", "--airdrop", "10"])["wallet"]);
    let profile = patient.profile();
    patient.ok(&["profile", "authority", "propose", &wallet]);
    heir.ok(&["profile", "authority", "accept", &profile]);
    assert_eq!(heir.profile(), profile);

    // A setting of the program that is not named stays.
    let admin = Person { world: &world, name: "admin" };
    admin.ok(&["config", "program", "update", "--request-fee", "0.002"]);
    let now = admin.ok(&["config", "program", "update", "--request-ttl", "3d"]);
    assert_eq!(now["request_fee_lamports"], 2_000_000);
    assert_eq!(
        heir.refused(&["config", "program", "update", "--request-ttl", "1d"]),
        ("not-admin".to_owned(), 1)
    );
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}
