use serde_json::json;

use crate::{app::App, args::contact::ContactRemove, exit::Failure};

pub async fn run(app: &App, args: &ContactRemove) -> Result<(), Failure> {
    let session = app.session().await?;
    let profile = session.profile_named(&args.name).await?;
    session.contact_remove(profile).await?;
    let value = json!({ "name": args.name, "profile": profile.to_string(), "removed": true });
    app.printer.data(&value, || {
        format!(
            "{} is no longer a contact. What you granted stays: see aceso grant list.",
            args.name
        )
    })
}
