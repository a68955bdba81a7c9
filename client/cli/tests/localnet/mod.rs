use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// A chain of its own, on free ports. Ends with the test.
pub struct Localnet {
    child: Child,
    pub url: String,
}

impl Localnet {
    pub fn start() -> Self {
        let root = root();
        let program = root.join("target/deploy/aceso.so");
        assert!(program.exists(), "{} is missing: run make program", program.display());
        let mut child = Command::new("node")
            .arg(root.join("tools/localnet/localnet.mjs"))
            .env("LOCALNET_RPC_PORT", free_port().to_string())
            .env("LOCALNET_WS_PORT", free_port().to_string())
            .env("LOCALNET_MODE", "clock")
            .env("LOCALNET_SLOT_MS", "50")
            .env("LOCALNET_PROGRAM", program)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs: make localnet installs it");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let ready =
            lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("localnet ready"));
        let ready = ready.expect("the chain starts");
        // Whatever it prints later must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        let url =
            ready.split_whitespace().find(|word| word.starts_with("http://")).expect("its URL");
        Self { child, url: url.to_owned() }
    }

    /// The checkout's file is readable by all, which a wallet must not be.
    pub fn admin_keypair(&self, dir: &Path) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let copy = dir.join("admin.json");
        fs::copy(root().join("tools/localnet/admin-keypair.json"), &copy).expect("copied");
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).expect("made private");
        copy
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
