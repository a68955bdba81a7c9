//! client/wasm for JavaScript, without a wasm-bindgen command on PATH.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

const TARGET: &str = "wasm32-unknown-unknown";

pub fn run() -> Result<()> {
    let root = crate::root();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    crate::execute(
        Command::new(cargo)
            .current_dir(&root)
            .args(["build", "--release", "--package", "aceso-wasm", "--target", TARGET])
            .args(crate::locked()),
    )?;

    // The heavy part of wasm-bindgen is built once for a machine, not with every checkout.
    let installed = Command::new(root.join("tools/wasm-bundle/install.sh"))
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(installed.status.success(), "installing wasm-bundle failed, see above");
    let wasm_bundle = String::from_utf8(installed.stdout)?;
    let wasm_bundle = Path::new(wasm_bundle.trim());

    let built = crate::target().join(TARGET).join("release/aceso_wasm.wasm");
    let out = root.join("client/js/src/wasm");
    if newer(&out.join("web/aceso_bg.wasm"), &[&built, wasm_bundle])? {
        return Ok(());
    }

    // Made beside its place, so that a failure leaves the last good module.
    let scratch = root.join("client/js/src/wasm.new");
    remove(&scratch)?;
    crate::execute(Command::new(wasm_bundle).arg(built).arg(&scratch))?;
    remove(&out)?;
    std::fs::rename(&scratch, &out)?;

    let size = std::fs::metadata(out.join("web/aceso_bg.wasm"))?.len();
    println!("client/js/src/wasm: {size} bytes of WASM, for web and node");
    Ok(())
}

/// Whether `made` is there and younger than all it was made from.
fn newer(made: &Path, from: &[&Path]) -> Result<bool> {
    let Ok(made) = made.metadata() else {
        return Ok(false);
    };
    for path in from {
        let source = path.metadata().with_context(|| format!("{} is missing", path.display()))?;
        if source.modified()? > made.modified()? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}
