use super::*;

/// What has to be said, and no more.
const LEAST: &str = r#"
    data_dir = "/d"
    profile = "11111111111111111111111111111112"
    rpc_url = "http://127.0.0.1:8899"
    operator = "/o.json"
    fee_payer = "/f.json"
    endpoint = "http://127.0.0.1:8443"
    quota = "1 GiB"
"#;

fn refusal(changed: &str) -> String {
    parse(changed).unwrap_err().to_string()
}

/// The least file with one line replaced or added.
fn with(line: &str) -> String {
    let name = line.split('=').next().unwrap_or_default().trim();
    let kept = LEAST.lines().filter(|l| l.split('=').next().unwrap_or_default().trim() != name);
    format!("{line}\n{}", kept.collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_sample_is_taken_once_its_profile_is_named() {
    let sample = sample();
    assert!(refusal(&sample).contains("profile"), "{}", refusal(&sample));
    let named = sample.replace(
        "Your1Profile1Address1Here1111111111111111111",
        "11111111111111111111111111111112",
    );
    let config = parse(&named).unwrap();
    assert_eq!(config.quota, Size(500 << 30));
    assert_eq!(config.authority().unwrap(), "peer.example:8443");
    assert!(config.tls.is_some() && config.kubo.is_none());
}

#[test]
fn every_commented_line_of_the_sample_holds_too() {
    // Uncommented, each optional line must be TOML of the right type: an example that is refused helps nobody.
    let text = sample().replace(
        "Your1Profile1Address1Here1111111111111111111",
        "11111111111111111111111111111112",
    );
    let uncommented: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[')
                    || rest.split_once(" = ").is_some_and(|(name, _)| is_name(name)) =>
            {
                rest
            }
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let config = parse(&uncommented).unwrap();
    assert!(config.kubo.is_some() && config.s3.is_some() && config.metrics_listen.is_some());
    let names = Config::KEYS.iter().chain(TABLES.iter().flat_map(|table| table.keys));
    for key in names {
        assert!(
            uncommented.lines().any(|line| line.starts_with(&format!("{} = ", key.name))),
            "{}",
            key.name
        );
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
}

#[test]
fn defaults_are_those_of_the_sample() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.listen, "0.0.0.0:8443".parse().unwrap());
    assert_eq!((config.storage, config.log), (StorageKind::Directory, LogFormat::Text));
    assert_eq!((config.margins.delete_after_secs, config.scrub.rate), (86_400, Size(32 << 20)));
    assert_eq!((config.metrics_listen, config.verify_rpc_url), (None, None));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    let text = refusal(&with("data_dri = \"/d\""));
    assert!(text.contains("data_dri") && text.contains("did you mean data_dir?"), "{text}");
    let text = refusal(&format!("{LEAST}\n[limits]\nconections = 3"));
    assert!(text.contains("limits.conections") && text.contains("limits.connections?"), "{text}");
    let text = refusal(&with("zzzzzzzzz = 1"));
    assert!(!text.contains("did you mean"), "{text}");
}

#[test]
fn what_is_missing_is_named_with_a_line_to_add() {
    let text = refusal(&LEAST.replace("quota", "# quota"));
    assert!(text.contains("quota is missing") && text.contains("quota = \"500 GiB\""), "{text}");
}

#[test]
fn a_value_of_the_wrong_kind_names_its_key() {
    for (line, key) in [
        ("listen = \"somewhere\"", "listen"),
        ("quota = \"lots\"", "quota"),
        ("storage = \"floppy\"", "storage"),
        ("behind_proxy = \"yes\"", "behind_proxy"),
        ("margins = 3", "margins"),
    ] {
        let text = refusal(&with(line));
        assert!(text.starts_with(key) && text.contains(';'), "{line}: {text}");
    }
    let text = refusal(&format!("{LEAST}\n[scrub]\nrate = true"));
    assert!(text.starts_with("scrub.rate"), "{text}");
    assert!(refusal("a = = 1").contains("line 1"), "{}", refusal("a = = 1"));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let https = with("endpoint = \"https://peer.example\"");
    for (text, says) in [
        (https.clone(), "nobody would end TLS"),
        (
            format!("{https}\n[tls]\ncertificate = \"/c\"\nkey = \"/k\"").replacen(
                "endpoint",
                "behind_proxy = true\nendpoint",
                1,
            ),
            "remove one",
        ),
        (with("endpoint = \"http://peer.example\""), "write https"),
        (with("endpoint = \"http://127.0.0.1/peer\""), "it has a path"),
        (with(&format!("endpoint = \"http://127.0.0.1/{}\"", "x".repeat(120))), "longer than 128"),
        (with("endpoint = \"ftp://127.0.0.1\""), "not http"),
        (with("rpc_url = \"http://u:p@127.0.0.1\""), "password"),
        (with("verify_rpc_url = \"http://127.0.0.1:8899\""), "rpc_url again"),
        (with("storage = \"s3\""), "no [s3]"),
        (with("profile = \"me\""), "no address"),
        (with("quota = 5"), "1 MiB or more"),
        (with("look_every_secs = 0"), "between 1 and 120"),
        (with("repair_gateway = \"ftp://gateway.example\""), "not http"),
        (format!("{LEAST}\n[margins]\nprove_within_percent = 99"), "between 1 and 90"),
        (format!("{LEAST}\n[limits]\nuploads = 0"), "limits.uploads"),
    ] {
        let said = refusal(&text);
        assert!(said.contains(says) && said.contains(';'), "{says}: {said}");
    }
    assert!(
        parse(
            &with("behind_proxy = true").replace("http://127.0.0.1:8443", "https://peer.example")
        )
        .is_ok()
    );
}

#[test]
fn a_refusal_shows_no_token() {
    let secret = "https://node.example/?api-key=SECRET";
    for line in [
        format!("rpc_url = \"{secret}\"\nverify_rpc_url = \"{secret}\""),
        "rpc_url = \"node.example/SECRET\"".to_owned(),
        "rpc_url = \"http://x:SECRET@node.example\"".to_owned(),
    ] {
        let said = refusal(&with(&line));
        assert!(!said.contains("SECRET"), "{said}");
    }
}

#[test]
fn sizes_are_read_as_people_write_them() {
    for (text, bytes) in
        [("500 GiB", 500 << 30), ("2TB", 2_000_000_000_000), ("7", 7), ("1 kb", 1000), ("0 B", 0)]
    {
        assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
    }
    for text in ["", "GiB", "1 XB", "-1", "1.5 GiB", "99999999999 TiB"] {
        assert!(text.parse::<Size>().is_err(), "{text}");
    }
    assert_eq!(
        (Size(500 << 30).to_string(), Size(1536).to_string(), Size(5).to_string()),
        ("500 GiB".into(), "1.5 KiB".into(), "5 B".into())
    );
}
