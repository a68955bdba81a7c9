//! What is logged at the loudest: nothing that could be used by whoever reads it. Alone in its process, because a log is.

mod support;

use std::sync::{Arc, Mutex};

use aceso::state::LeaseKind;
use reqwest::Method;
use support::{
    address,
    daemon::{Daemon, leased},
    sample,
};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_signature_and_no_nonce_is_logged() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let daemon = Daemon::start().await;
    let owner = daemon.chain.person(10);
    let (record, _) = daemon.chain.record_of(&owner, 20);
    let bytes = sample(5000, 1);
    daemon.hold(&owner, &record, LeaseKind::Record, &bytes).await;
    let (other, _) = daemon.chain.record_of(&owner, 30);
    let wanted = leased(&sample(5000, 3));
    let (at, _) =
        daemon.chain.offer(&owner, &other, LeaseKind::Record, &daemon.peer, &wanted, |_| ());
    let path = format!("/ipfs/{}", address(&bytes).cid_string());
    let mut secrets = Vec::new();
    for request in [
        daemon.signed(Method::GET, &path, &owner, None),
        daemon.signed(Method::GET, &path, &daemon.chain.person(11), None),
        daemon.upload(&at, &owner, sample(5000, 2)),
    ] {
        let request = request.build().unwrap();
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        secrets.push(header("signature").split(':').nth(1).unwrap().to_owned());
        secrets.push(
            header("signature-input")
                .split("nonce=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned(),
        );
        support::daemon::client().execute(request).await.unwrap();
    }
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("bytes given out") && log.contains("an upload was not kept"), "{log}");
    // The test's own client logs too; what counts is the daemon and what it is built on.
    for line in
        log.lines().filter(|line| !line.contains("reqwest") && !line.contains("hyper_util::client"))
    {
        for secret in &secrets {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
