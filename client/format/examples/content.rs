//! `content open RECORD KEY CONTENT-LEN` (hex, hex, decimal): opens a blob from stdin to stdout.
//!
//! For other implementations that check themselves against this one; see `testdata/pyca_check.py`. Not for secrets that
//! matter: arguments are visible to other processes.

use std::io::{Read, Write};

use aceso_format::content;
use aceso_format::key::ContentKey;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [verb, record, key, len] = args.as_slice() else {
        return Err("usage: content open RECORD KEY CONTENT-LEN".into());
    };
    if verb != "open" {
        return Err(format!("no verb {verb:?}; use open").into());
    }
    let mut blob = Vec::new();
    std::io::stdin().read_to_end(&mut blob)?;
    let opened =
        content::open(&unhex(record)?, &ContentKey::from_bytes(unhex(key)?), len.parse()?, &blob)?;
    std::io::stdout().write_all(&opened)?;
    Ok(())
}

fn unhex(text: &str) -> Result<[u8; 32], Box<dyn std::error::Error>> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return Err("give 64 hex digits".into());
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair)?, 16)?;
    }
    Ok(bytes)
}
