//! The IDL without the Anchor CLI and without Solana's platform-tools: Anchor's own builder, on stable Rust.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use toml::{Table, Value as Toml};

/// The internal verb of the child process that prints the raw IDL.
pub const PRINT: &str = "idl-print";

pub fn run() -> Result<()> {
    let root = crate::root();
    let program = program_alone(&root)?;
    // A child of our own, because the builder starts cargo and offers no say in its environment:
    // - it mistakes RUSTUP_TOOLCHAIN (set under `cargo run`) for a request and passes a literal "+{toolchain}";
    // - it sets RUSTFLAGS, which would build every dependency a second time; the encoded variable overrules that one.
    let output = Command::new(std::env::current_exe()?)
        .arg(PRINT)
        .current_dir(program)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("CARGO_ENCODED_RUSTFLAGS", "")
        .env("CARGO_TARGET_DIR", crate::target())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "building the IDL failed, see above");
    let mut idl: Value = serde_json::from_slice(&output.stdout).context("the IDL is not JSON")?;
    complete(&mut idl)?;

    fs::create_dir_all(root.join("idl"))?;
    let text = serde_json::to_string_pretty(&idl)? + "\n";
    if write(&root.join("idl/aceso.json"), &text)? {
        println!("idl/aceso.json written");
    }
    Ok(())
}

/// Runs in the folder of [`program_alone`].
pub fn print() -> Result<()> {
    let idl = IdlBuilder::new()
        .program_path(std::env::current_dir()?)
        .cargo_args(vec!["--lib".to_owned()])
        .build()?;
    println!("{}", serde_json::to_string(&idl)?);
    Ok(())
}

/// The program in a workspace of its own, without the dependencies of its integration tests. The builder runs
/// `cargo test`, which builds those too, and the in-process SVM is three hundred crates that no IDL needs.
/// Versions are those of the root Cargo.lock, and compiled crates are shared with the other builds.
fn program_alone(root: &Path) -> Result<PathBuf> {
    let alone = crate::target().join("idl");
    let package = alone.join("aceso");
    fs::create_dir_all(&package)?;

    let mut workspace = read_toml(&root.join("Cargo.toml"))?;
    let section = table(&mut workspace, "workspace")?;
    section.insert("members".into(), Toml::Array(vec!["aceso".into()]));
    section.remove("exclude");
    // Paths lead out of here, and the program depends on nothing else of ours.
    table(section, "dependencies")?.retain(|_, spec| spec.get("path").is_none());
    write(&alone.join("Cargo.toml"), &toml::to_string(&workspace)?)?;

    let mut manifest = read_toml(&root.join("programs/aceso/Cargo.toml"))?;
    // The builder compiles for tests, so a `mod tests` in src/ could use none of these: tests live in tests/.
    manifest.remove("dev-dependencies");
    let lib = table(&mut manifest, "lib")?;
    let source = root.join("programs/aceso/src/lib.rs");
    lib.insert("path".into(), source.to_string_lossy().as_ref().into());
    write(&package.join("Cargo.toml"), &toml::to_string(&manifest)?)?;

    fs::copy(root.join("Cargo.lock"), alone.join("Cargo.lock"))?;
    fs::copy(root.join("rust-toolchain.toml"), alone.join("rust-toolchain.toml"))?;
    link_sources(root, &package)?;
    Ok(package)
}

/// Anchor also reads src/ below the program's folder, to resolve names.
fn link_sources(root: &Path, package: &Path) -> Result<()> {
    let link = package.join("src");
    if fs::symlink_metadata(&link).is_err() {
        std::os::unix::fs::symlink(root.join("programs/aceso/src"), link)?;
    }
    Ok(())
}

fn read_toml(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    text.parse().with_context(|| format!("parsing {}", path.display()))
}

fn table<'a>(of: &'a mut Table, name: &str) -> Result<&'a mut Table> {
    of.get_mut(name).and_then(Toml::as_table_mut).with_context(|| format!("no table `{name}`"))
}

/// An unchanged file keeps its time, so that nothing is made of it again. Says whether it changed.
fn write(path: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(path).ok().as_deref() == Some(text) {
        return Ok(false);
    }
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(true)
}

/// Anchor 1.2.2 leaves out where the two accounts of `#[event_cpi]` come from, and clients would have to ask their users.
fn complete(idl: &mut Value) -> Result<()> {
    let address = idl["address"].clone();
    ensure!(address.is_string(), "the IDL names no program address");
    let instructions = idl["instructions"].as_array_mut().context("the IDL has no instructions")?;
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
