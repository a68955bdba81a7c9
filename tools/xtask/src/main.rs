//! `cargo xtask idl` and `cargo xtask wasm`: see README.md, "Building".

mod idl;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail, ensure};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (Some("idl"), None) => idl::run(),
        (Some(idl::PRINT), None) => idl::print(),
        (Some("wasm"), None) => wasm::run(),
        _ => bail!("usage: cargo xtask idl|wasm"),
    }
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into)
}

/// In CI a build must take the committed Cargo.lock as it is; while working it may follow a changed Cargo.toml.
fn locked() -> Option<&'static str> {
    std::env::var_os("CI").map(|_| "--locked")
}

fn execute(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
