//! A chain for one test: tools/localnet on free ports, ended with the test.

use std::{env, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Chains at a time: each takes 100 MB and half a core.
static ROOM: Semaphore = Semaphore::const_new(2);

pub struct Localnet {
    pub rpc_url: String,
    _child: Child,
    _room: SemaphorePermit<'static>,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Localnet {
    /// A running chain with the program on it. `None`, with a line that says so, where there is no Node.js, except in CI.
    pub async fn start() -> Option<Self> {
        Self::start_with(&[]).await
    }

    pub async fn start_with(settings: &[(&str, &str)]) -> Option<Self> {
        let room = ROOM.acquire().await.unwrap();
        let installed = Command::new("node").arg("--version").output().await.is_ok();
        if !installed && env::var_os("CI").is_none() {
            eprintln!("skipped: this test needs Node.js for a local chain");
            return None;
        }
        let install = root().join("tools/localnet/install.sh");
        let status = Command::new(install).stdout(Stdio::null()).status().await.unwrap();
        assert!(status.success(), "tools/localnet/install.sh failed");
        let mut child = Command::new("node")
            .arg(root().join("tools/localnet/localnet.mjs"))
            .envs([("LOCALNET_RPC_PORT", "0"), ("LOCALNET_WS_PORT", "0")])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(rest) = line.strip_prefix("localnet ready: rpc ") {
                    return rest.split(' ').next().unwrap().to_owned();
                }
            }
            panic!("the local chain ended; `make program` first?");
        };
        let rpc_url = timeout(Duration::from_secs(60), ready).await.expect("no chain in a minute");
        Some(Self { rpc_url, _child: child, _room: room })
    }
}
