//! The IDL without the Anchor CLI and without Solana's platform-tools: Anchor's own builder, on stable Rust.

use std::process::Command;

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The internal verb of the child process that prints the raw IDL.
pub const PRINT: &str = "idl-print";

pub fn run() -> Result<()> {
    let root = crate::root();
    // A child of our own, because the builder starts cargo and offers no say in its environment:
    // - it mistakes RUSTUP_TOOLCHAIN (set under `cargo run`) for a request and passes a literal "+{toolchain}";
    // - it sets RUSTFLAGS, which would build every dependency a second time; the encoded variable overrules that one.
    let output = Command::new(std::env::current_exe()?)
        .arg(PRINT)
        .current_dir(&root)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("CARGO_ENCODED_RUSTFLAGS", "")
        .stderr(std::process::Stdio::inherit())
        .output()?;
    ensure!(
        output.status.success(),
        "building the IDL failed, see above"
    );
    let mut idl: Value = serde_json::from_slice(&output.stdout).context("the IDL is not JSON")?;
    complete(&mut idl)?;

    let path = root.join("idl/aceso.json");
    std::fs::create_dir_all(root.join("idl"))?;
    let text = serde_json::to_string_pretty(&idl)? + "\n";
    // An unchanged file keeps its time, so that the client is not generated again.
    if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
        std::fs::write(&path, text)?;
        println!("idl/aceso.json written");
    }
    Ok(())
}

pub fn print() -> Result<()> {
    let program = crate::root().join("programs/aceso").canonicalize()?;
    let mut arguments = vec!["--lib".to_owned()];
    arguments.extend(crate::locked().map(str::to_owned));
    let idl = IdlBuilder::new()
        .program_path(program)
        .cargo_args(arguments)
        .build()?;
    println!("{}", serde_json::to_string(&idl)?);
    Ok(())
}

/// Anchor 1.2.2 leaves out where the two accounts of `#[event_cpi]` come from, and clients would have to ask their users.
fn complete(idl: &mut Value) -> Result<()> {
    let address = idl["address"].clone();
    ensure!(address.is_string(), "the IDL names no program address");
    let instructions = idl["instructions"]
        .as_array_mut()
        .context("the IDL has no instructions")?;
    for instruction in instructions {
        let Some(accounts) = instruction["accounts"].as_array_mut() else {
            continue;
        };
        for account in accounts {
            match account["name"].as_str() {
                Some("event_authority") => {
                    account["pda"] =
                        json!({"seeds": [{"kind": "const", "value": b"__event_authority"}]});
                }
                Some("program") => account["address"] = address.clone(),
                _ => {}
            }
        }
    }
    Ok(())
}
