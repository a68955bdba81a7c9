use crate::{
    app::App,
    exit::Failure,
    render::{profile, receipt},
};

pub async fn run(app: &App) -> Result<(), Failure> {
    let mut session = app.session().await?;
    app.confirm(
        "New keys are published. Everybody who knows you has to compare the new fingerprint before they can share with you.",
    )?;
    let rotated = session.profile_keys_rotate().await?;
    receipt::tell(&app.printer, &rotated.receipt);
    app.printer.data(&profile::rotated(&rotated), || profile::rotated_text(&rotated))?;
    app.printer.say("Make a new copy of your keystore: aceso keystore export FILE");
    Ok(())
}
