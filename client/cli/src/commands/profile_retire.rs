use serde_json::json;

use crate::{app::App, exit::Failure, render::receipt};

pub async fn run(app: &App) -> Result<(), Failure> {
    let session = app.session().await?;
    let profile = session.profile()?;
    app.confirm(&format!(
        "Profile {profile} ends for good: it can neither receive nor open anything again."
    ))?;
    let sent = session.profile_retire().await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "profile": profile.to_string(), "retired": true, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || format!("Profile {profile} is retired."))
}
