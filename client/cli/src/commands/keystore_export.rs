use aceso_sdk::home::{HomeError, Keystore};
use serde_json::json;

use crate::{app::App, args::keystore::KeystoreExport, exit::Failure, password, show};

pub fn run(app: &App, args: &KeystoreExport) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    if !dir.keystore().exists() {
        return Err(HomeError::Missing { what: "keystore", path: dir.keystore() }.into());
    }
    // Asked for once where both are the same: the copy then opens with the password that is known already.
    let password = password::existing(&app.global)?;
    let work = app.work_factor();
    let keystore = tokio::task::block_in_place(|| Keystore::open(&dir.keystore(), password, work))?;
    let own = match &args.copy_password_file {
        Some(file) => password::new(Some(file), &app.printer, "the copy")?,
        None => password::again(&app.global, &app.printer, "the copy")?,
    };
    tokio::task::block_in_place(|| keystore.export(&args.output, &own, work))?;
    let profiles = keystore.profiles();
    let value = json!({ "path": args.output, "profiles": profiles.iter().map(ToString::to_string).collect::<Vec<_>>() });
    app.printer.data(&value, || {
        format!("{} (keys of {})", args.output.display(), show::count(profiles.len(), "profile"))
    })?;
    app.printer.say("Keep it away from this computer. Your wallet is another file: copy that too.");
    Ok(())
}
