use aceso_sdk::home::Keystore;
use serde_json::json;

use super::init::BUSY;
use crate::{app::App, args::keystore::KeystoreImport, exit::Failure, password, show};

pub fn run(app: &App, args: &KeystoreImport) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    if !args.input.exists() {
        return Err(Failure::input(format!("there is no {}", args.input.display()))
            .with_hint("name the file that `aceso keystore export` wrote"));
    }
    let work = app.work_factor();
    let mut keystore = if dir.keystore().exists() {
        let password = password::existing(&app.global)?;
        tokio::task::block_in_place(|| Keystore::open(&dir.keystore(), password, work))?
    } else {
        // A new computer: the keys go into a keystore of its own.
        let password = password::new(
            app.global.password_file.as_deref(),
            &app.printer,
            "the keystore of this computer",
        )?;
        tokio::task::block_in_place(|| {
            Keystore::create(&dir.keystore(), password, work, &dir.lock(BUSY)?)
        })?
    };
    let own = password::of_copy(args.copy_password_file.as_deref(), &app.global)?;
    let lock = dir.lock(BUSY)?;
    let profiles = tokio::task::block_in_place(|| keystore.import(&args.input, &own, &lock))?;
    let value = json!({ "profiles": profiles.iter().map(ToString::to_string).collect::<Vec<_>>() });
    app.printer.data(&value, || {
        if profiles.is_empty() {
            return "The copy brings no new profile; keys that were missing of those here are added.".to_owned();
        }
        let list: String = profiles.iter().map(|profile| format!("\n  {profile}")).collect();
        format!("Keys of {} came in:{list}", show::count(profiles.len(), "profile"))
    })
}
