use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use aceso_sdk::blob::{GatewayStore, KuboStore};
use tempfile::TempDir;

/// `ipfs init` pins it.
const EMPTY_FOLDER: &str = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";

/// A private node on loopback, with default import settings: the requests have to say what a CID
/// needs.
pub struct KuboNode {
    program: PathBuf,
    repository: TempDir,
    daemon: Child,
}

impl KuboNode {
    /// `None`, with a line that says so, where there is no Kubo. In CI there has to be one.
    pub fn start(test: &str) -> Option<Self> {
        let Some(program) = find() else {
            assert!(
                env::var_os("CI").is_none_or(|ci| ci.is_empty()),
                "no ipfs in CI: run `make kubo`"
            );
            eprintln!(
                "skipped {test}: no ipfs at $KUBO, on PATH or in ~/.cache/aceso/bin (`make kubo` builds one)"
            );
            return None;
        };
        let repository = TempDir::new().unwrap();
        let run = |arguments: &[&str]| {
            let output = ipfs(&program, repository.path()).args(arguments).output().unwrap();
            assert!(
                output.status.success(),
                "ipfs {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        run(&["init", "--profile=test", "--empty-repo"]);
        run(&["config", "Routing.Type", "none"]);
        run(&["config", "--json", "Provide.Enabled", "false"]);
        let daemon = ipfs(&program, repository.path())
            .arg("daemon")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let node = Self { daemon: daemon.unwrap(), program, repository };
        let begin = Instant::now();
        while !node.is_ready() {
            assert!(begin.elapsed() < Duration::from_secs(30), "the Kubo daemon did not start");
            sleep(Duration::from_millis(50));
        }
        Some(node)
    }

    pub fn store(&self) -> KuboStore {
        KuboStore::with_patience(&self.api(), Duration::from_secs(10)).unwrap()
    }

    /// For blobs that nobody has: a node without routing looks for them until it is told to stop.
    pub fn impatient_store(&self) -> KuboStore {
        KuboStore::with_patience(&self.api(), Duration::from_secs(1)).unwrap()
    }

    pub fn gateway(&self) -> GatewayStore {
        let base = fs::read_to_string(self.repository.path().join("gateway")).unwrap();
        GatewayStore::with_patience(&base, Duration::from_secs(5)).unwrap()
    }

    pub fn connect(&self, other: &Self) {
        let addresses = other.ipfs(&["id", "-f", "<addrs>"]);
        let address = addresses
            .lines()
            .find(|line| line.contains("/tcp/"))
            .expect("a TCP address")
            .to_owned();
        self.ipfs(&["swarm", "connect", &address]);
    }

    /// Runs `ipfs` against this node's daemon.
    pub fn ipfs(&self, arguments: &[&str]) -> String {
        let output = ipfs(&self.program, self.repository.path()).args(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "ipfs {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn pins(&self) -> Vec<String> {
        let pins = self.ipfs(&["pin", "ls", "--type=recursive", "--quiet"]);
        pins.lines().filter(|pin| *pin != EMPTY_FOLDER).map(str::to_owned).collect()
    }

    fn api(&self) -> String {
        fs::read_to_string(self.repository.path().join("api")).unwrap()
    }

    fn is_ready(&self) -> bool {
        let written = |file: &str| {
            fs::read_to_string(self.repository.path().join(file)).is_ok_and(|s| !s.is_empty())
        };
        written("api") && written("gateway")
    }
}

impl Drop for KuboNode {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn ipfs(program: &Path, repository: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("IPFS_PATH", repository).env("IPFS_TELEMETRY", "off").stdin(Stdio::null());
    command
}

fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("KUBO") {
        return Some(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("ipfs"));
    let built = env::home_dir().map(|home| home.join(".cache/aceso/bin/ipfs"));
    on_path.chain(built).find(|program| program.is_file())
}
