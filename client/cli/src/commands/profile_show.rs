use crate::{app::App, args::profile::ProfileShow, exit::Failure, render::profile};

pub async fn run(app: &App, args: &ProfileShow) -> Result<(), Failure> {
    let session = app.session().await?;
    let who = match &args.who {
        Some(name) => session.profile_named(name).await?,
        None => session.profile()?,
    };
    let view = session.profile_show(who).await?;
    app.printer.data(&profile::view(&view), || profile::facts(&view).render())
}
