use std::{fs, io::Write, path::Path};

use crate::{args::Init, config, failure::Failure};

/// Writes the commented sample. No key is made: which wallet operates and which one pays is decided where wallets are kept.
pub fn run(path: &Path, args: &Init) -> Result<(), Failure> {
    let sample = config::sample();
    if args.print {
        print!("{sample}");
        return Ok(());
    }
    if path.exists() && !args.force {
        return Err(Failure::input(format!(
            "{} exists already; edit it, or replace it with --force",
            path.display()
        )));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let failed = |e: std::io::Error| {
        let path = path.display();
        Failure::input(format!(
            "cannot write {path} ({e}); name another place with --config, or run as its owner"
        ))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let draft = path.with_extension("new");
    let mut file = fs::File::create(&draft).map_err(failed)?;
    file.write_all(sample.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    println!("Written: {}", path.display());
    println!(
        "Next: fill in what is not commented out, make the two keypair files (`solana-keygen new -o …`, chmod 600),"
    );
    println!("then `aceso-peer check`.");
    Ok(())
}
