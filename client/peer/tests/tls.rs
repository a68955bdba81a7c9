//! TLS of the daemon's own: with ring, HTTP/1.1, and a certificate that is renewed under it.

mod support;

use std::{path::Path, process::Command, time::Duration};

use aceso_peer::http::{Limits, TlsFiles, listen};
use axum::{Router, routing};
use tempfile::TempDir;

fn certificate(folder: &Path) -> TlsFiles {
    let files = TlsFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .arg("-out")
        .arg(&files.certificate)
        .arg("-keyout")
        .arg(&files.key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_knows_the_certificate_is_served_and_no_other() {
    let folder = TempDir::new().unwrap();
    let files = certificate(folder.path());
    let known =
        reqwest::Certificate::from_pem(&std::fs::read(&files.certificate).unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route("/", routing::get(|| async { "here" }));
    let limits = Limits { connections: 4, idle: Duration::from_millis(700) };
    let tls = std::sync::Arc::new(files.server_config().unwrap());
    let _server = listen(listener, router, Some(tls), limits, std::future::pending()).unwrap();
    let url = format!("https://localhost:{port}/");
    let client = reqwest::Client::builder().no_proxy().add_root_certificate(known).build().unwrap();
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_11);
    assert_eq!(answer.text().await.unwrap(), "here");
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(stranger.get(&url).send().await.is_err());
    // One who opens a connection and never shakes hands is let go.
    let mut silent = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut said = Vec::new();
    let reading = tokio::io::AsyncReadExt::read_to_end(&mut silent, &mut said);
    tokio::time::timeout(Duration::from_secs(5), reading).await.expect("let go").unwrap();
}

#[test]
fn files_that_are_no_pair_are_refused() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let [one, other] = folders.each_ref().map(|folder| certificate(folder.path()));
    let refusal = |certificate: &Path, key: &Path| {
        let files = TlsFiles { certificate: certificate.to_owned(), key: key.to_owned() };
        let error = files.server_config().expect_err("refused").to_string();
        assert!(error.contains(';') && !error.contains("PRIVATE KEY"), "{error}");
        error
    };
    assert!(refusal(&one.certificate, &other.key).contains("belong together"));
    assert!(refusal(&one.key, &one.key).contains("no certificate"));
    assert!(refusal(&one.certificate, &one.certificate).contains("no private key"));
    assert!(refusal(Path::new("/nowhere"), &one.key).contains("/nowhere"));
}
