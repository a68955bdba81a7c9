use aceso_sdk::flow::ContactState;

use crate::{app::App, args::contact::ContactVerify, exit::Failure, render::contact};

pub async fn run(app: &App, args: &ContactVerify) -> Result<(), Failure> {
    let session = app.session().await?;
    let profile = session.profile_named(&args.name).await?;
    // What was shown is what is pinned, should the node show other keys the next moment.
    let mut expected = args.fingerprint.clone();
    if expected.is_none() {
        // A yes that nobody gave would be worth nothing here.
        if app.global.yes {
            return Err(Failure::input("--yes cannot compare a fingerprint, only a person can")
                .with_hint("give what they read to you with --fingerprint, or leave --yes out")
                .with_kind("fingerprint-needed"));
        }
        let known =
            session.contact_list().await?.into_iter().find(|known| known.profile == profile);
        let shown = known.map(|known| match known.state {
            ContactState::KeysChanged { fingerprint, .. } => fingerprint.to_string(),
            _ => known.fingerprint.to_string(),
        });
        let shown = shown.ok_or_else(|| {
            Failure::input(format!("{} is no contact, so there is no fingerprint to show", args.name))
                .with_hint("add it first with `aceso contact add`, or give what they read to you with --fingerprint")
                .with_kind("fingerprint-needed")
        })?;
        app.confirm(&format!(
            "Fingerprint of {}:\n\n  {shown}\n\nSay yes only if {} read exactly these digits to you.",
            args.name, args.name
        ))?;
        expected = Some(shown);
    }
    let view = session.contact_verify(profile, expected.as_deref()).await?;
    app.printer.data(&contact::view(&view), || contact::facts(&view).render())
}
