//! A patient whose records are kept by storage peers, through the binary alone; the peers are processes of the real daemon.

#[path = "../../sdk/tests/flow_fixture/mod.rs"]
mod flow_fixture;
#[path = "../../sdk/tests/lease_fixture/mod.rs"]
mod lease_fixture;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use flow_fixture::World;
use lease_fixture::Fair;
use serde_json::Value;

/// Somebody with a home of their own.
struct Person<'w> {
    world: &'w World,
    name: &'static str,
    store: PathBuf,
}

impl<'w> Person<'w> {
    fn new(world: &'w World, name: &'static str) -> Self {
        let store = world.dir.path().join(format!("{name} store"));
        let person = Self { world, name, store };
        person.ok(&["init", "--airdrop", "10"]);
        person.ok(&["profile", "create", "--name", name]);
        person
    }

    /// The same person at a computer that has stored nothing.
    fn at_another_computer(&mut self, name: &str) {
        self.store = self.world.dir.path().join(name);
    }

    fn run(&self, args: &[&str]) -> Output {
        let dir = self.world.dir.path();
        Command::new(env!("CARGO_BIN_EXE_aceso"))
            .args(["--json", "--yes", "--cluster", &self.world.net.url])
            .args(args)
            .env("ACESO_HOME", dir.join(format!("{} home", self.name)))
            .env("ACESO_STORE", &self.store)
            .env("ACESO_PASSWORD", "correct horse battery staple")
            .env("ACESO_KEYSTORE_WORK", "1")
            .current_dir(dir)
            .output()
            .expect("the binary runs")
    }

    fn ok(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {args:?}: {said}", self.name);
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{args:?} was done");
        let last = said.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).expect("one line of JSON");
        assert!(error["error"]["hint"].is_string(), "{args:?} says not what to do: {last}");
        error["error"]["kind"].as_str().unwrap_or_default().to_owned()
    }

    /// The bytes of a record, as `record get` writes them.
    fn get(&self, record: &str, name: &str) -> Vec<u8> {
        let path = self.world.dir.path().join(name);
        self.ok(&["record", "get", record, "-o", text(&path)]);
        fs::read(path).expect("written")
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn states(value: &Value, list: &str, field: &str) -> Vec<String> {
    let list = value[list].as_array().expect("a list");
    list.iter().map(|one| one[field].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_at_peers_outlive_a_computer_and_a_peer() {
    let world = World::start(Some(50)).await;
    let fair = Fair::open(&world, 6).await;
    let mut stalls = [
        fair.running("one", 1_000).await,
        fair.running("two", 1_100).await,
        fair.running("three", 1_200).await,
    ];
    let _spare = fair.running("four", 2_000).await;
    let mut ada = Person::new(&world, "ada");
    let scan: Vec<u8> = (0..2_500_000u32).map(|at| (at % 251) as u8).collect();
    let path = world.dir.path().join("scan.dcm");
    fs::write(&path, &scan).expect("written");
    let put = ["record", "put", text(&path), "--replicas", "3", "--for", "1y"];

    assert_eq!(ada.refused(&put), "tokens-short");
    assert_eq!(ada.ok(&["record", "list"]).as_array().map(Vec::len), Some(0), "nothing was put");
    let wallet = ada.ok(&["profile", "show"])["wallet"].as_str().map(str::to_owned);
    let wallet = wallet.expect("an address").parse().expect("an address");
    fair.tokens(&wallet, 50_000_000).await;
    assert_eq!(ada.ok(&["peer", "list", "--size", "3MB", "--for", "1y"])[0]["cost"], 365 * 1_003);

    let filed = ada.ok(&put);
    let record = filed["records"][0]["record"].as_str().expect("an address").to_owned();
    assert_eq!(states(&filed["leased"], "leases", "state"), ["live"; 9]);
    let again = ada.ok(&["lease", "open", "--record", &record]);
    assert_eq!(
        (again["plan"]["total"].as_u64(), again["transactions"].as_array().map(Vec::len)),
        (Some(0), Some(0))
    );

    // The computer is lost, then a peer: reading goes on.
    ada.at_another_computer("second store");
    assert!(ada.get(&record, "opened") == scan);
    let health = ada.ok(&["record", "health", &record]);
    assert_eq!((health["good"].as_u64(), health["in_own_store"].as_bool()), (Some(3), Some(false)));
    stalls[0].kill();
    ada.at_another_computer("third store");
    assert!(ada.get(&record, "opened again") == scan);
    assert_eq!(ada.refused(&["record", "health", &record]), "copy-lost");

    let repaired = ada.ok(&["record", "repair", &record]);
    assert_eq!(repaired["lost"].as_array().map(Vec::len), Some(2), "copy and keyring");
    assert_eq!(ada.ok(&["record", "health", &record])["good"], 3);

    // A new version goes to the peers with it.
    let newer = world.dir.path().join("newer.dcm");
    fs::write(&newer, &scan[..2_400_000]).expect("written");
    let updated = ada.ok(&["record", "update", &record, text(&newer)]);
    assert_eq!(updated["leases"]["updated"].as_array().map(Vec::len), Some(3), "{updated}");
    ada.at_another_computer("fourth store");
    assert!(ada.get(&record, "newer opened") == scan[..2_400_000]);

    let leases = ada.ok(&["lease", "list", "--record", &record]);
    let mut live = leases.as_array().expect("a list").iter().filter(|one| one["state"] == "live");
    let lease = live.next().and_then(|one| one["lease"].as_str()).expect("an address");
    assert_eq!(ada.ok(&["lease", "check", lease, "--whole"])["health"], "good");
    let extended = ada.ok(&["lease", "extend", lease, "--for", "30d"]);
    assert!(extended["paid"].as_u64() > Some(30 * 1_000), "{extended}");
    let ended = ada.ok(&["lease", "cancel", lease]);
    assert!(ended["tokens"][0]["amount"].as_u64() > Some(395 * 1_000), "{ended}");
    ada.ok(&["lease", "claim"]);

    // What is erased is nobody's to keep, nor to be paid for.
    let erased = ada.ok(&["record", "erase", &record]);
    assert_eq!(erased["leases"]["ended"].as_array().map(Vec::len), Some(2), "{erased}");
    let leases = ada.ok(&["lease", "list"]);
    let live = leases.as_array().expect("a list").iter().filter(|one| one["state"] == "live");
    assert!(live.into_iter().all(|one| one["what"]["kind"] != "record"), "{leases}");
}
