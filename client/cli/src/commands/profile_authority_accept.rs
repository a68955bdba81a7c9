use crate::{
    app::App,
    args::profile::ProfileAuthorityAccept,
    exit::Failure,
    render::{profile, receipt},
};

pub async fn run(app: &App, args: &ProfileAuthorityAccept) -> Result<(), Failure> {
    let mut session = app.session().await?;
    app.confirm("Your wallet takes this profile over, and new keys are published.")?;
    let rotated = session.profile_authority_accept(args.who.key()).await?;
    receipt::tell(&app.printer, &rotated.receipt);
    app.printer.data(&profile::rotated(&rotated), || profile::rotated_text(&rotated))
}
