//! What is shipped beside the binary fits the binary.

use std::{collections::BTreeSet, path::Path};

use aceso_peer::metrics::Metrics;
use http::StatusCode;
use serde_json::Value;

fn deployed(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file))
        .unwrap()
}

/// Everything that counts, counted once.
fn names() -> BTreeSet<String> {
    let metrics = Metrics::default();
    metrics.request("ipfs", StatusCode::OK);
    metrics.duty("prove", "done");
    metrics.book("bond", 1);
    metrics.leases.get_or_create(&aceso_peer::metrics::StatusLabels { status: "live" }).set(1);
    let text = metrics.text();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
}

#[test]
fn the_board_asks_for_metrics_that_exist_and_for_all_of_them() {
    let board: Value = serde_json::from_str(&deployed("grafana.json")).unwrap();
    let mut asked = BTreeSet::new();
    for panel in board["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let words = target["expr"]
                .as_str()
                .unwrap()
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            asked.extend(words.filter(|word| word.starts_with("aceso_peer_")).map(str::to_owned));
        }
    }
    assert_eq!(asked, names());
}

#[test]
fn metrics_are_text_that_prometheus_reads() {
    let metrics = Metrics::default();
    metrics.request("leases", StatusCode::CREATED);
    metrics.served(5);
    let text = metrics.text();
    assert!(
        text.contains("aceso_peer_http_requests_total{path=\"leases\",status=\"201\"} 1\n"),
        "{text}"
    );
    assert!(
        text.contains("aceso_peer_served_bytes_total 5\n") && text.ends_with("# EOF\n"),
        "{text}"
    );
}

#[test]
fn the_unit_starts_what_there_is() {
    let unit = deployed("aceso-peer.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    assert!(start.ends_with(&format!("--config {}", aceso_peer::config::DEFAULT_PATH)), "{start}");
    for hardened in ["NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0", "Restart=always"]
    {
        assert!(unit.contains(hardened), "{hardened}");
    }
    // A secret in the unit would be in `systemctl show`, for everybody on the machine.
    assert!(!unit.lines().any(|line| line.starts_with("Environment=")));
}
