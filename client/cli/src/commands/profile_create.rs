use aceso_sdk::{
    chain::{Folder, Profile},
    flow::ProfileCreate as Create,
};
use serde_json::json;

use crate::{
    app::App, args::profile::ProfileCreate, cost, exit::Failure, render::receipt, table::Facts,
};

pub async fn run(app: &App, args: &ProfileCreate) -> Result<(), Failure> {
    let mut session = app.session().await?;
    let rent = cost::rent::<Profile>() + cost::rent::<Folder>();
    app.confirm(&format!(
        "A profile with its first folder holds {} as rent; a profile can be retired, never deleted.",
        cost::about(rent + cost::FEE)
    ))?;
    let create = Create { name: args.name.clone(), folder_name: args.folder.clone() };
    let created = session.profile_create(create).await?;
    receipt::tell(&app.printer, &created.receipt);
    let value = json!({
        "profile": created.profile.to_string(), "folder": created.folder.to_string(), "name": args.name,
        "fingerprint": created.fingerprint.to_string(), "bundle_cid": created.bundle.cid_string(),
        "transactions": receipt::json(&created.receipt),
    });
    app.printer.data(&value, || {
        Facts::new()
            .fact("profile", created.profile.to_string())
            .fact("fingerprint", created.fingerprint.to_string())
            .fact("first folder", format!("{} ({})", args.folder, created.folder))
            .render()
    })?;
    app.printer.say("Give the profile's address to those who share with you, and read the fingerprint to them by phone.");
    Ok(())
}
