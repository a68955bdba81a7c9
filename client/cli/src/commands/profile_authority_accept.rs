use aceso_sdk::{flow::FlowError, home::NameKind};

use crate::{
    app::App,
    args::profile::ProfileAuthorityAccept,
    exit::Failure,
    render::{profile, receipt},
};

pub async fn run(app: &App, args: &ProfileAuthorityAccept) -> Result<(), Failure> {
    let mut session = app.session().await?;
    app.confirm("Your wallet takes this profile over, and new keys are published.")?;
    let (address, name) = (args.who.key(), args.name.clone());
    // Before anything is published: without a name of its own it would not be found here.
    if let Some(taken_by) = session.home().named(NameKind::Profile, &name)?
        && taken_by != address
    {
        let taken = Failure::from(FlowError::NameTaken { name, taken_by });
        return Err(taken.with_hint("choose another one with --name"));
    }
    let rotated = session.profile_authority_accept(address).await?;
    session.home().name_set(NameKind::Profile, &name, &address)?;
    receipt::tell(&app.printer, &rotated.receipt);
    app.printer.data(&profile::rotated(&rotated), || profile::rotated_text(&rotated))?;
    for (blob, reason) in &rotated.not_kept {
        app.printer.warn(format_args!("your store could not get {}: {reason}", blob.cid_string()));
    }
    app.printer.say(
        "What the profile has so far is sealed to its former keys: import their keystore (aceso keystore import FILE), \
         then give each folder a new key (aceso folder rotate FOLDER). Tell the new fingerprint to those who share with you.",
    );
    Ok(())
}
