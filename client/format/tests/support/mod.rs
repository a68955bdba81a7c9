//! How fixtures are made and run.

pub mod forge;
pub mod run;

use serde_json::Value;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is not hex"));
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    unhex(value).try_into().unwrap_or_else(|_| panic!("{value} has another length"))
}

/// Bytes of a case: parts of a base object (`[start, end]`) and bytes in hex, one after the other.
pub fn assemble(fixtures: &Value, case: &Value) -> Vec<u8> {
    let base = case["base"]
        .as_str()
        .filter(|name| !name.is_empty())
        .map(|name| unhex(&fixtures["objects"][name]))
        .unwrap_or_default();
    let mut bytes = Vec::new();
    for part in case["parts"].as_array().unwrap() {
        match part.as_array() {
            Some(range) => {
                let at = |i: usize| range[i].as_u64().unwrap() as usize;
                bytes.extend_from_slice(&base[at(0)..at(1)]);
            }
            None => bytes.extend_from_slice(&unhex(part)),
        }
    }
    bytes
}
