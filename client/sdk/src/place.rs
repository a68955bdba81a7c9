//! Where a node or store is, as it may be shown: its URL can hold a key or a password.

/// Scheme, host and port of a URL.
pub(crate) fn shown(url: &str) -> String {
    let Ok(parsed) = reqwest::Url::parse(url) else { return "(not a URL)".to_owned() };
    parsed.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_keys_nor_passwords_are_shown() {
        assert_eq!(shown("https://me:secret@node.example/v2/key?token=1"), "https://node.example");
        assert_eq!(shown("http://127.0.0.1:8899/"), "http://127.0.0.1:8899");
        assert_eq!(shown("key"), "(not a URL)");
    }
}
